"""Guardians, and their dated links to learners."""

from datetime import date, datetime
from uuid import UUID

from server.tables.row import KEY, RECORD, Index, Row, belongs, holds, holds_names, tenant


class GuardianRow(Row, table=True):
    __tablename__ = "guardian"
    __table_args__ = tenant(
        belongs("school_id", "guardian_id", to="person(school_id, person_id)"),
        key=("guardian_id",),
    )
    school_id: UUID = holds(KEY, UUID)
    guardian_id: UUID = holds(KEY, UUID)
    mis_id: str | None = holds_names("identifier", optional=True)
    title: str | None = holds("guardian_name", str, optional=True)
    given_name: str = holds("guardian_name", str)
    family_name: str = holds("guardian_name", str)
    sort_key: str = holds_names("guardian_name")
    email: str | None = holds("guardian_contact", str, optional=True)
    phone: str | None = holds("guardian_contact", str, optional=True)
    address: str | None = holds("guardian_contact", str, optional=True)


class GuardianLinkRow(Row, table=True):
    """A guardian's tie to one learner: it counts only while `verified_at` is set and the dates include today."""

    __tablename__ = "guardian_link"
    __table_args__ = tenant(
        belongs("school_id", "guardian_id", to="guardian"),
        belongs("school_id", "learner_id", to="learner"),
        Index("guardian_link_guardian", "school_id", "guardian_id"),
        Index("guardian_link_learner", "school_id", "learner_id"),
        key=("link_id",),
    )
    school_id: UUID = holds(KEY, UUID)
    link_id: UUID = holds(KEY, UUID)
    guardian_id: UUID = holds(KEY, UUID)
    learner_id: UUID = holds(KEY, UUID)
    relationship: str = holds("parent_link", str)
    verified_at: datetime | None = holds("parent_link", datetime, optional=True)
    valid_from: date = holds("parent_link", date)
    valid_to: date | None = holds("parent_link", date, optional=True)
    source: str = holds(RECORD, str)
