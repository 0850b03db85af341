"""Reports: frozen snapshots, one per learner and publication."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint

from server.tables.row import KEY, RECORD, Index, Row, UniqueConstraint, belongs, holds, holds_names, tenant


class PublicationRow(Row, table=True):
    """One act of publishing a window's reports. `status` is LIVE, SUPERSEDED or WITHDRAWN."""

    __tablename__ = "publication"
    __table_args__ = tenant(
        belongs("school_id", "window_id", to="assessment_window"),
        UniqueConstraint("school_id", "window_id", "year_group", "version"),
        CheckConstraint("status IN ('LIVE', 'SUPERSEDED', 'WITHDRAWN')", name="publication_status"),
        key=("publication_id",),
    )
    school_id: UUID = holds(KEY, UUID)
    publication_id: UUID = holds(KEY, UUID)
    academic_year: int = holds("school_structure", int)
    window_id: UUID = holds(KEY, UUID)
    year_group: str = holds_names("school_structure")
    name: str = holds_names("school_structure")
    version: int = holds("school_structure", int)
    status: str = holds_names("school_structure")
    published_at: datetime = holds("school_structure", datetime)
    published_by: UUID = holds(RECORD, UUID)


class ReportRow(Row, table=True):
    __tablename__ = "report"
    __table_args__ = tenant(
        belongs("school_id", "publication_id", to="publication"),
        belongs("school_id", "learner_id", to="learner"),
        UniqueConstraint("school_id", "publication_id", "learner_id"),
        Index("report_learner", "school_id", "learner_id"),
        key=("report_id",),
    )
    school_id: UUID = holds(KEY, UUID)
    report_id: UUID = holds(KEY, UUID)
    publication_id: UUID = holds(KEY, UUID)
    learner_id: UUID = holds(KEY, UUID)
    version: int = holds("groups", int)
    published_at: datetime = holds("groups", datetime)


class ReportLineRow(Row, table=True):
    __tablename__ = "report_line"
    __table_args__ = tenant(
        belongs("school_id", "report_id", to="report"),
        belongs("school_id", "publication_id", to="publication"),
        belongs("school_id", "course_id", to="course"),
        Index("report_line_report", "school_id", "report_id"),
        key=("report_line_id",),
    )
    school_id: UUID = holds(KEY, UUID)
    report_line_id: UUID = holds(KEY, UUID)
    report_id: UUID = holds(KEY, UUID)
    publication_id: UUID = holds(KEY, UUID)
    learner_id: UUID = holds(KEY, UUID)
    course_id: UUID = holds(KEY, UUID)
    position: int = holds("groups", int)
    course_name: str = holds("groups", str)
    teacher_name: str | None = holds("staff_name", str, optional=True)
    grade: str | None = holds("grade", str, optional=True)
    target: str | None = holds("target", str, optional=True)
    comment: str | None = holds("comment", str, optional=True)
    specification: str | None = holds("grade", str, optional=True)
    series: str | None = holds("grade", str, optional=True)
    shift: int | None = holds("grade", int, optional=True)
    rounding: str | None = holds("grade", str, optional=True)
    confidence: str | None = holds("grade", str, optional=True)


class ReportReceiptRow(Row, table=True):
    __tablename__ = "report_receipt"
    __table_args__ = tenant(belongs("school_id", "report_id", to="report"), key=("report_id", "person_id"))
    school_id: UUID = holds(KEY, UUID)
    report_id: UUID = holds(KEY, UUID)
    person_id: UUID = holds(KEY, UUID)
    learner_id: UUID = holds(KEY, UUID)
    received_at: datetime = holds("parent_link", datetime)
