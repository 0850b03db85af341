"""Working hours by the clock of the United Kingdom."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from server.register.school_hours import within_school_hours


@pytest.mark.parametrize(
    ("moment", "within"),
    [
        # Winter: UTC is the local time. 20 November 2026 is a Friday.
        (datetime(2026, 11, 20, 6, 59, 59, tzinfo=UTC), False),
        (datetime(2026, 11, 20, 7, tzinfo=UTC), True),
        (datetime(2026, 11, 20, 17, 59, 59, tzinfo=UTC), True),
        (datetime(2026, 11, 20, 18, tzinfo=UTC), False),
        (datetime(2026, 11, 21, 12, tzinfo=UTC), False),
        (datetime(2026, 11, 22, 12, tzinfo=UTC), False),
        (datetime(2026, 11, 23, 12, tzinfo=UTC), True),
        # Summer: an hour ahead, from the last Sunday of March to that of October.
        (datetime(2026, 3, 27, 6, tzinfo=UTC), False),
        (datetime(2026, 3, 30, 6, tzinfo=UTC), True),
        (datetime(2026, 3, 30, 17, tzinfo=UTC), False),
        (datetime(2026, 10, 23, 6, tzinfo=UTC), True),
        (datetime(2026, 10, 26, 6, tzinfo=UTC), False),
        (datetime(2027, 3, 29, 6, tzinfo=UTC), True),
        # Another zone tells the same moment.
        (datetime(2026, 11, 20, 20, tzinfo=timezone(timedelta(hours=5))), True),
    ],
)
def test_hours(moment: datetime, within: bool) -> None:
    """From seven, until six, Monday to Friday."""
    assert within_school_hours(moment) is within
