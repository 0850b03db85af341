"""When a school is at work: what the condition `hours` means."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

WEEKDAYS: Final = (0, 1, 2, 3, 4)
"""Monday is 0."""
OPENS: Final = time(7)
CLOSES: Final = time(18)


def within_school_hours(now: datetime) -> bool:
    """Whether `now` (any zone) falls into them by the clock of the United Kingdom."""
    local = _local(now.astimezone(UTC))
    return local.weekday() in WEEKDAYS and OPENS <= local.time() < CLOSES


def _local(now: datetime) -> datetime:
    """The Summer Time Order 2002: one hour ahead from 1:00 UTC of the last Sunday of March to that of October.

    Reckoned here because not every machine has a table of zones.
    """
    begins, ends = (datetime.combine(_last_sunday(now.year, month), time(1), UTC) for month in (3, 10))
    return now + timedelta(hours=1) if begins <= now < ends else now


def _last_sunday(year: int, month: int) -> date:
    """Of a month of 31 days."""
    last = date(year, month, 31)
    return last - timedelta(days=(last.weekday() + 1) % 7)
