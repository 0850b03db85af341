"""Names to sign in with."""

from __future__ import annotations

import unicodedata
from typing import Final

from server.database.storable import plain_line, storable
from server.errors import BadUserInput

LONGEST: Final = 254


def folded(identity: str) -> str:
    """As names are compared: Unicode's NFC, without regard to case, no space around it."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", identity.strip()).casefold())


def name_of(identity: str) -> str:
    """The folded name. Raises BadUserInput for what can be none."""
    if not storable(identity, LONGEST):
        raise _no_name()
    found = folded(identity)
    if not 1 <= len(found) <= LONGEST or not plain_line(found) or any(letter.isspace() for letter in found):
        raise _no_name()
    return found


def sought(identity: str) -> str | None:
    """The folded name to look for; None for what is nobody's, whatever stands in it."""
    return folded(identity) if storable(identity, LONGEST) else None


def _no_name() -> BadUserInput:
    return BadUserInput(f"A sign-in name has 1 to {LONGEST} characters and no space.", ("identity",))
