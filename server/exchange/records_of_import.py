"""What an import leaves behind besides its rows: the batch, the audit row, the events."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from server.commands.keys import new_key
from server.commands.outbox import Event, write_events_now
from server.compliance.audit import AuditRecord, write_audit_now
from server.errors import BadUserInput
from server.exchange import bulk
from server.exchange.bulk import Connection
from server.exchange.context import ImportContext
from server.policies.shipped import shipped_ceiling

_IMPORTER: Final = """\
SELECT coalesce((SELECT max(p.profile_version) FROM usher.access_profile AS p
    WHERE p.school_id = %(school)s AND p.person_id = %(person)s AND p.capacity = 'STAFF'), 0),
  coalesce((SELECT h.version FROM usher.policy_head AS h WHERE h.school_id = %(school)s), 0),
  coalesce((SELECT array_agg(DISTINCT r.role ORDER BY r.role) FROM usher.role_assignment AS r
    WHERE r.school_id = %(school)s AND r.person_id = %(person)s
      AND r.valid_from <= %(today)s AND (r.valid_to IS NULL OR r.valid_to > %(today)s)), '{}')"""


@dataclass(frozen=True, slots=True)
class Declaration:
    """That the school may lawfully give the data, in the words of the person who imports (R54)."""

    statement: str

    def __post_init__(self) -> None:
        if not self.statement.strip():
            raise BadUserInput("declaration must say that the school may give this data.", ("declaration",))


@dataclass(frozen=True, slots=True)
class Batch:
    """One file on its way in. `digest` is the SHA-256 of the file's bytes."""

    batch_id: UUID
    kind: str
    digest: str
    now: datetime
    declaration: Declaration


def new_batch(kind: str, content: bytes, now: datetime, declaration: Declaration) -> Batch:
    return Batch(new_key(), kind, hashlib.sha256(content).hexdigest(), now, declaration)


def is_repeated(connection: Connection, context: ImportContext, batch: Batch) -> bool:
    """Whether the last file of this kind that this school gave was this very one, without a refused row."""
    newest = connection.execute(
        "SELECT file_digest, rows_refused FROM usher.import_batch WHERE school_id = %s AND kind = %s "
        "ORDER BY imported_at DESC, batch_id DESC LIMIT 1",
        [context.school_id, batch.kind],
    ).fetchone()
    return newest is not None and newest[0] == batch.digest and newest[1] == 0


def store_batch(connection: Connection, context: ImportContext, batch: Batch, accepted: int, refused: int) -> None:
    row = {
        "batch_id": batch.batch_id,
        "kind": batch.kind,
        "file_digest": batch.digest,
        "declared_by": context.person_id,
        "imported_at": batch.now,
        "rows_accepted": accepted,
        "rows_refused": refused,
    }
    bulk.insert(connection, "import_batch", context.school_id, [row])


def store_audit(
    connection: Connection,
    context: ImportContext,
    batch: Batch,
    written: Mapping[str, set[UUID]],
    details: Mapping[str, Any],
) -> None:
    """One row: which elements of which learners the file wrote. What stood in them is not repeated here."""
    profile, policy, roles = _importer(connection, context, batch.now.date())
    record = AuditRecord(
        school_id=context.school_id,
        audit_id=new_key(),
        occurred_at=batch.now,
        person_id=context.person_id,
        capacity=context.capacity,
        profile_version=profile,
        policy_version=policy,
        ceiling_digest=shipped_ceiling().digest(),
        kind="import",
        document_digest=batch.digest,
        elements={element: sorted(map(str, learners)) for element, learners in sorted(written.items())},
        role_names=roles,
        footprint={"write": sorted(written)},
        reason=batch.declaration.statement,
        details={"file": batch.kind, "batch": str(batch.batch_id), **details},
    )
    write_audit_now(connection, record)


def _importer(connection: Connection, context: ImportContext, today: date) -> tuple[int, int, list[str]]:
    """Profile and policy version, and the roles, of the person in whose name the file comes.

    They act through the operator's command line, where no profile is planned for: the versions are those of their
    account among the staff, and 0 where they have none.
    """
    found = connection.execute(_IMPORTER, {"school": context.school_id, "person": context.person_id, "today": today})
    profile, policy, roles = found.fetchone() or (0, 0, [])
    return profile, policy, roles


def store_events(
    connection: Connection, context: ImportContext, kind: str, payloads: Sequence[Mapping[str, Any]], now: datetime
) -> None:
    """Events in commit order: the school's head stays locked until the transaction ends, so call this last."""
    write_events_now(connection, context.school_id, [Event(kind, dict(payload)) for payload in payloads], now)
