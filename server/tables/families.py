"""Apps that people sign in with: what was asked for, consented to and given out.

Of no school, since they are read before a school is known: rows name the hat (school, person, capacity) that a token is for.
Codes, tokens and the addresses of pushed requests are stored as SHA-256 digests in hexadecimal, of 32 random bytes each.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint

from server.tables.row import KEY, RECORD, Index, Row, belongs, holds, holds_names, reference


class OAuthRedirectRow(Row, table=True):
    """An address that a client may have its codes sent to, as it was registered."""

    __tablename__ = "oauth_redirect"
    __table_args__ = reference(belongs("client_id", to="oauth_client"), key=("client_id", "uri"))
    client_id: str = holds_names("account")
    uri: str = holds_names("account")
    added_at: datetime = holds(RECORD, datetime)


class PushedRequestRow(Row, table=True):
    """An authorization request that a client sent beforehand (RFC 9126), until it is answered or expires."""

    __tablename__ = "pushed_request"
    __table_args__ = reference(
        belongs("client_id", to="oauth_client"),
        Index("pushed_request_expiry", "client_id", "expires_at"),
        key=("request_digest",),
    )
    request_digest: str = holds_names("account")
    client_id: str = holds_names("account")
    parameters: dict[str, Any] = holds("account", dict)
    expires_at: datetime = holds(RECORD, datetime)


class AppConsentRow(Row, table=True):
    """That an account's holder let an app act for them in one hat."""

    __tablename__ = "app_consent"
    __table_args__ = reference(
        belongs("client_id", to="oauth_client"), Index("app_consent_account", "account_id"), key=("consent_id",)
    )
    consent_id: UUID = holds(KEY, UUID)
    account_id: UUID = holds(KEY, UUID)
    client_id: str = holds_names("account")
    school_id: UUID = holds(KEY, UUID)
    person_id: UUID = holds(KEY, UUID)
    capacity: str = holds_names("account")
    scope: str = holds_names("account")
    given_at: datetime = holds("account", datetime)
    ended_at: datetime | None = holds("account", datetime, optional=True)


class AuthorizationCodeRow(Row, table=True):
    """`jkt`: the thumbprint of the key that the code is bound to (RFC 9449, section 10). `family_id`: what it was given for."""

    __tablename__ = "authorization_code"
    __table_args__ = reference(
        belongs("client_id", to="oauth_client"),
        belongs("consent_id", to="app_consent"),
        belongs("family_id", to="token_family"),
        Index("authorization_code_expiry", "client_id", "expires_at"),
        key=("code_digest",),
    )
    code_digest: str = holds_names("account")
    client_id: str = holds_names("account")
    account_id: UUID = holds(KEY, UUID)
    session_id: UUID | None = holds("account", UUID, optional=True)
    school_id: UUID = holds(KEY, UUID)
    person_id: UUID = holds(KEY, UUID)
    capacity: str = holds_names("account")
    scope: str = holds_names("account")
    consent_id: UUID | None = holds(KEY, UUID, optional=True)
    redirect_uri: str = holds_names("account")
    challenge: str = holds_names("account")
    jkt: str | None = holds_names("account", optional=True)
    authenticated_at: datetime = holds("account", datetime)
    factor: bool = holds("account", bool)
    expires_at: datetime = holds(RECORD, datetime)
    used_at: datetime | None = holds("account", datetime, optional=True)
    family_id: UUID | None = holds(KEY, UUID, optional=True)


class TokenFamilyRow(Row, table=True):
    """What one authorization gave one client: its refresh tokens and access tokens.

    `session_id` is the browser session that it was begun in; `jkt` the thumbprint of the key that a public client's tokens
    are bound to (RFC 9449). `ending` is why it ended before `expires_at`.
    """

    __tablename__ = "token_family"
    __table_args__ = reference(
        belongs("client_id", to="oauth_client"),
        belongs("consent_id", to="app_consent"),
        CheckConstraint("(ended_at IS NULL) = (ending IS NULL)", name="token_family_ended"),
        Index("token_family_account", "account_id"),
        Index("token_family_session", "session_id"),
        Index("token_family_client", "client_id"),
        key=("family_id",),
    )
    family_id: UUID = holds(KEY, UUID)
    client_id: str = holds_names("account")
    account_id: UUID = holds(KEY, UUID)
    session_id: UUID | None = holds("account", UUID, optional=True)
    school_id: UUID = holds(KEY, UUID)
    person_id: UUID = holds(KEY, UUID)
    capacity: str = holds_names("account")
    scope: str = holds_names("account")
    consent_id: UUID | None = holds(KEY, UUID, optional=True)
    jkt: str | None = holds_names("account", optional=True)
    authenticated_at: datetime = holds("account", datetime)
    factor: bool = holds("account", bool)
    begun_at: datetime = holds("account", datetime)
    used_at: datetime = holds("account", datetime)
    expires_at: datetime = holds(RECORD, datetime)
    ended_at: datetime | None = holds("account", datetime, optional=True)
    ending: str | None = holds_names("account", optional=True)


class RefreshTokenRow(Row, table=True):
    """`used_at`: when the next one of its family was given out for it. Whoever brings it again ends the family."""

    __tablename__ = "refresh_token"
    __table_args__ = reference(
        belongs("family_id", to="token_family"),
        Index("refresh_token_family", "family_id"),
        key=("token_digest",),
    )
    token_digest: str = holds_names("account")
    family_id: UUID = holds(KEY, UUID)
    given_at: datetime = holds(RECORD, datetime)
    expires_at: datetime = holds(RECORD, datetime)
    used_at: datetime | None = holds("account", datetime, optional=True)


class DPoPProofRow(Row, table=True):
    """A proof that was shown: its `jti` is not believed again of the key `jkt` (RFC 9449, section 11.1)."""

    __tablename__ = "dpop_proof"
    __table_args__ = reference(Index("dpop_proof_expiry", "expires_at"), key=("jkt", "jti"))
    jkt: str = holds_names("account")
    jti: str = holds_names("account")
    expires_at: datetime = holds(RECORD, datetime)
