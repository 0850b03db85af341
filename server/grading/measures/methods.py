"""Versions of the measures. Rules change from year to year: a version is never edited, a new one is added."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final

from server.grading.measures.entries import EBACC, ENGLISH, Area
from server.grading.measures.rounding import RoundTo


class Element(StrEnum):
    """The four elements of Attainment 8."""

    ENGLISH = "english"
    MATHS = "maths"
    EBACC = "ebacc"
    OPEN = "open"


class SizeRule(StrEnum):
    """Whether the points of a qualification smaller than a GCSE are taken as printed, or times its size."""

    AS_PRINTED = "as_printed"
    TIMES_SIZE = "times_size"


@dataclass(frozen=True, slots=True)
class Attainment8Method:
    """`slots` are places by element, `weights` how often the points in such a place count; English counts
    `single_english` times when only one of language and literature was taken."""

    name: str
    confidence: str
    slots: Mapping[Element, int]
    weights: Mapping[Element, int]
    single_english: int
    size_rule: SizeRule

    def fills(self, area: Area) -> frozenset[Element]:
        """The elements in which a subject may count."""
        if area in ENGLISH:
            return frozenset({Element.ENGLISH, Element.OPEN})
        if area in EBACC:
            return frozenset({Element.EBACC, Element.OPEN})
        return frozenset({Element.MATHS if area is Area.MATHS else Element.OPEN})


@dataclass(frozen=True, slots=True)
class Progress8Method:
    """`no_tests` are years without key stage 2 tests, sat `years_before` the end of key stage 4; `z` makes the
    interval; nothing is capped below, because the published cap was not found."""

    name: str
    confidence: str
    years_before: int
    no_tests: frozenset[int]
    divisor: int
    places: int
    rounding: RoundTo
    z: Fraction


@dataclass(frozen=True, slots=True)
class ThresholdMethod:
    """Of EBacc and basics: `pillars` divides the EBacc average, `singles` of the single sciences must be taken and
    `singles_reached` of them reached."""

    name: str
    confidence: str
    pillars: int = 6
    singles: int = 3
    singles_reached: int = 2


ATTAINMENT_8: Final = Attainment8Method(
    name="attainment8/1",
    confidence="published rule; how sizes below 1 count is assumed",
    slots={Element.ENGLISH: 1, Element.MATHS: 1, Element.EBACC: 3, Element.OPEN: 3},
    weights={Element.ENGLISH: 2, Element.MATHS: 2, Element.EBACC: 1, Element.OPEN: 1},
    single_english=1,
    # The printed points of the 0.67 qualifications already lie at two thirds of an AS on the old points scale.
    size_rule=SizeRule.AS_PRINTED,
)
PROGRESS_8: Final = Progress8Method(
    name="progress8/1",
    confidence="published rule; rounding of an exact half assumed, no cap of extreme scores",
    years_before=5,
    no_tests=frozenset({2020, 2021}),
    divisor=10,
    places=2,
    rounding=RoundTo.HALF_AWAY_FROM_ZERO,
    z=Fraction(196, 100),
)
EBACC_1: Final = ThresholdMethod("ebacc/1", "general knowledge")
BASICS_1: Final = ThresholdMethod("basics/1", "general knowledge")
