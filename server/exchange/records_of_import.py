"""What an import leaves behind besides its rows: the batch, the audit row, the events."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from server.commands.keys import new_key
from server.errors import BadUserInput
from server.exchange import bulk
from server.exchange.bulk import Connection
from server.exchange.context import ImportContext
from server.policies.shipped import shipped_ceiling


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
    [version] = connection.execute(
        "SELECT version FROM usher.policy_head WHERE school_id = %s", [context.school_id]
    ).fetchone() or [0]
    row: dict[str, Any] = {
        "audit_id": new_key(),
        "occurred_at": batch.now,
        "person_id": context.person_id,
        "capacity": context.capacity,
        "client_id": None,
        "roles": [],
        "facts": [],
        "profile_version": 0,
        "policy_version": version,
        "guardrail_digest": shipped_ceiling().digest(),
        "kind": f"import.{batch.kind}",
        "operation_name": None,
        "document_digest": batch.digest,
        "footprint": {element: ["write"] for element in sorted(written)},
        "purpose": None,
        "reason": batch.declaration.statement,
        "elements": {element: sorted(map(str, learners)) for element, learners in sorted(written.items())},
        "details": {"batch": str(batch.batch_id), **details},
    }
    bulk.insert(connection, "audit_operation", context.school_id, [row])


def store_events(
    connection: Connection, context: ImportContext, kind: str, payloads: Sequence[Mapping[str, Any]], now: datetime
) -> None:
    """Events in commit order: the school's head stays locked until the transaction ends, so call this last."""
    if not payloads:
        return
    [last] = connection.execute(
        "UPDATE usher.outbox_head SET last_sequence = last_sequence + %s WHERE school_id = %s RETURNING last_sequence",
        [len(payloads), context.school_id],
    ).fetchone() or [0]
    first = last - len(payloads) + 1
    rows = [
        {"sequence": number, "kind": kind, "payload": payload, "occurred_at": now}
        for number, payload in enumerate(payloads, start=first)
    ]
    bulk.insert(connection, "outbox_event", context.school_id, rows)
