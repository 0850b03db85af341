"""People of a school as accounts know them: who may act, in which capacity, with which roles, training and grants."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint

from server.migrations.grant_walls import DECLARED, WHOLE_END
from server.tables.row import KEY, RECORD, Index, Row, belongs, holds, holds_names, reference, tenant


class PersonRow(Row, table=True):
    """One natural person, or one program, at one school; staff, guardian and learner rows share its id."""

    __tablename__ = "person"
    __table_args__ = tenant(belongs("school_id", to="school"), key=("person_id",))
    school_id: UUID = holds(KEY, UUID)
    person_id: UUID = holds(KEY, UUID)
    created_at: datetime = holds(RECORD, datetime)


class AccessProfileRow(Row, table=True):
    """The right to act in one capacity. Whatever changes a role, certificate, link or grant raises profile_version."""

    __tablename__ = "access_profile"
    __table_args__ = tenant(
        belongs("school_id", "person_id", to="person"),
        CheckConstraint(
            "capacity IN ('STAFF', 'PARENT', 'LEARNER', 'CLIENT', 'OPERATOR')", name="access_profile_capacity"
        ),
        key=("person_id", "capacity"),
    )
    school_id: UUID = holds(KEY, UUID)
    person_id: UUID = holds(KEY, UUID)
    capacity: str = holds("account", str)
    profile_version: int = holds("account", int)
    valid_from: date = holds("account", date)
    valid_to: date | None = holds("account", date, optional=True)


class RoleAssignmentRow(Row, table=True):
    __tablename__ = "role_assignment"
    __table_args__ = tenant(
        belongs("school_id", "person_id", to="person"),
        Index("role_assignment_person", "school_id", "person_id"),
        key=("role_assignment_id",),
    )
    school_id: UUID = holds(KEY, UUID)
    role_assignment_id: UUID = holds(KEY, UUID)
    person_id: UUID = holds(KEY, UUID)
    role: str = holds("role_assignment", str)
    source: str = holds(RECORD, str)
    valid_from: date = holds("role_assignment", date)
    valid_to: date | None = holds("role_assignment", date, optional=True)


class TrainingCertificateRow(Row, table=True):
    __tablename__ = "training_certificate"
    __table_args__ = tenant(
        belongs("school_id", "person_id", to="person"),
        Index("training_certificate_person", "school_id", "person_id"),
        key=("certificate_id",),
    )
    school_id: UUID = holds(KEY, UUID)
    certificate_id: UUID = holds(KEY, UUID)
    person_id: UUID = holds(KEY, UUID)
    course: str = holds("training_record", str)
    completed_on: date = holds("training_record", date)
    expires_on: date = holds("training_record", date)
    evidence: str = holds("training_record", str)


class ClientGrantRow(Row, table=True):
    """One scope that a school granted to a vendor's program, by the recorded declaration of a named person.

    `client_id` is null of what an import brought; `reason` is that of special category data. `ended_at`, `ended_by` and
    `ending`, the reason, are of a grant that somebody ended before its time.
    """

    __tablename__ = "client_grant"
    __table_args__ = tenant(
        belongs("school_id", "person_id", to="person"),
        belongs("client_id", to="oauth_client"),
        CheckConstraint(DECLARED, name="client_grant_declared"),
        CheckConstraint(WHOLE_END, name="client_grant_ended"),
        Index("client_grant_person", "school_id", "person_id"),
        key=("grant_id",),
    )
    school_id: UUID = holds(KEY, UUID)
    grant_id: UUID = holds(KEY, UUID)
    person_id: UUID = holds(KEY, UUID)
    scope: str = holds("client_grant", str)
    purpose: str = holds("client_grant", str)
    declared_by: UUID = holds("client_grant", UUID)
    valid_from: date = holds("client_grant", date)
    valid_to: date | None = holds("client_grant", date, optional=True)
    client_id: str | None = holds_names("client_grant", optional=True)
    declaration: str | None = holds("client_grant", str, optional=True)
    reason: str | None = holds("client_grant", str, optional=True)
    declared_at: datetime | None = holds("client_grant", datetime, optional=True)
    ended_at: datetime | None = holds("client_grant", datetime, optional=True)
    ended_by: UUID | None = holds("client_grant", UUID, optional=True)
    ending: str | None = holds("client_grant", str, optional=True)


class LoginIdentityRow(Row, table=True):
    """Maps a sign-in identity to a person at a school.

    Not a school's table and without foreign keys: it is read before a school is known.
    """

    __tablename__ = "login_identity"
    __table_args__ = reference(key=("identity", "school_id", "capacity"))
    identity: str = holds("account", str)
    school_id: UUID = holds(KEY, UUID)
    person_id: UUID = holds(KEY, UUID)
    capacity: str = holds("account", str)
    school_name: str = holds("reference", str)
