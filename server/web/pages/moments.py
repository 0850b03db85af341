"""Moments as pages tell them: in UTC, since the server doesn't know the reader's clock, and says so."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta


def moment(when: datetime) -> str:
    """Such as "22 November 2026 at 07:03 (UTC)"."""
    there = when.astimezone(UTC)
    return f"{there.day} {there:%B %Y} at {there:%H:%M} (UTC)"


def wait(left: timedelta) -> str:
    """Such as "1 minute"; never shorter than what is left."""
    seconds = max(1, math.ceil(left.total_seconds()))
    number, unit = (seconds, "second") if seconds < 60 else (math.ceil(seconds / 60), "minute")
    return f"{number} {unit}{'' if number == 1 else 's'}"
