"""The audit row of one operation, written in the operation's own transaction: no audit, no data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.types.json import Jsonb

from server.database.pool import PoolConnection

# Without RETURNING: the application may add audit rows and never read them.
_INSERT = """\
INSERT INTO usher.audit_operation (school_id, audit_id, occurred_at, person_id, capacity, client_id, roles, facts,
    profile_version, policy_version, guardrail_digest, kind, operation_name, document_digest, footprint, purpose,
    reason, elements, details)
VALUES ($1::uuid, $2::uuid, $3::timestamptz, $4::uuid, $5::text, $6::text, $7::text[], $8::text[], $9::int, $10::int,
    $11::text, $12::text, $13::text, $14::text, $15::jsonb, $16::text, $17::text, $18::jsonb, $19::jsonb)"""


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """What was done, by whom, under which rules.

    `kind` is read, write or export. `elements` maps each logged element to the learners (ids as text) whose value was
    read or written; `details` are further counts and ids, never values.
    """

    school_id: UUID
    audit_id: UUID
    occurred_at: datetime
    person_id: UUID
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


async def write_audit(connection: PoolConnection, record: AuditRecord) -> None:
    """Insert the row in the connection's open transaction. Raises psycopg.Error."""
    await connection.reader.execute(_INSERT, _values(record))


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
    ]
