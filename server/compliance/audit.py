"""The audit row of one operation, written in the operation's own transaction: no audit, no data.

This is the one place that writes them, for people and imports alike.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg import Connection, RawCursor
from psycopg.types.json import Jsonb

from server.database.pool import PoolConnection

KINDS: Final = ("read", "write", "export", "import")

# Without RETURNING: whoever writes an audit row may not read it.
_INSERT = """\
INSERT INTO usher.audit_operation (school_id, audit_id, occurred_at, person_id, capacity, client_id, roles, facts,
    profile_version, policy_version, guardrail_digest, kind, operation_name, document_digest, footprint, purpose,
    reason, elements, details, ip_address, salt, user_salt)
VALUES ($1::uuid, $2::uuid, $3::timestamptz, $4::uuid, $5::text, $6::text, $7::text[], $8::text[], $9::int, $10::int,
    $11::text, $12::text, $13::text, $14::text, $15::jsonb, $16::text, $17::text, $18::jsonb, $19::jsonb,
    $20::text, $21::uuid, $22::uuid)"""


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """What was done, by whom, under which rules.

    `kind` is one of KINDS. `elements` maps each logged element to the learners (ids as text) whose value was
    read or written; `details` are further counts and ids, never values. Only what no account did, such as a job by
    order of the installation, has no `person_id`.
    """

    school_id: UUID
    audit_id: UUID
    occurred_at: datetime
    person_id: UUID | None
    capacity: str
    profile_version: int
    policy_version: int
    ceiling_digest: str
    kind: str
    document_digest: str
    elements: Mapping[str, Sequence[str]]
    client_id: str | None = None
    role_names: Sequence[str] = ()
    facts: Sequence[str] = ()
    operation_name: str | None = None
    footprint: Mapping[str, object] | None = None
    purpose: str | None = None
    reason: str | None = None
    details: Mapping[str, object] | None = None
    ip_address: str | None = None


async def write_audit(connection: PoolConnection, record: AuditRecord) -> None:
    """Insert the row in the connection's open transaction. Raises psycopg.Error."""
    await connection.write(_INSERT, _values(record))


def write_audit_now(connection: Connection[Any], record: AuditRecord) -> None:
    """The same, for an import's plain connection."""
    RawCursor(connection).execute(_INSERT, _values(record))


def _values(record: AuditRecord) -> list[object]:
    return [
        record.school_id,
        record.audit_id,
        record.occurred_at,
        record.person_id,
        record.capacity,
        record.client_id,
        sorted(record.role_names),
        sorted(record.facts),
        record.profile_version,
        record.policy_version,
        record.ceiling_digest,
        record.kind,
        record.operation_name,
        record.document_digest,
        Jsonb(dict(record.footprint or {})),
        record.purpose,
        record.reason,
        Jsonb({element: sorted(set(learners)) for element, learners in record.elements.items()}),
        Jsonb(dict(record.details)) if record.details else None,
        record.ip_address,
        _salt(),
        _salt(),
    ]


def _salt() -> UUID:
    """128 random bits, so that nobody finds a forgotten person's id by trying all of the school's."""
    return UUID(bytes=os.urandom(16))
