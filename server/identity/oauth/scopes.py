"""What an app may do for the person who let it: never more than they may, in the one hat that they chose.

`read` asks and follows; `write` changes, too; `offline_access` gives refresh tokens, so that the app goes on once the person
has gone. Roles and facts are no scopes: they are looked up with every question.
"""

from __future__ import annotations

from typing import Final

from authlib.oauth2.rfc6749 import InvalidScopeError

READ: Final = "read"
WRITE: Final = "write"
OFFLINE: Final = "offline_access"
SCOPES: Final = (READ, WRITE, OFFLINE)
_LONGEST: Final = 100


def app_scopes(asked: str | None) -> frozenset[str]:
    """Those that are asked for; `read` where none are. Whoever changes reads what came of it. Raises InvalidScopeError."""
    if asked is None:
        return frozenset({READ})
    wanted = frozenset(asked.split(" ")) if len(asked) <= _LONGEST else frozenset({""})
    if not wanted <= frozenset(SCOPES):
        raise InvalidScopeError(f"An app asks for scopes of these: {', '.join(SCOPES)}.")
    return wanted | {READ}


def narrowed(held: frozenset[str], asked: str | None) -> frozenset[str]:
    """Of a refresh: those of the family, or fewer (RFC 6749, section 6). Raises InvalidScopeError."""
    if asked is None:
        return held
    wanted = app_scopes(asked)
    if not wanted <= held:
        raise InvalidScopeError("The person has not let the app do all of this: ask for fewer, or leave scope out.")
    return wanted
