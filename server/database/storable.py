"""Text that PostgreSQL can store, and that a terminal shows as it was written."""

from __future__ import annotations

import unicodedata
from typing import Final

_DIRECTIONS: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_UNSEEN: Final = frozenset(("Cc", "Cs", "Zl", "Zp"))


def storable(text: str, longest: int) -> bool:
    """At most `longest` characters, no NUL and no lone surrogates, which UTF-8 has not."""
    return len(text) <= longest and not any(c == "\x00" or "\ud800" <= c <= "\udfff" for c in text)


def misleads(letter: str) -> bool:
    """A control character, a line break or a direction mark: printed, it can make a text look like another."""
    return letter in _DIRECTIONS or unicodedata.category(letter) in _UNSEEN


def plain_line(text: str) -> bool:
    """One line that reads as it is stored."""
    return not any(misleads(letter) for letter in text)


def plain_text(text: str) -> bool:
    """That, of several lines: line feeds and tabs may stand in it, as in a cell of a workbook."""
    return not any(misleads(letter) for letter in text if letter not in "\n\t")
