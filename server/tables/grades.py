"""Grades as computed, and targets as set."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint

from server.tables.row import KEY, RECORD, Index, Row, UniqueConstraint, belongs, holds, holds_list, holds_names, tenant


class GradeRow(Row, table=True):
    """One learner's result in one course and window.

    `status` is COMPLETE, INCOMPLETE or NOT_GRADABLE. Marks are subject marks; fractions are text such as "489/2".
    """

    __tablename__ = "grade"
    __table_args__ = tenant(
        belongs("school_id", "learner_id", to="learner"),
        belongs("school_id", "course_id", to="course"),
        belongs("school_id", "window_id", to="assessment_window"),
        belongs("specification_id", to="specification"),
        belongs("boundary_set_id", to="boundary_set"),
        UniqueConstraint("school_id", "academic_year", "learner_id", "course_id", "window_id", "kind"),
        Index("grade_course", "school_id", "academic_year", "course_id"),
        key=("grade_id",),
        yearly=True,
    )
    school_id: UUID = holds(KEY, UUID)
    academic_year: int = holds(KEY, int)
    grade_id: UUID = holds(KEY, UUID)
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
    version: int = holds("grade", int)
    computed_at: datetime = holds("grade", datetime)


class TargetRow(Row, table=True):
    """`points` are those of the grade without its third: `third` of a point more, where it is 1 or -1, makes them exact."""

    __tablename__ = "target"
    __table_args__ = tenant(
        belongs("school_id", "learner_id", to="learner"),
        belongs("school_id", "course_id", to="course"),
        UniqueConstraint("school_id", "academic_year", "learner_id", "course_id"),
        CheckConstraint("third BETWEEN -1 AND 1", name="target_third"),
        key=("target_id",),
        yearly=True,
    )
    school_id: UUID = holds(KEY, UUID)
    academic_year: int = holds(KEY, int)
    target_id: UUID = holds(KEY, UUID)
    learner_id: UUID = holds(KEY, UUID)
    course_id: UUID = holds(KEY, UUID)
    value: str = holds_names("target")
    points: Decimal | None = holds("target", Decimal, optional=True)
    third: int = holds("target", int)
    set_on: date = holds("target", date)
    method: str | None = holds("target", str, optional=True)
    set_by: UUID | None = holds(RECORD, UUID, optional=True)
    version: int = holds("target", int)


class TargetVersionRow(Row, table=True):
    """Never changed: a target that another one replaced at `replaced_at`. The one that stands is in `target` alone."""

    __tablename__ = "target_version"
    __table_args__ = tenant(
        belongs("school_id", "academic_year", "target_id", to="target"),
        CheckConstraint("third BETWEEN -1 AND 1", name="target_version_third"),
        key=("target_id", "version"),
        yearly=True,
    )
    school_id: UUID = holds(KEY, UUID)
    academic_year: int = holds(KEY, int)
    target_id: UUID = holds(KEY, UUID)
    version: int = holds("target", int)
    learner_id: UUID = holds(KEY, UUID)
    course_id: UUID = holds(KEY, UUID)
    value: str = holds_names("target")
    points: Decimal | None = holds("target", Decimal, optional=True)
    third: int = holds("target", int)
    set_on: date = holds("target", date)
    method: str | None = holds("target", str, optional=True)
    set_by: UUID | None = holds(RECORD, UUID, optional=True)
    replaced_at: datetime = holds("target", datetime)


class CourseCommentRow(Row, table=True):
    """A teacher's sentence on a learner in a course and window, for the next report."""

    __tablename__ = "course_comment"
    __table_args__ = tenant(
        belongs("school_id", "learner_id", to="learner"),
        belongs("school_id", "course_id", to="course"),
        belongs("school_id", "window_id", to="assessment_window"),
        UniqueConstraint("school_id", "academic_year", "learner_id", "course_id", "window_id"),
        key=("comment_id",),
        yearly=True,
    )
    school_id: UUID = holds(KEY, UUID)
    academic_year: int = holds(KEY, int)
    comment_id: UUID = holds(KEY, UUID)
    learner_id: UUID = holds(KEY, UUID)
    course_id: UUID = holds(KEY, UUID)
    window_id: UUID = holds(KEY, UUID)
    text: str = holds("comment", str)
    written_by: UUID = holds(RECORD, UUID)
    written_at: datetime = holds(RECORD, datetime)
