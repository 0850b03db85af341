"""Assessments: one component of a course, sat in one window by some classes."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from server.tables.row import KEY, Index, Row, UniqueConstraint, belongs, holds, holds_names, tenant


class AssessmentWindowRow(Row, table=True):
    __tablename__ = "assessment_window"
    __table_args__ = tenant(
        belongs("school_id", to="school"),
        UniqueConstraint("school_id", "academic_year", "name"),
        key=("window_id",),
    )
    school_id: UUID = holds(KEY, UUID)
    window_id: UUID = holds(KEY, UUID)
    academic_year: int = holds("school_structure", int)
    name: str = holds_names("school_structure")
    starts_on: date = holds("school_structure", date)
    ends_on: date = holds("school_structure", date)


class AssessmentRow(Row, table=True):
    """`component_code` names the specification's component; maximum and step are raw marks."""

    __tablename__ = "assessment"
    __table_args__ = tenant(
        belongs("school_id", "course_id", to="course"),
        belongs("school_id", "window_id", to="assessment_window"),
        UniqueConstraint("school_id", "course_id", "window_id", "component_code"),
        key=("assessment_id",),
    )
    school_id: UUID = holds(KEY, UUID)
    assessment_id: UUID = holds(KEY, UUID)
    academic_year: int = holds("school_structure", int)
    course_id: UUID = holds(KEY, UUID)
    window_id: UUID = holds(KEY, UUID)
    component_code: str = holds_names("school_structure")
    name: str = holds_names("school_structure")
    maximum: Decimal = holds("school_structure", Decimal)
    step: Decimal = holds("school_structure", Decimal)
    held_on: date = holds("school_structure", date)


class AssessmentClassRow(Row, table=True):
    __tablename__ = "assessment_class"
    __table_args__ = tenant(
        belongs("school_id", "assessment_id", to="assessment"),
        belongs("school_id", "class_id", to="class"),
        Index("assessment_class_class", "school_id", "class_id"),
        key=("assessment_id", "class_id"),
    )
    school_id: UUID = holds(KEY, UUID)
    assessment_id: UUID = holds(KEY, UUID)
    class_id: UUID = holds(KEY, UUID)
