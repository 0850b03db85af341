"""Accounts of people, what they prove themselves by, and the browsers that they are signed in with.

Like `login_identity`, all of it is read before a school is known. Nothing that a thief of the tables could sign in with
stands here: digests of random values, argon2 hashes, and secrets that a key file of the installation encrypts.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint

from server.tables.row import (
    KEY,
    RECORD,
    Index,
    Row,
    UniqueConstraint,
    belongs,
    holds,
    holds_count,
    holds_names,
    reference,
)


class AccountRow(Row, table=True):
    """`identity` is the name that somebody signs in with, as in `login_identity`; `email` is where letters go."""

    __tablename__ = "account"
    __table_args__ = reference(UniqueConstraint("identity"), key=("account_id",))
    account_id: UUID = holds(KEY, UUID)
    identity: str = holds_names("account")
    email: str | None = holds("account", str, optional=True)
    password_hash: str | None = holds("account", str, optional=True)
    password_at: datetime | None = holds("account", datetime, optional=True)
    made_at: datetime = holds(RECORD, datetime)
    ended_at: datetime | None = holds("account", datetime, optional=True)


class BrowserSessionRow(Row, table=True):
    """`cookie_digest` is the SHA-256, in hexadecimal, of 32 random bytes; `factor_at`, when a second factor was shown."""

    __tablename__ = "browser_session"
    __table_args__ = reference(
        belongs("account_id", to="account"),
        UniqueConstraint("cookie_digest"),
        Index("browser_session_account", "account_id"),
        key=("session_id",),
    )
    session_id: UUID = holds(KEY, UUID)
    account_id: UUID = holds(KEY, UUID)
    cookie_digest: str = holds_names("account")
    agent: str = holds("account", str)
    begun_at: datetime = holds("account", datetime)
    seen_at: datetime = holds("account", datetime)
    factor_at: datetime | None = holds("account", datetime, optional=True)
    ended_at: datetime | None = holds("account", datetime, optional=True)


class KnownBrowserRow(Row, table=True):
    """A browser that the account was fully signed in with before: strangers' wrong guesses don't slow it."""

    __tablename__ = "known_browser"
    __table_args__ = reference(
        belongs("account_id", to="account"),
        Index("known_browser_cookie", "cookie_digest"),
        key=("account_id", "cookie_digest"),
    )
    account_id: UUID = holds(KEY, UUID)
    cookie_digest: str = holds_names("account")
    known_at: datetime = holds(RECORD, datetime)
    seen_at: datetime = holds(RECORD, datetime)


class OneTimeSecretRow(Row, table=True):
    """What an authenticator app makes codes of (RFC 6238), encrypted; in use once `confirmed_at` is set.

    `last_step` is that of the last code that was taken: neither it nor one before it is taken again.
    """

    __tablename__ = "one_time_secret"
    __table_args__ = reference(
        belongs("account_id", to="account"), Index("one_time_secret_account", "account_id"), key=("secret_id",)
    )
    secret_id: UUID = holds(KEY, UUID)
    account_id: UUID = holds(KEY, UUID)
    sealed: str = holds("account", str)
    last_step: int | None = holds_count("account", optional=True)
    made_at: datetime = holds(RECORD, datetime)
    confirmed_at: datetime | None = holds("account", datetime, optional=True)


class PasskeyRow(Row, table=True):
    """A credential of Web Authentication; id and public key (COSE) in base64url, the counter as last told."""

    __tablename__ = "passkey"
    __table_args__ = reference(
        belongs("account_id", to="account"), Index("passkey_account", "account_id"), key=("credential_id",)
    )
    credential_id: str = holds_names("account")
    account_id: UUID = holds(KEY, UUID)
    public_key: str = holds("account", str)
    sign_count: int = holds_count("account")
    name: str = holds("account", str)
    made_at: datetime = holds(RECORD, datetime)
    used_at: datetime | None = holds("account", datetime, optional=True)


class PasskeyChallengeRow(Row, table=True):
    """What a passkey was asked to sign, until it is answered once or expires; without account: whoever answers."""

    __tablename__ = "passkey_challenge"
    __table_args__ = reference(
        belongs("account_id", to="account"),
        CheckConstraint("purpose IN ('register', 'authenticate')", name="passkey_challenge_purpose"),
        Index("passkey_challenge_expiry", "expires_at"),
        key=("challenge_digest",),
    )
    challenge_digest: str = holds_names("account")
    account_id: UUID | None = holds(KEY, UUID, optional=True)
    purpose: str = holds("account", str)
    expires_at: datetime = holds(RECORD, datetime)


class RecoveryCodeRow(Row, table=True):
    """`code_digest` is the SHA-256, in hexadecimal, of 120 random bits."""

    __tablename__ = "recovery_code"
    __table_args__ = reference(belongs("account_id", to="account"), key=("account_id", "code_digest"))
    account_id: UUID = holds(KEY, UUID)
    code_digest: str = holds_names("account")
    made_at: datetime = holds(RECORD, datetime)
    used_at: datetime | None = holds("account", datetime, optional=True)


class MailedLinkRow(Row, table=True):
    """A link that a letter brought, good for once until it expires; `email` is the address that it confirms."""

    __tablename__ = "mailed_link"
    __table_args__ = reference(
        belongs("account_id", to="account"),
        CheckConstraint("purpose IN ('password_reset', 'confirm_address')", name="mailed_link_purpose"),
        Index("mailed_link_account", "account_id"),
        key=("token_digest",),
    )
    token_digest: str = holds_names("account")
    account_id: UUID = holds(KEY, UUID)
    purpose: str = holds("account", str)
    email: str | None = holds("account", str, optional=True)
    made_at: datetime = holds(RECORD, datetime)
    expires_at: datetime = holds(RECORD, datetime)


class SignInAttemptRow(Row, table=True):
    """How often somebody failed lately; `subject` is a digest of the name, and of the network address or browser.

    A row is forgotten a day after `last_at`.
    """

    __tablename__ = "sign_in_attempt"
    __table_args__ = reference(Index("sign_in_attempt_last", "last_at"), key=("subject",))
    subject: str = holds_names("account")
    failures: int = holds("account", int)
    last_at: datetime = holds(RECORD, datetime)
    open_at: datetime = holds("account", datetime)
    told_at: datetime | None = holds(RECORD, datetime, optional=True)
