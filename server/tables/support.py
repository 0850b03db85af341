"""The vendor's support staff at a school: asked for, decided by the school, ended. Rows are only ever added."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint

from server.tables.row import KEY, RECORD, Index, Row, UniqueConstraint, belongs, holds, holds_names, tenant


class SupportRequestRow(Row, table=True):
    """What a person of the vendor asks for; `name` is how the school shall read who they are."""

    __tablename__ = "support_request"
    __table_args__ = tenant(
        belongs("school_id", "requester_id", "capacity", to="access_profile(school_id, person_id, capacity)"),
        UniqueConstraint("school_id", "request_id", "requester_id"),
        CheckConstraint("capacity = 'OPERATOR'", name="support_request_capacity"),
        CheckConstraint("hours BETWEEN 1 AND 8", name="support_request_hours"),
        CheckConstraint("length(btrim(reason)) >= 10", name="support_request_reason"),
        CheckConstraint("length(btrim(name)) > 0", name="support_request_name"),
        Index("support_request_requester", "school_id", "requester_id"),
        key=("request_id",),
    )
    school_id: UUID = holds(KEY, UUID)
    request_id: UUID = holds(KEY, UUID)
    requester_id: UUID = holds("client_grant", UUID)
    capacity: str = holds_names("client_grant")
    name: str = holds("client_grant", str)
    reason: str = holds("client_grant", str)
    hours: int = holds("client_grant", int)
    requested_at: datetime = holds(RECORD, datetime)


class SupportDecisionRow(Row, table=True):
    """One a request, by somebody else; an approval is a session of at most eight hours."""

    __tablename__ = "support_decision"
    __table_args__ = tenant(
        belongs("school_id", "request_id", "requester_id", to="support_request"),
        belongs("school_id", "decided_by", to="person(school_id, person_id)"),
        UniqueConstraint("school_id", "request_id", "decision"),
        CheckConstraint("decision IN ('APPROVED', 'REFUSED')", name="support_decision_word"),
        CheckConstraint("decided_by <> requester_id", name="support_decision_four_eyes"),
        CheckConstraint(
            "(decision = 'APPROVED') = (starts_at IS NOT NULL) AND (decision = 'APPROVED') = (ends_at IS NOT NULL)",
            name="support_decision_session",
        ),
        CheckConstraint(
            "ends_at > starts_at AND ends_at <= starts_at + interval '8 hours'", name="support_decision_hours"
        ),
        Index("support_decision_requester", "school_id", "requester_id"),
        key=("request_id",),
    )
    school_id: UUID = holds(KEY, UUID)
    request_id: UUID = holds(KEY, UUID)
    requester_id: UUID = holds("client_grant", UUID)
    decision: str = holds_names("client_grant")
    decided_by: UUID = holds("client_grant", UUID)
    decided_at: datetime = holds("client_grant", datetime)
    reason: str | None = holds("client_grant", str, optional=True)
    starts_at: datetime | None = holds("client_grant", datetime, optional=True)
    ends_at: datetime | None = holds("client_grant", datetime, optional=True)


class SupportEndRow(Row, table=True):
    """A session that was ended before its time, by the school or by who had asked for it."""

    __tablename__ = "support_end"
    __table_args__ = tenant(
        belongs("school_id", "request_id", "decision", to="support_decision"),
        belongs("school_id", "ended_by", to="person(school_id, person_id)"),
        CheckConstraint("decision = 'APPROVED'", name="support_end_of_approved"),
        key=("request_id",),
    )
    school_id: UUID = holds(KEY, UUID)
    request_id: UUID = holds(KEY, UUID)
    decision: str = holds_names("client_grant")
    ended_by: UUID = holds("client_grant", UUID)
    ended_at: datetime = holds("client_grant", datetime)
