"""Points against targets and against other subjects, and groups against everybody; exact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from server.grading.analysis.grades import mean


@dataclass(frozen=True, slots=True)
class Group:
    """How many learners, the mean of their points, and how far that is from everybody's."""

    learners: int
    mean: Fraction | None
    gap: Fraction | None


def residual(points: Decimal | None, total: Decimal | None, number: int | None) -> Fraction | None:
    """Points less the mean of the `number` others that make `total`; None without either."""
    if points is None or total is None or not number:
        return None
    return Fraction(points) - Fraction(total) / number


def added(points: Decimal | None, target: Fraction | None) -> Fraction | None:
    """Points less the target's; None without either."""
    return None if points is None or target is None else Fraction(points) - target


def groups(points: Mapping[str, Sequence[Fraction]]) -> tuple[Fraction | None, dict[str, Group]]:
    """Everybody's mean, and each group's; `points` has one number a learner."""
    every = mean([one for some in points.values() for one in some])
    found: dict[str, Group] = {}
    for name, some in points.items():
        own = mean(some)
        found[name] = Group(len(some), own, None if own is None or every is None else own - every)
    return every, found
