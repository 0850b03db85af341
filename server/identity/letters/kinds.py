"""The kinds of letters there are, and which values each may hold.

A value tells of a data element of the register, and none of special category, or treated as such, stands here: a
letter passes through machines of others, lies in a mailbox that a family may share, and is never taken back. No value
is a name of a learner.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final


class Form(Enum):
    """How a value is written: a line of text, an address of ours on a line, or a moment of UTC."""

    TEXT = "text"
    LINK = "link"
    MOMENT = "moment"


@dataclass(frozen=True, slots=True)
class Value:
    """`element` is a name of the register."""

    element: str
    form: Form


Values = Mapping[str, Value]

_SCHOOL: Final = Value("school_structure", Form.TEXT)
_LINK: Final = Value("account", Form.LINK)
_MOMENT: Final = Value("account", Form.MOMENT)
_ABOUT_ACCOUNT: Final = Value("account", Form.TEXT)

_INVITATION: Final[Values] = {"school": _SCHOOL, "code": _ABOUT_ACCOUNT, "link": _LINK, "until": _MOMENT}
_ROUND_TRIP: Final[Values] = {"link": _LINK, "until": _MOMENT}
_TIDINGS: Final[Values] = {"when": _MOMENT, "page": _LINK}

KINDS: Final[Mapping[str, Values]] = {
    "staff_invitation": _INVITATION,
    "guardian_invitation": _INVITATION,
    "learner_invitation": _INVITATION,
    "joining_number": {"number": _ABOUT_ACCOUNT, "until": _MOMENT},
    "confirm_address": _ROUND_TRIP,
    "address_changed": _TIDINGS,
    "password_reset": _ROUND_TRIP,
    "password_changed": _TIDINGS,
    "factor_changed": _TIDINGS | {"change": _ABOUT_ACCOUNT},
    "attempts_locked": _TIDINGS | {"until": _MOMENT},
    "new_browser": _TIDINGS | {"browser": _ABOUT_ACCOUNT},
}
"""Name -> the values that its text must be given, no more and no fewer. The text is templates/NAME.txt."""
