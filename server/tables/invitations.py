"""Invitations to an account, and what became of each. Rows are only added; of an invitation `opened_at` is set later."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint

from server.migrations.invitation_walls import LONGEST_DAYS, MOST_TRIES
from server.tables.row import KEY, RECORD, Index, Row, UniqueConstraint, belongs, holds, holds_names, reference, tenant


class InvitationRow(Row, table=True):
    """Of one member of staff, one learner, or one guardian's link to one learner: whoever redeems it gets no more.

    `confirmation_digest`: of the second code, printed apart, of somebody who has no e-mail address.
    """

    __tablename__ = "invitation"
    __table_args__ = tenant(
        belongs("school_id", "person_id", "kind", to="access_profile(school_id, person_id, capacity)"),
        belongs("school_id", "learner_id", to="learner"),
        belongs("school_id", "link_id", to="guardian_link"),
        belongs("school_id", "invited_by", to="person(school_id, person_id)"),
        CheckConstraint("kind IN ('STAFF', 'PARENT', 'LEARNER')", name="invitation_kind"),
        CheckConstraint("delivery IN ('MAIL', 'PAPER')", name="invitation_delivery"),
        CheckConstraint("(kind = 'PARENT') = (link_id IS NOT NULL)", name="invitation_link"),
        CheckConstraint("(kind = 'STAFF') = (learner_id IS NULL)", name="invitation_learner"),
        CheckConstraint("kind <> 'LEARNER' OR learner_id = person_id", name="invitation_own"),
        CheckConstraint("kind <> 'STAFF' OR delivery = 'MAIL'", name="invitation_of_staff"),
        CheckConstraint("invited_by <> person_id", name="invitation_four_eyes"),
        CheckConstraint(
            f"expires_at > invited_at AND expires_at <= invited_at + interval '{LONGEST_DAYS} days'",
            name="invitation_dates",
        ),
        Index("invitation_person", "school_id", "person_id"),
        Index("invitation_when", "school_id", "invited_at"),
        key=("invitation_id",),
    )
    school_id: UUID = holds(KEY, UUID)
    invitation_id: UUID = holds(KEY, UUID)
    kind: str = holds_names("account")
    person_id: UUID = holds(KEY, UUID)
    learner_id: UUID | None = holds(KEY, UUID, optional=True)
    link_id: UUID | None = holds(KEY, UUID, optional=True)
    delivery: str = holds_names("account")
    confirmation_digest: str | None = holds_names("account", optional=True)
    invited_by: UUID = holds("account", UUID)
    invited_at: datetime = holds(RECORD, datetime)
    expires_at: datetime = holds("account", datetime)
    opened_at: datetime | None = holds("account", datetime, optional=True)


class InvitationCodeRow(Row, table=True):
    """Where a code leads, as a digest: not a school's table, since it is read before a school is known."""

    __tablename__ = "invitation_code"
    __table_args__ = reference(UniqueConstraint("school_id", "invitation_id"), key=("code_digest",))
    code_digest: str = holds_names("account")
    school_id: UUID = holds(KEY, UUID)
    invitation_id: UUID = holds(KEY, UUID)


class InvitationTryRow(Row, table=True):
    """Somebody who had the code and gave a wrong date of birth: that they did, never what they gave.

    `identity` and `email` are how they called themselves: the school looks at whom it invited. There is no sixth.
    """

    __tablename__ = "invitation_try"
    __table_args__ = tenant(
        belongs("school_id", "invitation_id", to="invitation"),
        CheckConstraint(f"number BETWEEN 1 AND {MOST_TRIES}", name="invitation_try_number"),
        key=("invitation_id", "number"),
    )
    school_id: UUID = holds(KEY, UUID)
    invitation_id: UUID = holds(KEY, UUID)
    number: int = holds(RECORD, int)
    tried_at: datetime = holds(RECORD, datetime)
    identity: str | None = holds_names("account", optional=True)
    email: str | None = holds("account", str, optional=True)


class InvitationRedemptionRow(Row, table=True):
    """By which account: one an invitation, for good."""

    __tablename__ = "invitation_redemption"
    __table_args__ = tenant(belongs("school_id", "invitation_id", to="invitation"), key=("invitation_id",))
    school_id: UUID = holds(KEY, UUID)
    invitation_id: UUID = holds(KEY, UUID)
    account_id: UUID = holds(KEY, UUID)
    redeemed_at: datetime = holds(RECORD, datetime)


class InvitationEndRow(Row, table=True):
    """`reason` is null where another invitation took its place."""

    __tablename__ = "invitation_end"
    __table_args__ = tenant(
        belongs("school_id", "invitation_id", to="invitation"),
        belongs("school_id", "ended_by", to="person(school_id, person_id)"),
        key=("invitation_id",),
    )
    school_id: UUID = holds(KEY, UUID)
    invitation_id: UUID = holds(KEY, UUID)
    ended_by: UUID = holds("account", UUID)
    ended_at: datetime = holds(RECORD, datetime)
    reason: str | None = holds("account", str, optional=True)


class JoiningRow(Row, table=True):
    """How far somebody got from page to page, until it expires; found by the digest of what their browser holds.

    Not a school's table: whoever joins is nobody's yet. `code_digest` is of the code that was sent to `email`;
    `account_id` is of somebody who was signed in already.
    """

    __tablename__ = "joining"
    __table_args__ = reference(
        CheckConstraint("code_tries BETWEEN 0 AND 5", name="joining_code_tries"),
        Index("joining_expiry", "expires_at"),
        key=("joining_digest",),
    )
    joining_digest: str = holds_names("account")
    school_id: UUID = holds(KEY, UUID)
    invitation_id: UUID = holds(KEY, UUID)
    expires_at: datetime = holds(RECORD, datetime)
    account_id: UUID | None = holds(KEY, UUID, optional=True)
    identity: str | None = holds_names("account", optional=True)
    email: str | None = holds("account", str, optional=True)
    code_digest: str | None = holds_names("account", optional=True)
    code_expires_at: datetime | None = holds(RECORD, datetime, optional=True)
    code_tries: int = holds(RECORD, int)
    codes_sent: int = holds(RECORD, int)
    confirmed_at: datetime | None = holds("account", datetime, optional=True)
    matched_at: datetime | None = holds("account", datetime, optional=True)
