"""Staff, and the dated assignments that tie them to learners."""

from datetime import date
from uuid import UUID

from server.tables.row import KEY, RECORD, Index, Row, belongs, holds, holds_names, tenant


class StaffRow(Row, table=True):
    __tablename__ = "staff"
    __table_args__ = tenant(
        belongs("school_id", "staff_id", to="person(school_id, person_id)"),
        Index("staff_sort_key", "school_id", "sort_key", "staff_id"),
        key=("staff_id",),
    )
    school_id: UUID = holds(KEY, UUID)
    staff_id: UUID = holds(KEY, UUID)
    mis_id: str | None = holds_names("identifier", optional=True)
    title: str | None = holds("staff_name", str, optional=True)
    given_name: str = holds("staff_name", str)
    family_name: str = holds("staff_name", str)
    sort_key: str = holds_names("staff_name")
    job_title: str | None = holds("staff_name", str, optional=True)
    email: str | None = holds("staff_contact", str, optional=True)
    phone: str | None = holds("staff_contact", str, optional=True)
    left_on: date | None = holds(RECORD, date, optional=True)


class TeachingAssignmentRow(Row, table=True):
    """Who teaches a class: `kind` is TEACHER, COVER or ASSISTANT; a manual or cover row has an end date."""

    __tablename__ = "teaching_assignment"
    __table_args__ = tenant(
        belongs("school_id", "staff_id", to="staff"),
        belongs("school_id", "class_id", to="class"),
        Index("teaching_assignment_staff", "school_id", "staff_id"),
        Index("teaching_assignment_class", "school_id", "class_id"),
        key=("teaching_assignment_id",),
    )
    school_id: UUID = holds(KEY, UUID)
    teaching_assignment_id: UUID = holds(KEY, UUID)
    staff_id: UUID = holds(KEY, UUID)
    class_id: UUID = holds(KEY, UUID)
    course_id: UUID = holds(KEY, UUID)
    kind: str = holds("role_assignment", str)
    source: str = holds(RECORD, str)
    valid_from: date = holds("role_assignment", date)
    valid_to: date | None = holds("role_assignment", date, optional=True)


class PastoralAssignmentRow(Row, table=True):
    """Who looks after a tutor group, or a whole year group: exactly one of the two is set."""

    __tablename__ = "pastoral_assignment"
    __table_args__ = tenant(
        belongs("school_id", "staff_id", to="staff"),
        belongs("school_id", "tutor_group_id", to="tutor_group"),
        Index("pastoral_assignment_staff", "school_id", "staff_id"),
        key=("pastoral_assignment_id",),
    )
    school_id: UUID = holds(KEY, UUID)
    pastoral_assignment_id: UUID = holds(KEY, UUID)
    staff_id: UUID = holds(KEY, UUID)
    tutor_group_id: UUID | None = holds(KEY, UUID, optional=True)
    year_group: str | None = holds_names("role_assignment", optional=True)
    source: str = holds(RECORD, str)
    valid_from: date = holds("role_assignment", date)
    valid_to: date | None = holds("role_assignment", date, optional=True)


class DepartmentLeadRow(Row, table=True):
    __tablename__ = "department_lead"
    __table_args__ = tenant(
        belongs("school_id", "staff_id", to="staff"),
        Index("department_lead_staff", "school_id", "staff_id"),
        key=("department_lead_id",),
    )
    school_id: UUID = holds(KEY, UUID)
    department_lead_id: UUID = holds(KEY, UUID)
    staff_id: UUID = holds(KEY, UUID)
    department: str = holds_names("role_assignment")
    source: str = holds(RECORD, str)
    valid_from: date = holds("role_assignment", date)
    valid_to: date | None = holds("role_assignment", date, optional=True)


class LearnerAssignmentRow(Row, table=True):
    """One learner given to one member of staff by name.

    `kind` is CASELOAD (an additional-needs case) or ASSIGNED (any other task).
    """

    __tablename__ = "learner_assignment"
    __table_args__ = tenant(
        belongs("school_id", "staff_id", to="staff"),
        belongs("school_id", "learner_id", to="learner"),
        Index("learner_assignment_staff", "school_id", "staff_id"),
        Index("learner_assignment_learner", "school_id", "learner_id"),
        key=("learner_assignment_id",),
    )
    school_id: UUID = holds(KEY, UUID)
    learner_assignment_id: UUID = holds(KEY, UUID)
    staff_id: UUID = holds(KEY, UUID)
    learner_id: UUID = holds(KEY, UUID)
    kind: str = holds("sen_flag", str)
    source: str = holds(RECORD, str)
    valid_from: date = holds("sen_flag", date)
    valid_to: date | None = holds("sen_flag", date, optional=True)
