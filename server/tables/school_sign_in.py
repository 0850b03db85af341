"""Sign-in by a school's own accounts (OpenID Connect): its providers, sign-ins that are on their way, and who is who.

Of no school, like `login_identity`: all of it is read before a school is known.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint

from server.tables.row import KEY, RECORD, Index, Row, UniqueConstraint, belongs, holds, holds_names, reference


class SchoolProviderRow(Row, table=True):
    """`sealed` is the client's secret, encrypted; `tenant_claim` must have `tenant` as its value in each ID token.

    `factor`: what the provider says in `amr` or `acr` of whoever showed two factors; None: it counts as one.
    """

    __tablename__ = "school_provider"
    __table_args__ = reference(
        CheckConstraint("tenant_claim IN ('hd', 'tid')", name="school_provider_claim"),
        CheckConstraint("(tenant_claim IS NULL) = (tenant IS NULL)", name="school_provider_tenant"),
        Index("school_provider_school", "school_id"),
        key=("provider_id",),
    )
    provider_id: UUID = holds(KEY, UUID)
    school_id: UUID = holds(KEY, UUID)
    school_name: str = holds("account", str)
    issuer: str = holds_names("account")
    client_id: str = holds_names("account")
    sealed: str = holds("account", str)
    tenant_claim: str | None = holds_names("account", optional=True)
    tenant: str | None = holds_names("account", optional=True)
    factor: str | None = holds_names("account", optional=True)
    registered_at: datetime = holds(RECORD, datetime)
    ended_at: datetime | None = holds("account", datetime, optional=True)


class SchoolSignInRow(Row, table=True):
    """A sign-in that was sent to a provider and isn't back: good for once, in the browser that it began in.

    `account_id`: whoever was signed in links their account; None: somebody signs in.
    """

    __tablename__ = "school_sign_in"
    __table_args__ = reference(
        belongs("provider_id", to="school_provider"),
        belongs("account_id", to="account"),
        Index("school_sign_in_expiry", "expires_at"),
        key=("state_digest",),
    )
    state_digest: str = holds_names("account")
    cookie_digest: str = holds_names("account")
    provider_id: UUID = holds(KEY, UUID)
    account_id: UUID | None = holds(KEY, UUID, optional=True)
    next: str = holds("account", str)
    expires_at: datetime = holds(RECORD, datetime)


class FederatedIdentityRow(Row, table=True):
    """That a provider's (issuer, subject) is an account's holder. An e-mail address never says so."""

    __tablename__ = "federated_identity"
    __table_args__ = reference(
        belongs("account_id", to="account"),
        belongs("provider_id", to="school_provider"),
        UniqueConstraint("issuer", "subject"),
        UniqueConstraint("account_id", "provider_id"),
        key=("identity_id",),
    )
    identity_id: UUID = holds(KEY, UUID)
    issuer: str = holds_names("account")
    subject: str = holds_names("account")
    account_id: UUID = holds(KEY, UUID)
    provider_id: UUID = holds(KEY, UUID)
    linked_at: datetime = holds("account", datetime)
    used_at: datetime | None = holds("account", datetime, optional=True)
