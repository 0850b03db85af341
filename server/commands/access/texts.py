"""Texts and dates that changes of access take."""

from __future__ import annotations

from datetime import date
from typing import Final

from server.commands.access.outcome import AccessOutcome, refused
from server.commands.storable import plain_line, storable

LONGEST: Final = 500
SHORTEST_REASON: Final = 10
BAD_TEXT: Final = (
    "It holds a line break, a control character or a direction mark, which misleads its readers: "
    "write one line without them."
)


def evidence_refused(text: str, name: str = "evidence") -> AccessOutcome | None:
    if text.strip() and storable(text, LONGEST):
        return misleading_refused(text, name)
    return refused("EVIDENCE_MISSING", f"Say where it is written: a text of 1 to {LONGEST} characters.", name)


def reason_refused(text: str, name: str = "reason") -> AccessOutcome | None:
    if len(text.strip()) >= SHORTEST_REASON and storable(text, LONGEST):
        return misleading_refused(text, name)
    return refused("REASON_MISSING", f"Give a reason of {SHORTEST_REASON} to {LONGEST} characters.", name)


def words_refused(text: str, name: str) -> AccessOutcome | None:
    """What somebody declares in words of their own."""
    if len(text.strip()) >= SHORTEST_REASON and storable(text, LONGEST):
        return misleading_refused(text, name)
    return refused("WORDS_MISSING", f"Say it in {SHORTEST_REASON} to {LONGEST} characters.", name)


def misleading_refused(text: str, name: str) -> AccessOutcome | None:
    """Staff and officers read these texts in banners and lists."""
    return None if plain_line(text) else refused("BAD_TEXT", BAD_TEXT, name)


def span_refused(begins: date, ends: date | None, today: date) -> AccessOutcome | None:
    """What begins in the past would rewrite what the audit says of it."""
    if begins < today:
        return refused("DATES", "It can begin today at the earliest.", "from")
    if ends is not None and ends <= begins:
        return refused("DATES", "It must end after it begins.", "until")
    return None
