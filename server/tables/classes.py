"""Courses, the classes that follow them, and the groups learners sit in."""

from datetime import date
from uuid import UUID

from server.tables.row import KEY, RECORD, Index, Row, UniqueConstraint, belongs, holds, holds_names, tenant


class CourseRow(Row, table=True):
    """One subject as one year group follows it: against a specification and a series, or against none."""

    __tablename__ = "course"
    __table_args__ = tenant(
        belongs("school_id", to="school"),
        belongs("specification_id", to="specification"),
        belongs("boundary_set_id", to="boundary_set"),
        key=("course_id",),
    )
    school_id: UUID = holds(KEY, UUID)
    course_id: UUID = holds(KEY, UUID)
    academic_year: int = holds("school_structure", int)
    name: str = holds_names("school_structure")
    subject: str = holds_names("school_structure")
    department: str = holds_names("school_structure")
    year_group: str = holds_names("school_structure")
    specification_id: UUID | None = holds(KEY, UUID, optional=True)
    boundary_set_id: UUID | None = holds(KEY, UUID, optional=True)


class ClassRow(Row, table=True):
    """`reveals` is the element that being in the class tells of a learner, such as sen_provision; NULL for most."""

    __tablename__ = "class"
    __table_args__ = tenant(
        belongs("school_id", "course_id", to="course"),
        belongs("reveals", to="special_element(element)"),
        UniqueConstraint("school_id", "academic_year", "name"),
        Index("class_course", "school_id", "course_id"),
        key=("class_id",),
    )
    school_id: UUID = holds(KEY, UUID)
    class_id: UUID = holds(KEY, UUID)
    course_id: UUID = holds(KEY, UUID)
    academic_year: int = holds("school_structure", int)
    name: str = holds_names("school_structure")
    reveals: str | None = holds_names(KEY, optional=True)


class EnrolmentRow(Row, table=True):
    __tablename__ = "enrolment"
    __table_args__ = tenant(
        belongs("school_id", "class_id", to="class"),
        belongs("school_id", "learner_id", to="learner"),
        Index("enrolment_class", "school_id", "class_id"),
        Index("enrolment_learner", "school_id", "learner_id"),
        key=("enrolment_id",),
    )
    school_id: UUID = holds(KEY, UUID)
    enrolment_id: UUID = holds(KEY, UUID)
    class_id: UUID = holds(KEY, UUID)
    learner_id: UUID = holds(KEY, UUID)
    course_id: UUID = holds(KEY, UUID)
    academic_year: int = holds("groups", int)
    source: str = holds(RECORD, str)
    valid_from: date = holds("groups", date)
    valid_to: date | None = holds("groups", date, optional=True)


class TutorGroupRow(Row, table=True):
    __tablename__ = "tutor_group"
    __table_args__ = tenant(
        belongs("school_id", to="school"),
        UniqueConstraint("school_id", "academic_year", "name"),
        key=("tutor_group_id",),
    )
    school_id: UUID = holds(KEY, UUID)
    tutor_group_id: UUID = holds(KEY, UUID)
    academic_year: int = holds("school_structure", int)
    name: str = holds_names("school_structure")
    year_group: str = holds_names("school_structure")


class TutorMembershipRow(Row, table=True):
    __tablename__ = "tutor_membership"
    __table_args__ = tenant(
        belongs("school_id", "tutor_group_id", to="tutor_group"),
        belongs("school_id", "learner_id", to="learner"),
        Index("tutor_membership_group", "school_id", "tutor_group_id"),
        Index("tutor_membership_learner", "school_id", "learner_id"),
        key=("tutor_membership_id",),
    )
    school_id: UUID = holds(KEY, UUID)
    tutor_membership_id: UUID = holds(KEY, UUID)
    tutor_group_id: UUID = holds(KEY, UUID)
    learner_id: UUID = holds(KEY, UUID)
    source: str = holds(RECORD, str)
    valid_from: date = holds("groups", date)
    valid_to: date | None = holds("groups", date, optional=True)
