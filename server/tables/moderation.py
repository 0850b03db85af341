"""When marks may be entered, and how two markers came to one mark."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint

from server.tables.row import KEY, RECORD, Row, belongs, holds, holds_names, tenant


class WindowStepRow(Row, table=True):
    """Never changed: the highest step of a course in a window says how it stands; without one it is OPEN."""

    __tablename__ = "window_step"
    __table_args__ = tenant(
        belongs("school_id", "window_id", to="assessment_window"),
        belongs("school_id", "course_id", to="course"),
        CheckConstraint("state IN ('OPEN', 'LOCKED', 'MODERATING')", name="window_step_state"),
        CheckConstraint("step > 0", name="window_step_number"),
        key=("window_id", "course_id", "step"),
    )
    school_id: UUID = holds(KEY, UUID)
    window_id: UUID = holds(KEY, UUID)
    course_id: UUID = holds(KEY, UUID)
    step: int = holds("school_structure", int)
    state: str = holds_names("school_structure")
    reason: str | None = holds("school_structure", str, optional=True)
    taken_by: UUID = holds(RECORD, UUID)
    taken_at: datetime = holds("school_structure", datetime)


class MarkModerationRow(Row, table=True):
    """Never changed: what a second marker gave for one version of a mark, and why. The agreed mark is a new version."""

    __tablename__ = "mark_moderation"
    __table_args__ = tenant(
        belongs("school_id", "academic_year", "mark_id", "version", to="mark_version"),
        CheckConstraint("score >= 0", name="mark_moderation_score"),
        key=("mark_id", "version", "moderated_by"),
        yearly=True,
    )
    school_id: UUID = holds(KEY, UUID)
    academic_year: int = holds(KEY, int)
    mark_id: UUID = holds(KEY, UUID)
    version: int = holds("mark", int)
    learner_id: UUID = holds(KEY, UUID)
    course_id: UUID = holds(KEY, UUID)
    score: Decimal = holds("mark", Decimal)
    reason: str = holds("mark", str)
    moderated_by: UUID = holds(KEY, UUID)
    moderated_at: datetime = holds("mark", datetime)
