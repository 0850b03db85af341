"""Programs that may ask for tokens, and what was used up or ended of theirs.

A program is registered once for all schools; what it may do at one of them is that school's `client_grant`.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint

from server.tables.row import KEY, RECORD, Index, Row, belongs, holds, holds_names, reference, tenant


class OAuthClientRow(Row, table=True):
    """`secret_digest` is the SHA-256, in hexadecimal, of 32 random bytes that only the vendor has.

    `first_party`: an app of the installation's own, to which people needn't consent.
    """

    __tablename__ = "oauth_client"
    __table_args__ = reference(
        CheckConstraint("method IN ('client_secret_basic', 'private_key_jwt', 'none')", name="oauth_client_method"),
        CheckConstraint("(method = 'client_secret_basic') = (secret_digest IS NOT NULL)", name="oauth_client_secret"),
        key=("client_id",),
    )
    client_id: str = holds_names("account")
    name: str = holds("account", str)
    method: str = holds_names("account")
    secret_digest: str | None = holds_names("account", optional=True)
    registered_at: datetime = holds(RECORD, datetime)
    ended_at: datetime | None = holds("account", datetime, optional=True)
    first_party: bool = holds("account", bool)


class OAuthClientKeyRow(Row, table=True):
    """A public key, as a JSON Web Key, that a program signs its assertions with."""

    __tablename__ = "oauth_client_key"
    __table_args__ = reference(belongs("client_id", to="oauth_client"), key=("client_id", "kid"))
    client_id: str = holds_names("account")
    kid: str = holds_names("account")
    jwk: dict[str, Any] = holds("account", dict)
    added_at: datetime = holds(RECORD, datetime)
    ended_at: datetime | None = holds("account", datetime, optional=True)


class OAuthAssertionRow(Row, table=True):
    """An assertion that was used: its `jti` is not believed again (RFC 7523, section 3)."""

    __tablename__ = "oauth_assertion"
    __table_args__ = reference(
        belongs("client_id", to="oauth_client"),
        Index("oauth_assertion_expiry", "expires_at"),
        key=("client_id", "jti"),
    )
    client_id: str = holds_names("account")
    jti: str = holds_names("account")
    expires_at: datetime = holds(RECORD, datetime)


class TokenAllowanceRow(Row, table=True):
    """How many tokens for one school a program was `given` since `began_at`, the beginning of the minute that counts."""

    __tablename__ = "token_allowance"
    __table_args__ = tenant(belongs("school_id", to="school"), key=("client_id",))
    school_id: UUID = holds(KEY, UUID)
    client_id: str = holds_names("client_grant")
    began_at: datetime = holds(RECORD, datetime)
    given: int = holds(RECORD, int)
    last_at: datetime = holds("client_grant", datetime)


class VendorTokenRow(Row, table=True):
    """A token of no school, by which a program lists its grants, until it expires."""

    __tablename__ = "vendor_token"
    __table_args__ = reference(
        belongs("client_id", to="oauth_client"),
        Index("vendor_token_client", "client_id", "given_at"),
        key=("token_id",),
    )
    token_id: str = holds_names("account")
    client_id: str = holds_names("account")
    given_at: datetime = holds(RECORD, datetime)
    expires_at: datetime = holds(RECORD, datetime)
    ended_at: datetime | None = holds("account", datetime, optional=True)


class EndedTokenRow(Row, table=True):
    """A token that was revoked before it expired: whoever brings it has no standing (RFC 7009)."""

    __tablename__ = "ended_token"
    __table_args__ = tenant(
        belongs("school_id", "person_id", "capacity", to="access_profile(school_id, person_id, capacity)"),
        Index("ended_token_person", "school_id", "person_id"),
        key=("token_id",),
    )
    school_id: UUID = holds(KEY, UUID)
    token_id: str = holds_names("account")
    person_id: UUID = holds(KEY, UUID)
    capacity: str = holds_names("account")
    ended_at: datetime = holds(RECORD, datetime)
    expires_at: datetime = holds(RECORD, datetime)
