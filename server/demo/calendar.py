"""The school year of the demo, reckoned from the year in which it is made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final


@dataclass(frozen=True, slots=True)
class Window:
    """`whole`: every paper is sat; otherwise only the first. `sat` is False for one that lies ahead."""

    name: str
    starts: tuple[int, int]
    ends: tuple[int, int]
    whole: bool = True
    sat: bool = True

    def starts_on(self, year: int) -> date:
        return _day(year, *self.starts)

    def ends_on(self, year: int) -> date:
        return _day(year, *self.ends)


LAST_YEAR: Final = (
    Window("Autumn 1", (10, 6), (10, 17), whole=False),
    Window("Autumn 2", (12, 1), (12, 12)),
    Window("Spring 1", (2, 2), (2, 13), whole=False),
    Window("Spring 2", (3, 16), (3, 27)),
    Window("Summer 1", (5, 11), (5, 22)),
    Window("Summer 2", (6, 22), (7, 3)),
)
THIS_YEAR: Final = (
    Window("Baseline", (9, 7), (9, 18), whole=False),
    Window("Autumn 1", (10, 5), (10, 16)),
    Window("Spring 1", (2, 1), (2, 12), sat=False),
)


def _day(year: int, month: int, day: int) -> date:
    return date(year if month >= 9 else year + 1, month, day)


def first_day(year: int) -> date:
    return date(year, 9, 1)


def last_day(year: int) -> date:
    return date(year + 1, 8, 31)


def year_of(day: date) -> int:
    """The starting year of the school year that a day lies in."""
    return day.year if day.month >= 9 else day.year - 1
