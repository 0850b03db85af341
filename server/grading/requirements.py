"""What a grade asks for besides the total: the A* of a unitised A level, units that must be passed, size passed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction


class Measure(StrEnum):
    """`total`: the sum of what the named components gave. `size`: the sum of the sizes of those that are passed."""

    TOTAL = "total"
    SIZE = "size"


@dataclass(frozen=True, slots=True)
class Requirement:
    """`grade` and every better one need at least `minimum` of `measure` over `components`.

    `size` counts a component from `passed` subject marks (uniform marks, points) of its own.
    """

    grade: str
    components: tuple[str, ...]
    minimum: Fraction
    reason: str
    measure: Measure = Measure.TOTAL
    passed: Fraction = Fraction(1)
    source: str = ""


@dataclass(frozen=True, slots=True)
class Hurdle:
    """A requirement made ready: components by position, marks in units, `cap` the best rank without it."""

    requirement: Requirement
    positions: tuple[int, ...]
    minimum: int
    passed: int
    sizes: tuple[int, ...]
    cap: int

    def taken(self, parts: Sequence[int | Fraction]) -> bool:
        """Whether these contributions, in units by component, satisfy it."""
        if self.requirement.measure is Measure.TOTAL:
            return sum(parts[position] for position in self.positions) >= self.minimum
        sizes = zip(self.positions, self.sizes, strict=True)
        return sum(size for position, size in sizes if parts[position] >= self.passed) >= self.minimum


def capped(rank: int, hurdles: Sequence[Hurdle], parts: Sequence[int | Fraction]) -> int:
    """The rank that remains: 0 is below the lowest grade."""
    return min([rank, *(hurdle.cap for hurdle in hurdles if not hurdle.taken(parts))])
