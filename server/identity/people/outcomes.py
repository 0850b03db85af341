"""What comes of a step of signing in. Returned, never raised: what was counted or used up must be committed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from server.identity.people.accounts import Account


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is at the door: the network address, what the browser calls itself, the text of its long-lived cookie, and its
    name in words for letters."""

    address: str
    agent: str
    browser: str | None = field(default=None, repr=False)
    called: str = "A browser"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """`cookie` is the session's text, `browser` that of the long-lived cookie by which the browser is known."""

    cookie: str = field(repr=False)
    browser: str = field(repr=False)
    account: Account


@dataclass(frozen=True, slots=True)
class FactorDue:
    """The password was right, and the account has a second factor to show; `cookie` is of a session that opens nothing."""

    cookie: str = field(repr=False)
    account: Account


@dataclass(frozen=True, slots=True)
class Wrong:
    """Alike for a name that nobody has."""


@dataclass(frozen=True, slots=True)
class TooMany:
    """Nothing was looked at: try again at `until`."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Changed:
    """It is as was asked for."""
