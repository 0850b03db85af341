"""What people expect of a learner: teachers' estimates, and forecasts that somebody confirmed."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint

from server.tables.row import KEY, RECORD, Index, Row, UniqueConstraint, belongs, holds, holds_names, tenant


class TeacherEstimateRow(Row, table=True):
    """Never changed: the newest version counts. Of a component it is a raw mark, of a whole course a grade.

    `component_code` is empty for the whole course; with neither score nor value the estimate was taken back.
    """

    __tablename__ = "teacher_estimate"
    __table_args__ = tenant(
        belongs("school_id", "learner_id", to="learner"),
        belongs("school_id", "course_id", to="course"),
        UniqueConstraint("school_id", "learner_id", "course_id", "academic_year", "component_code", "version"),
        CheckConstraint(
            "score IS NULL OR (score >= 0 AND value IS NULL AND component_code <> '')", name="teacher_estimate_score"
        ),
        CheckConstraint("value IS NULL OR component_code = ''", name="teacher_estimate_value"),
        CheckConstraint(
            "version >= 1 AND (version > 1 OR score IS NOT NULL OR value IS NOT NULL) AND (value IS NULL OR value <> '')",
            name="teacher_estimate_says",
        ),
        key=("estimate_id",),
    )
    school_id: UUID = holds(KEY, UUID)
    estimate_id: UUID = holds(KEY, UUID)
    academic_year: int = holds(KEY, int)
    learner_id: UUID = holds(KEY, UUID)
    course_id: UUID = holds(KEY, UUID)
    component_code: str = holds_names("forecast")
    version: int = holds("forecast", int)
    score: Decimal | None = holds("forecast", Decimal, optional=True)
    value: str | None = holds_names("forecast", optional=True)
    reason: str | None = holds("forecast", str, optional=True)
    recorded_by: UUID = holds(RECORD, UUID)
    recorded_at: datetime = holds("forecast", datetime)


class ForecastConfirmationRow(Row, table=True):
    """Never changed: a person says that a forecast may be used, as it stood then. `low` and `high` are grades.

    `shift` is NULL in those of before it was kept.
    """

    __tablename__ = "forecast_confirmation"
    __table_args__ = tenant(
        belongs("school_id", "learner_id", to="learner"),
        belongs("school_id", "course_id", to="course"),
        belongs("school_id", "window_id", to="assessment_window"),
        belongs("specification_id", to="specification"),
        belongs("boundary_set_id", to="boundary_set"),
        Index("forecast_confirmation_learner", "school_id", "learner_id", "course_id"),
        key=("confirmation_id",),
    )
    school_id: UUID = holds(KEY, UUID)
    confirmation_id: UUID = holds(KEY, UUID)
    academic_year: int = holds(KEY, int)
    learner_id: UUID = holds(KEY, UUID)
    course_id: UUID = holds(KEY, UUID)
    window_id: UUID = holds(KEY, UUID)
    method: str = holds_names("forecast")
    method_version: int = holds("forecast", int)
    value: str = holds_names("forecast")
    low: str | None = holds_names("forecast", optional=True)
    high: str | None = holds_names("forecast", optional=True)
    points: Decimal | None = holds("forecast", Decimal, optional=True)
    specification_id: UUID = holds(KEY, UUID)
    boundary_set_id: UUID = holds(KEY, UUID)
    shift: int | None = holds("forecast", int, optional=True)
    note: str | None = holds("forecast", str, optional=True)
    confirmed_by: UUID = holds("forecast", UUID)
    confirmed_at: datetime = holds("forecast", datetime)
