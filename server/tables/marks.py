"""Marks: the current row, every version it ever had, and its parts."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint

from server.tables.row import KEY, RECORD, Index, Row, UniqueConstraint, belongs, holds, holds_names, tenant


class MarkRow(Row, table=True):
    """`state` is SCORED, ABSENT, NOT_ENTERED, PENDING or EXEMPT; only SCORED has a score, in raw marks."""

    __tablename__ = "mark"
    __table_args__ = tenant(
        belongs("school_id", "learner_id", to="learner"),
        belongs("school_id", "assessment_id", to="assessment"),
        UniqueConstraint("school_id", "learner_id", "assessment_id", "attempt", "academic_year"),
        CheckConstraint("state IN ('SCORED', 'ABSENT', 'NOT_ENTERED', 'PENDING', 'EXEMPT')", name="mark_state"),
        CheckConstraint(
            "(state = 'SCORED') = (score IS NOT NULL) AND (score IS NULL OR score >= 0)", name="mark_score"
        ),
        Index("mark_assessment", "school_id", "assessment_id"),
        key=("mark_id",),
        yearly=True,
    )
    school_id: UUID = holds(KEY, UUID)
    academic_year: int = holds(KEY, int)
    mark_id: UUID = holds(KEY, UUID)
    learner_id: UUID = holds(KEY, UUID)
    assessment_id: UUID = holds(KEY, UUID)
    course_id: UUID = holds(KEY, UUID)
    class_id: UUID | None = holds(KEY, UUID, optional=True)
    attempt: int = holds("mark", int)
    state: str = holds_names("mark")
    score: Decimal | None = holds("mark", Decimal, optional=True)
    version: int = holds("mark", int)
    recorded_at: datetime = holds("mark", datetime)
    recorded_by: UUID = holds(RECORD, UUID)


class MarkVersionRow(Row, table=True):
    """Never changed: what was recorded, by whom, in which capacity, from which batch and why."""

    __tablename__ = "mark_version"
    __table_args__ = tenant(
        belongs("school_id", "academic_year", "mark_id", to="mark"),
        Index("mark_version_batch", "school_id", "batch"),
        key=("mark_id", "version"),
        yearly=True,
    )
    school_id: UUID = holds(KEY, UUID)
    academic_year: int = holds(KEY, int)
    mark_id: UUID = holds(KEY, UUID)
    version: int = holds("mark", int)
    learner_id: UUID = holds(KEY, UUID)
    course_id: UUID = holds(KEY, UUID)
    state: str = holds_names("mark")
    score: Decimal | None = holds("mark", Decimal, optional=True)
    recorded_at: datetime = holds("mark", datetime)
    recorded_by: UUID = holds(RECORD, UUID)
    capacity: str = holds(RECORD, str)
    batch: str | None = holds_names(RECORD, optional=True)
    reason: str | None = holds("mark", str, optional=True)


class MarkPartVersionRow(Row, table=True):
    """Never changed: a question that had a score in a version of the mark that another one replaced."""

    __tablename__ = "mark_part_version"
    __table_args__ = tenant(
        belongs("school_id", "academic_year", "mark_id", to="mark"),
        key=("mark_id", "version", "question"),
        yearly=True,
    )
    school_id: UUID = holds(KEY, UUID)
    academic_year: int = holds(KEY, int)
    mark_id: UUID = holds(KEY, UUID)
    version: int = holds("mark", int)
    question: str = holds_names("mark")
    learner_id: UUID = holds(KEY, UUID)
    course_id: UUID = holds(KEY, UUID)
    position: int = holds("mark", int)
    topic: str = holds_names("mark")
    score: Decimal | None = holds("mark", Decimal, optional=True)
    maximum: Decimal = holds("mark", Decimal)


class MarkPartRow(Row, table=True):
    __tablename__ = "mark_part"
    __table_args__ = tenant(
        belongs("school_id", "academic_year", "mark_id", to="mark"),
        key=("mark_id", "question"),
        yearly=True,
    )
    school_id: UUID = holds(KEY, UUID)
    academic_year: int = holds(KEY, int)
    mark_id: UUID = holds(KEY, UUID)
    question: str = holds_names("mark")
    learner_id: UUID = holds(KEY, UUID)
    course_id: UUID = holds(KEY, UUID)
    position: int = holds("mark", int)
    topic: str = holds_names("mark")
    score: Decimal | None = holds("mark", Decimal, optional=True)
    maximum: Decimal = holds("mark", Decimal)
