"""What families may be told of the audit: how often which role looked, month by month, once the officer releases it."""

from datetime import date, datetime
from uuid import UUID

from server.tables.row import KEY, RECORD, Index, Row, belongs, holds, holds_names, tenant


class AccessSummaryRow(Row, table=True):
    """`month` is its first day; `who` a role's phrase, such as "class teachers"; `times` counts operations."""

    __tablename__ = "access_summary"
    __table_args__ = tenant(belongs("school_id", "learner_id", to="learner"), key=("learner_id", "month", "who"))
    school_id: UUID = holds(KEY, UUID)
    learner_id: UUID = holds(KEY, UUID)
    month: date = holds("access_summary", date)
    who: str = holds_names("access_summary")
    times: int = holds("access_summary", int)
    computed_at: datetime = holds(RECORD, datetime)


class AccessSummaryReleaseRow(Row, table=True):
    """An officer's release; families read summaries while one isn't withdrawn."""

    __tablename__ = "access_summary_release"
    __table_args__ = tenant(
        belongs("school_id", "released_by", to="person(school_id, person_id)"),
        belongs("school_id", "withdrawn_by", to="person(school_id, person_id)"),
        Index("access_summary_release_live", "school_id", unique=True, postgresql_where="withdrawn_at IS NULL"),
        key=("release_id",),
    )
    school_id: UUID = holds(KEY, UUID)
    release_id: UUID = holds(KEY, UUID)
    released_at: datetime = holds("audit", datetime)
    released_by: UUID = holds("audit", UUID)
    withdrawn_at: datetime | None = holds("audit", datetime, optional=True)
    withdrawn_by: UUID | None = holds("audit", UUID, optional=True)
