"""Titles and reasons: what people write beside a rule book."""

from __future__ import annotations

from typing import Final

from server.commands.storable import plain_line, storable
from server.errors import BadUserInput

LONGEST_TITLE: Final = 200
LONGEST_REASON: Final = 500


def check_text(text: str | None, name: str, longest: int, *, needed: bool = True) -> str | None:
    """`check_length`, and that it is one line: the approver reads it in a terminal. Raises BadUserInput."""
    trimmed = check_length(text, name, longest, needed=needed)
    if trimmed is not None and not plain_line(trimmed):
        raise BadUserInput(
            f"input.{name} holds a line break, a control character or a direction mark: write one line without them.",
            ("input", name),
        )
    return trimmed


def check_length(text: str | None, name: str, longest: int, *, needed: bool = True) -> str | None:
    """The text without blanks at its ends. Raises BadUserInput where it is needed and empty, too long or not storable."""
    trimmed = (text or "").strip()
    if (needed and not trimmed) or not storable(trimmed, longest):
        least = 1 if needed else 0
        raise BadUserInput(f"input.{name} must be a text of {least} to {longest} characters.", ("input", name))
    return trimmed or None
