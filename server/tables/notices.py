"""What the platform tells a person of the school: what has happened, by ids, and that they have read it."""

from datetime import datetime
from uuid import UUID

from server.tables.row import KEY, RECORD, Index, Row, UniqueConstraint, belongs, holds, tenant


class NoticeRow(Row, table=True):
    """`payload` holds ids only; whoever reads it is authorised anew for what they point at."""

    __tablename__ = "notice"
    __table_args__ = tenant(
        belongs("school_id", "person_id", to="person"),
        UniqueConstraint("school_id", "notice_id", "person_id"),
        Index("notice_person", "school_id", "person_id", "posted_at"),
        key=("notice_id",),
    )
    school_id: UUID = holds(KEY, UUID)
    notice_id: UUID = holds(KEY, UUID)
    person_id: UUID = holds(KEY, UUID)
    kind: str = holds(RECORD, str)
    payload: dict[str, object] = holds(KEY, dict)
    posted_at: datetime = holds(RECORD, datetime)


class NoticeReadRow(Row, table=True):
    """By the person to whom it is addressed, who alone may say so."""

    __tablename__ = "notice_read"
    __table_args__ = tenant(belongs("school_id", "notice_id", "person_id", to="notice"), key=("notice_id",))
    school_id: UUID = holds(KEY, UUID)
    notice_id: UUID = holds(KEY, UUID)
    person_id: UUID = holds(KEY, UUID)
    read_at: datetime = holds(RECORD, datetime)
