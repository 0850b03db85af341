"""The English Baccalaureate: entry, achievement at 4+ and 5+, and the average point score."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from server.grading.measures.basics import STANDARD, STRONG
from server.grading.measures.entries import ENGLISH, SINGLE_SCIENCES, Area, Entry, check_entries
from server.grading.measures.methods import EBACC_1, ThresholdMethod


class Pillar(StrEnum):
    ENGLISH = "english"
    MATHS = "maths"
    SCIENCE = "science"
    HUMANITY = "humanity"
    LANGUAGE = "language"


@dataclass(frozen=True, slots=True)
class PillarResult:
    """`points` are those that count for the average: two for science, one for the others; a missing one counts 0."""

    pillar: Pillar
    entered: bool
    standard: bool
    strong: bool
    points: tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class Ebacc:
    """`entered` and achieved only when every pillar is; the average is exact, over the six places of the method."""

    pillars: tuple[PillarResult, ...]
    average: Fraction
    method: ThresholdMethod

    @property
    def entered(self) -> bool:
        return all(each.entered for each in self.pillars)

    @property
    def standard(self) -> bool:
        """All pillars entered, at grade 4 or above."""
        return all(each.entered and each.standard for each in self.pillars)

    @property
    def strong(self) -> bool:
        """All pillars entered, at grade 5 or above."""
        return all(each.entered and each.strong for each in self.pillars)


def ebacc(entries: Iterable[Entry], method: ThresholdMethod = EBACC_1) -> Ebacc:
    """Which pillars a learner entered and achieved, and the average of the best grades in them."""
    taken = tuple(entries)
    check_entries(taken)
    areas = {each.area for each in taken}
    pillars = (
        _best(Pillar.ENGLISH, _points(taken, ENGLISH), entered=areas >= ENGLISH),
        _best(Pillar.MATHS, _points(taken, {Area.MATHS}), entered=Area.MATHS in areas),
        _science(taken, method),
        _best(Pillar.HUMANITY, _points(taken, {Area.HUMANITY}), entered=Area.HUMANITY in areas),
        _best(Pillar.LANGUAGE, _points(taken, {Area.LANGUAGE}), entered=Area.LANGUAGE in areas),
    )
    total = sum((points for pillar in pillars for points in pillar.points), Fraction(0))
    return Ebacc(pillars, total / method.pillars, method)


def _points(entries: Iterable[Entry], areas: frozenset[Area] | set[Area]) -> list[Fraction]:
    """Points of each slot in these areas, best first."""
    return sorted((each.points for each in entries if each.area in areas for _ in range(each.slots)), reverse=True)


def _best(pillar: Pillar, points: list[Fraction], *, entered: bool) -> PillarResult:
    top = points[0] if points else Fraction(0)
    return PillarResult(pillar, entered, entered and top >= STANDARD, entered and top >= STRONG, tuple(points[:1]))


def _science(entries: tuple[Entry, ...], method: ThresholdMethod) -> PillarResult:
    """Combined science, or three of the four single sciences of which two reach the grade."""
    combined = _points(entries, {Area.COMBINED_SCIENCE})
    singles = _points(entries, SINGLE_SCIENCES)
    enough = len({each.area for each in entries if each.area in SINGLE_SCIENCES}) >= method.singles
    standard, strong = (
        any(points >= threshold for points in combined)
        or (enough and sum(points >= threshold for points in singles) >= method.singles_reached)
        for threshold in (STANDARD, STRONG)
    )
    counted = max(combined[:2], singles[:2], key=lambda points: sum(points, Fraction(0)))
    return PillarResult(Pillar.SCIENCE, bool(combined) or enough, standard, strong, tuple(counted))
