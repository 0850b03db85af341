"""What becomes of a submission or a narrowing: rows that are only ever added, each by another person than its author."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint

from server.tables.row import KEY, RECORD, Row, UniqueConstraint, belongs, holds, holds_names, tenant


class PolicyDecisionRow(Row, table=True):
    """One a submission. Author and base stand here too, so that four eyes and a moved base are this row's own affair."""

    __tablename__ = "policy_decision"
    __table_args__ = tenant(
        belongs("school_id", "submission_id", "author_id", "base_version", to="policy_submission"),
        belongs("school_id", "decided_by", to="person(school_id, person_id)"),
        UniqueConstraint("school_id", "submission_id", "decision"),
        CheckConstraint("decision IN ('APPROVED', 'REJECTED')", name="policy_decision_word"),
        CheckConstraint("decided_by <> author_id", name="policy_decision_four_eyes"),
        CheckConstraint(
            "decision = 'APPROVED' OR length(btrim(coalesce(reason, ''))) > 0", name="policy_decision_reason"
        ),
        key=("submission_id",),
    )
    school_id: UUID = holds(KEY, UUID)
    submission_id: UUID = holds(KEY, UUID)
    decision: str = holds_names("policy")
    author_id: UUID = holds("policy", UUID)
    base_version: int = holds("policy", int)
    decided_by: UUID = holds("policy", UUID)
    reason: str | None = holds("policy", str, optional=True)
    decided_at: datetime = holds(RECORD, datetime)


class PolicyScheduleRow(Row, table=True):
    """When an approved submission is to be published. `decision` is always APPROVED."""

    __tablename__ = "policy_schedule"
    __table_args__ = tenant(
        belongs("school_id", "submission_id", "decision", to="policy_decision"),
        belongs("school_id", "scheduled_by", to="person(school_id, person_id)"),
        CheckConstraint("decision = 'APPROVED'", name="policy_schedule_approved"),
        CheckConstraint("publish_at > scheduled_at", name="policy_schedule_ahead"),
        key=("submission_id",),
    )
    school_id: UUID = holds(KEY, UUID)
    submission_id: UUID = holds(KEY, UUID)
    decision: str = holds_names("policy")
    publish_at: datetime = holds("policy", datetime)
    scheduled_by: UUID = holds("policy", UUID)
    scheduled_at: datetime = holds(RECORD, datetime)


class PolicyEndRow(Row, table=True):
    """A submission that will never be published: WITHDRAWN by a person, or LAPSED when its hour came and it couldn't be.

    A submission whose base has moved has lapsed without a row: the versions say so.
    """

    __tablename__ = "policy_end"
    __table_args__ = tenant(
        belongs("school_id", "submission_id", to="policy_submission"),
        belongs("school_id", "ended_by", to="person(school_id, person_id)"),
        CheckConstraint(
            "CASE outcome WHEN 'WITHDRAWN' THEN ended_by IS NOT NULL WHEN 'LAPSED' THEN ended_by IS NULL"
            " ELSE false END",
            name="policy_end_outcome",
        ),
        key=("submission_id",),
    )
    school_id: UUID = holds(KEY, UUID)
    submission_id: UUID = holds(KEY, UUID)
    outcome: str = holds_names("policy")
    ended_by: UUID | None = holds("policy", UUID, optional=True)
    reason: str | None = holds("policy", str, optional=True)
    ended_at: datetime = holds(RECORD, datetime)


class PolicyConfirmationRow(Row, table=True):
    """Another person has seen a narrowing and stands by it. `kind` is always NARROWED."""

    __tablename__ = "policy_confirmation"
    __table_args__ = tenant(
        belongs("school_id", "version", "kind", "author_id", to="policy_version"),
        belongs("school_id", "confirmed_by", to="person(school_id, person_id)"),
        UniqueConstraint("school_id", "author_id", "version"),
        CheckConstraint("kind = 'NARROWED'", name="policy_confirmation_kind"),
        CheckConstraint("confirmed_by <> author_id", name="policy_confirmation_four_eyes"),
        key=("version",),
    )
    school_id: UUID = holds(KEY, UUID)
    version: int = holds("policy", int)
    kind: str = holds_names("policy")
    author_id: UUID = holds("policy", UUID)
    confirmed_by: UUID = holds("policy", UUID)
    confirmed_at: datetime = holds(RECORD, datetime)
