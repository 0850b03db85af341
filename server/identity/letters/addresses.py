"""Addresses that letters go to: one mailbox, written plainly (RFC 5321, section 4.1.2, without its quoted forms)."""

from __future__ import annotations

import re
from typing import Final

from server.errors import BadUserInput

_LONGEST: Final = 254
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_FORM: Final = re.compile(
    rf"[A-Za-z0-9!#$%&'*+/=?^_`{{|}}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{{|}}~-]+)*@{_LABEL}(?:\.{_LABEL})*", re.ASCII
)
_LONGEST_LOCAL: Final = 64


def check_address(text: str, argument: str = "email") -> str:
    """The address without spaces round it. Raises BadUserInput, which doesn't repeat it."""
    address = text.strip(" ")
    if (
        len(address) > _LONGEST
        or address.partition("@")[0].__len__() > _LONGEST_LOCAL
        or _FORM.fullmatch(address) is None
    ):
        raise BadUserInput(
            "This is no e-mail address that letters can be sent to: write it like name@school.example.", (argument,)
        )
    return address
