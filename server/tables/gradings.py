"""How courses are graded where they choose: a window's series and shift, and scales of courses without a specification."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint

from server.tables.row import KEY, RECORD, Row, belongs, holds, holds_list, tenant


class WindowGradingRow(Row, table=True):
    """Never changed: the highest version of a course in a window counts; without one it is the course's series, unshifted.

    No boundary set: the course's own. A set of another specification than the course's counts for nothing. `set_by` is
    NULL where newer boundaries of the series were put in.
    """

    __tablename__ = "window_grading"
    __table_args__ = tenant(
        belongs("school_id", "window_id", to="assessment_window"),
        belongs("school_id", "course_id", to="course"),
        belongs("specification_id", to="specification"),
        belongs("boundary_set_id", to="boundary_set"),
        CheckConstraint("shift BETWEEN -10 AND 10", name="window_grading_shift"),
        CheckConstraint("(specification_id IS NULL) = (boundary_set_id IS NULL)", name="window_grading_series"),
        CheckConstraint("version > 0", name="window_grading_version"),
        key=("course_id", "window_id", "version"),
    )
    school_id: UUID = holds(KEY, UUID)
    course_id: UUID = holds(KEY, UUID)
    window_id: UUID = holds(KEY, UUID)
    version: int = holds("school_structure", int)
    shift: int = holds("school_structure", int)
    specification_id: UUID | None = holds(KEY, UUID, optional=True)
    boundary_set_id: UUID | None = holds(KEY, UUID, optional=True)
    reason: str = holds("school_structure", str)
    set_by: UUID | None = holds(RECORD, UUID, optional=True)
    set_at: datetime = holds("school_structure", datetime)


class CourseScaleRow(Row, table=True):
    """Never changed: the highest version counts, of a course without a specification.

    `grades` are best first; `points` are exact decimals in their order, or none: then the labels can't be reckoned with.
    """

    __tablename__ = "course_scale"
    __table_args__ = tenant(
        belongs("school_id", "course_id", to="course"),
        CheckConstraint("version > 0", name="course_scale_version"),
        CheckConstraint("cardinality(grades) > 0", name="course_scale_grades"),
        CheckConstraint("cardinality(points) IN (0, cardinality(grades))", name="course_scale_points"),
        key=("course_id", "version"),
    )
    school_id: UUID = holds(KEY, UUID)
    course_id: UUID = holds(KEY, UUID)
    version: int = holds("school_structure", int)
    grades: list[str] = holds_list("school_structure")
    points: list[str] = holds_list("school_structure")
    reason: str | None = holds("school_structure", str, optional=True)
    set_by: UUID = holds(RECORD, UUID)
    set_at: datetime = holds("school_structure", datetime)
