"""Schools, the settings that a school's answers depend on."""

from datetime import datetime
from uuid import UUID

from server.tables.row import KEY, RECORD, Row, holds, tenant


class SchoolRow(Row, table=True):
    __tablename__ = "school"
    __table_args__ = tenant(key=())
    school_id: UUID = holds(KEY, UUID)
    name: str = holds("reference", str)
    urn: str | None = holds("reference", str, optional=True)
    laestab: str | None = holds("reference", str, optional=True)
    academic_year: int = holds("reference", int)
    suppression_threshold: int = holds("reference", int)
    created_at: datetime = holds(RECORD, datetime)
