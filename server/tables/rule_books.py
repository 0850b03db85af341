"""Rule books: every version a school ever published, and which one is in force."""

from datetime import datetime
from uuid import UUID

from server.tables.row import KEY, RECORD, Row, belongs, holds, tenant


class PolicyVersionRow(Row, table=True):
    __tablename__ = "policy_version"
    __table_args__ = tenant(key=("version",))
    school_id: UUID = holds(KEY, UUID)
    version: int = holds("policy", int)
    content: str = holds("policy", str)
    digest: str = holds("policy", str)
    author_id: UUID | None = holds("policy", UUID, optional=True)
    reason: str | None = holds("policy", str, optional=True)
    created_at: datetime = holds(RECORD, datetime)


class PolicyHeadRow(Row, table=True):
    __tablename__ = "policy_head"
    __table_args__ = tenant(belongs("school_id", "version", to="policy_version"), key=())
    school_id: UUID = holds(KEY, UUID)
    version: int = holds("policy", int)
