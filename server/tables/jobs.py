"""When the jobs that no person starts ran last."""

from datetime import datetime

from server.tables.row import RECORD, Row, holds, holds_names, reference


class JobRow(Row, table=True):
    """`started_at` is a lease: while it is fresh and unfinished, no other process starts the job."""

    __tablename__ = "job"
    __table_args__ = reference(key=("name",))
    name: str = holds_names(RECORD)
    started_at: datetime = holds(RECORD, datetime)
    finished_at: datetime | None = holds(RECORD, datetime, optional=True)
