"""Learners, and what is recorded of each."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from server.tables.row import KEY, RECORD, Index, Row, UniqueConstraint, belongs, holds, holds_names, tenant


class LearnerRow(Row, table=True):
    """A learner as of now; former names are in learner_name."""

    __tablename__ = "learner"
    __table_args__ = tenant(
        belongs("school_id", "learner_id", to="person(school_id, person_id)"),
        UniqueConstraint("school_id", "upn"),
        UniqueConstraint("school_id", "mis_id"),
        Index("learner_sort_key", "school_id", "sort_key", "learner_id"),
        Index("learner_year_group", "school_id", "year_group"),
        key=("learner_id",),
    )
    school_id: UUID = holds(KEY, UUID)
    learner_id: UUID = holds(KEY, UUID)
    upn: str | None = holds_names("identifier", optional=True)
    mis_id: str | None = holds_names("identifier", optional=True)
    given_name: str = holds("name", str)
    family_name: str = holds("name", str)
    preferred_name: str | None = holds("name", str, optional=True)
    sort_key: str = holds_names("name")
    date_of_birth: date = holds("date_of_birth", date)
    gender: str | None = holds("gender", str, optional=True)
    year_group: str = holds_names("education")
    key_stage_2: Decimal | None = holds("education", Decimal, optional=True)
    first_language: str | None = holds("first_language", str, optional=True)
    admitted_on: date = holds("education", date)
    left_on: date | None = holds("education", date, optional=True)
    version: int = holds(RECORD, int)


class LearnerNameRow(Row, table=True):
    __tablename__ = "learner_name"
    __table_args__ = tenant(belongs("school_id", "learner_id", to="learner"), key=("learner_id", "valid_from"))
    school_id: UUID = holds(KEY, UUID)
    learner_id: UUID = holds(KEY, UUID)
    valid_from: date = holds("name", date)
    valid_to: date | None = holds("name", date, optional=True)
    given_name: str = holds("name", str)
    family_name: str = holds("name", str)
    preferred_name: str | None = holds("name", str, optional=True)


class LearnerContactRow(Row, table=True):
    __tablename__ = "learner_contact"
    __table_args__ = tenant(belongs("school_id", "learner_id", to="learner"), key=("learner_id",))
    school_id: UUID = holds(KEY, UUID)
    learner_id: UUID = holds(KEY, UUID)
    address: str | None = holds("learner_address", str, optional=True)
    email: str | None = holds("learner_contact", str, optional=True)
    phone: str | None = holds("learner_contact", str, optional=True)


class LearnerSpecialRow(Row, table=True):
    """Special-category values, append-only: the newest row of a learner and element is the value in force.

    `element` is the register's name; `value` is a JSON string, or a list of strings for sen_needs, medical and
    access_arrangements.
    """

    __tablename__ = "learner_special"
    __table_args__ = tenant(
        belongs("school_id", "learner_id", to="learner"),
        belongs("element", to="special_element"),
        Index("learner_special_newest", "school_id", "learner_id", "element", "special_id"),
        Index("learner_special_element", "school_id", "element"),
        key=("special_id",),
    )
    school_id: UUID = holds(KEY, UUID)
    special_id: UUID = holds(KEY, UUID)
    learner_id: UUID = holds(KEY, UUID)
    element: str = holds_names(KEY)
    value: dict[str, object] = holds("special", dict)
    recorded_at: datetime = holds(RECORD, datetime)
    recorded_by: UUID = holds(RECORD, UUID)
    source: str = holds(RECORD, str)


class LearnerFlagRow(Row, table=True):
    """A decision that narrows who may see a learner: PROTECTED, RESTRICTED or OPTED_OUT."""

    __tablename__ = "learner_flag"
    __table_args__ = tenant(
        belongs("school_id", "learner_id", to="learner"),
        Index("learner_flag_learner", "school_id", "learner_id"),
        key=("flag_id",),
    )
    school_id: UUID = holds(KEY, UUID)
    flag_id: UUID = holds(KEY, UUID)
    learner_id: UUID = holds(KEY, UUID)
    kind: str = holds("safeguarding", str)
    valid_from: date = holds("safeguarding", date)
    valid_to: date | None = holds("safeguarding", date, optional=True)
    decided_by: UUID = holds("safeguarding", UUID)


class AttendanceRow(Row, table=True):
    """Half-day sessions of one learner in one year."""

    __tablename__ = "attendance"
    __table_args__ = tenant(belongs("school_id", "learner_id", to="learner"), key=("learner_id",), yearly=True)
    school_id: UUID = holds(KEY, UUID)
    academic_year: int = holds(KEY, int)
    learner_id: UUID = holds(KEY, UUID)
    possible: int = holds("attendance", int)
    attended: int = holds("attendance", int)


class BehaviourEventRow(Row, table=True):
    __tablename__ = "behaviour_event"
    __table_args__ = tenant(
        belongs("school_id", "learner_id", to="learner"),
        Index("behaviour_event_learner", "school_id", "academic_year", "learner_id"),
        key=("behaviour_event_id",),
        yearly=True,
    )
    school_id: UUID = holds(KEY, UUID)
    academic_year: int = holds(KEY, int)
    behaviour_event_id: UUID = holds(KEY, UUID)
    learner_id: UUID = holds(KEY, UUID)
    happened_on: date = holds("behaviour", date)
    kind: str = holds("behaviour", str)
    points: int = holds("behaviour", int)
    note: str | None = holds("behaviour", str, optional=True)
