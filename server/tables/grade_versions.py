"""Grades as they once stood."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from server.tables.row import KEY, RECORD, Index, Row, belongs, holds, holds_list, holds_names, tenant


class GradeVersionRow(Row, table=True):
    """Never changed: a result that another one replaced at `replaced_at`. The one that stands is in `grade` alone."""

    __tablename__ = "grade_version"
    __table_args__ = tenant(
        belongs("school_id", "academic_year", "grade_id", to="grade"),
        belongs("specification_id", to="specification"),
        belongs("boundary_set_id", to="boundary_set"),
        Index("grade_version_course", "school_id", "academic_year", "course_id"),
        key=("grade_id", "version"),
        yearly=True,
    )
    school_id: UUID = holds(KEY, UUID)
    academic_year: int = holds(KEY, int)
    grade_id: UUID = holds(KEY, UUID)
    version: int = holds("grade", int)
    learner_id: UUID = holds(KEY, UUID)
    course_id: UUID = holds(KEY, UUID)
    window_id: UUID = holds(KEY, UUID)
    kind: str = holds_names("grade")
    status: str = holds_names("grade")
    value: str | None = holds_names("grade", optional=True)
    points: Decimal | None = holds("grade", Decimal, optional=True)
    fine: Decimal | None = holds("grade", Decimal, optional=True)
    subject_mark: str | None = holds("grade", str, optional=True)
    next_grade: str | None = holds("grade", str, optional=True)
    marks_to_next: str | None = holds("grade", str, optional=True)
    floor: str | None = holds("grade", str, optional=True)
    ceiling: str | None = holds("grade", str, optional=True)
    flags: list[str] = holds_list("grade")
    specification_id: UUID = holds(KEY, UUID)
    boundary_set_id: UUID = holds(KEY, UUID)
    engine_version: str = holds(RECORD, str)
    rounding: str = holds("grade", str)
    shift: int = holds("grade", int)
    confidence: str = holds("grade", str)
    computed_at: datetime = holds("grade", datetime)
    replaced_at: datetime = holds("grade", datetime)
