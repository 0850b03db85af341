"""Letters that wait, and what became of those that don't."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint

from server.tables.row import KEY, RECORD, Index, Row, holds, holds_names, reference


class LetterRow(Row, table=True):
    """`sealed` is the letter as only its sender can open it (server/identity/letters/sealing.py), erased with its end.

    It belongs to no school: accounts don't either. `outcome` is SENT, or GIVEN_UP; `fault` the last failure's kind.
    """

    __tablename__ = "letter"
    __table_args__ = reference(
        CheckConstraint("(outcome IS NULL) = (ended_at IS NULL)", name="letter_ended"),
        CheckConstraint("outcome IN ('SENT', 'GIVEN_UP')", name="letter_outcome"),
        CheckConstraint("outcome IS DISTINCT FROM 'SENT' OR sealed IS NULL", name="letter_erased"),
        Index("letter_queued", "queued_at"),
        key=("letter_id",),
    )
    letter_id: UUID = holds(KEY, UUID)
    kind: str = holds_names("account")
    recipient_digest: str = holds_names("account")
    sealed: str | None = holds("account", str, optional=True)
    queued_at: datetime = holds(RECORD, datetime)
    attempts: int = holds(RECORD, int)
    fault: str | None = holds(RECORD, str, optional=True)
    outcome: str | None = holds_names(RECORD, optional=True)
    ended_at: datetime | None = holds(RECORD, datetime, optional=True)


class LetterKeyRow(Row, table=True):
    """The public key that letters are sealed to; the newest is used, and its other half is a file of who sends them."""

    __tablename__ = "letter_key"
    __table_args__ = reference(key=("kid",))
    kid: str = holds_names(RECORD)
    jwk: dict[str, Any] = holds(RECORD, dict)
    made_at: datetime = holds(RECORD, datetime)
