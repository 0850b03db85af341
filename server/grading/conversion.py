"""How a unit's raw mark becomes uniform marks or points: straight lines between anchors, rounded once.

UMS, the sliding scale of BTEC's external units, the ladder of grades of an internal unit and a table that a board
prints whole are one rule with other data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from math import floor

from server.grading.boundaries import BoundaryRow, UnitRow
from server.grading.errors import ErrorCode, GradingError
from server.grading.exact import half_up


class Below(StrEnum):
    """What lies below the lowest anchor.

    `notional`: one more grade of the same width in raw and uniform marks, then a line to 0 (AQA and OxfordAQA: 246
    printed points agree). `zero`: a line to 0. `nothing`: 0.
    """

    NOTIONAL = "notional"
    ZERO = "zero"
    NOTHING = "nothing"


class Above(StrEnum):
    """What lies above the highest anchor. `cap`: the last slope goes on until the maximum. `flat`: nothing more."""

    CAP = "cap"
    FLAT = "flat"


class Between(StrEnum):
    """What lies between two anchors. `line`: a straight line. `step`: what the lower one is worth, as a unit whose grade
    alone counts."""

    LINE = "line"
    STEP = "step"


class Whole(StrEnum):
    """How the result becomes a whole number."""

    HALF_UP = "half_up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class UniformMark:
    """What reaching a unit grade is worth, in uniform marks or points."""

    grade: str
    mark: Fraction


@dataclass(frozen=True, slots=True)
class Conversion:
    """`uniform` is best first and the same in every series; `maximum` is the most that the unit can give.

    `fixed` are raw boundaries that no series changes, such as the places of an internal unit's grades. Raises
    BAD_SPECIFICATION where the figures rise from a better grade to a lower one, or pass the maximum.
    """

    maximum: Fraction
    uniform: tuple[UniformMark, ...]
    below: Below = Below.NOTIONAL
    above: Above = Above.CAP
    whole: Whole = Whole.HALF_UP
    fixed: tuple[BoundaryRow, ...] = ()
    between: Between = Between.LINE

    def __post_init__(self) -> None:
        marks = [each.mark for each in self.uniform]
        if self.maximum <= 0 or not marks or marks[0] > self.maximum or marks[-1] < 0:
            raise _bad("The uniform marks of a unit must lie between 0 and its maximum.")
        if any(upper <= lower for upper, lower in pairwise(marks)):
            raise _bad("The uniform marks of a unit must fall from grade to grade.")
        if self.maximum.denominator != 1:
            raise _bad("The maximum of a unit must be a whole number of uniform marks.")


Anchors = tuple[tuple[Fraction, Fraction], ...]
"""(raw mark, uniform mark), lowest first."""


def anchors(conversion: Conversion, series: UnitRow | None, max_raw: Fraction) -> Anchors:
    """Where the lines begin and end, for a unit in one series. Raises BAD_BOUNDARIES where the series lacks figures."""
    rows = conversion.fixed or (series.rows if series else ())
    raw = {row.grade: row.mark for row in rows}
    worth = {each.grade: each.mark for each in conversion.uniform}
    if not raw or set(raw) - set(worth):
        raise GradingError(ErrorCode.BAD_BOUNDARIES, "A unit needs raw marks in the series, for grades that it has.")
    found = sorted((raw[grade], worth[grade]) for grade in raw)
    if any(a >= b or u >= v for (a, u), (b, v) in pairwise(found)) or found[-1][0] > max_raw:
        raise GradingError(
            ErrorCode.BAD_BOUNDARIES, "Raw marks of a unit must fall from grade to grade, from its maximum or below."
        )
    return (*_below(conversion, found), *found, *_above(conversion, found, max_raw))


def uniform(conversion: Conversion, between: Anchors, raw: Fraction) -> Fraction:
    """The uniform mark of a raw mark, a whole number."""
    exact = along(conversion, between, raw)
    whole = half_up(exact) if conversion.whole is Whole.HALF_UP else floor(exact)
    return min(Fraction(whole), conversion.maximum)


def along(conversion: Conversion, between: Anchors, raw: Fraction) -> Fraction:
    """The exact value at a raw mark; 0 below the lowest anchor, and no more than the highest above it."""
    if raw < between[0][0]:
        return Fraction(0)
    for (low, least), (high, most) in pairwise(between):
        if low <= raw < high:
            way = (raw - low) / (high - low) if conversion.between is Between.LINE else 0
            return least + (most - least) * way
    return between[-1][1]


def _below(conversion: Conversion, found: Sequence[tuple[Fraction, Fraction]]) -> Anchors:
    raw, worth = found[0]
    nought = (Fraction(0), Fraction(0))
    if raw == 0 or conversion.below is Below.NOTHING:
        return ()
    if conversion.below is Below.NOTIONAL and len(found) > 1:
        notional = (2 * raw - found[1][0], 2 * worth - found[1][1])
        if notional[0] > 0 and notional[1] > 0:
            return (nought, notional)
    return (nought,)


def _above(conversion: Conversion, found: Sequence[tuple[Fraction, Fraction]], max_raw: Fraction) -> Anchors:
    raw, worth = found[-1]
    if conversion.above is Above.FLAT or worth == conversion.maximum or raw == max_raw:
        return ()
    if len(found) == 1:
        return ((max_raw, conversion.maximum),)
    width = (raw - found[-2][0]) * (conversion.maximum - worth) / (worth - found[-2][1])
    return ((min(raw + width, max_raw), conversion.maximum),)


def _bad(message: str) -> GradingError:
    return GradingError(ErrorCode.BAD_SPECIFICATION, message)
