"""What later work needs of a write: events in commit order, and the keys that make writes repeatable."""

from datetime import datetime
from uuid import UUID

from server.tables.row import KEY, RECORD, Row, belongs, holds, holds_count, holds_names, tenant


class OutboxHeadRow(Row, table=True):
    """Locked last in a writing transaction, so that sequence numbers of a school follow its commits.

    `told_from`: the number of the oldest event that streams are told, None for the first.
    """

    __tablename__ = "outbox_head"
    __table_args__ = tenant(belongs("school_id", to="school"), key=())
    school_id: UUID = holds(KEY, UUID)
    last_sequence: int = holds_count(RECORD)
    told_from: int | None = holds_count(RECORD, optional=True)


class OutboxEventRow(Row, table=True):
    """`payload` holds ids only: each reader is authorised anew."""

    __tablename__ = "outbox_event"
    __table_args__ = tenant(belongs("school_id", to="school"), key=("sequence",))
    school_id: UUID = holds(KEY, UUID)
    sequence: int = holds_count(RECORD)
    kind: str = holds(RECORD, str)
    payload: dict[str, object] = holds(KEY, dict)
    occurred_at: datetime = holds(RECORD, datetime)


class IdempotencyRecordRow(Row, table=True):
    """`outcome` holds ids and codes only; the payload is read anew on a repeat."""

    __tablename__ = "idempotency_record"
    __table_args__ = tenant(belongs("school_id", to="school"), key=("person_id", "idempotency_key"))
    school_id: UUID = holds(KEY, UUID)
    person_id: UUID = holds(KEY, UUID)
    idempotency_key: str = holds_names(RECORD)
    parameters_digest: str = holds(RECORD, str)
    outcome: dict[str, object] | None = holds(RECORD, dict, optional=True)
    created_at: datetime = holds(RECORD, datetime)
