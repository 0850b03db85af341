"""Grade boundaries of one series, with where each figure was read and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from server.grading.errors import ErrorCode, GradingError


@dataclass(frozen=True, slots=True)
class BoundaryRow:
    """At or above `mark` (in subject marks) the grade is reached."""

    grade: str
    mark: Fraction


@dataclass(frozen=True, slots=True)
class NotionalRow:
    """Illustrative boundaries of one component in raw marks; never used to build a subject boundary."""

    component: str
    rows: tuple[BoundaryRow, ...]


@dataclass(frozen=True, slots=True)
class UnitRow:
    """Raw boundaries of one unit, best grade first: what its uniform marks are reckoned from in this series.

    `printed` are (raw mark, uniform mark) that the board printed otherwise than the rule has them: they count.
    """

    component: str
    rows: tuple[BoundaryRow, ...]
    printed: tuple[tuple[Fraction, Fraction], ...] = ()

    def __post_init__(self) -> None:
        marks = [row.mark for row in self.rows]
        if not marks or any(upper <= lower for upper, lower in pairwise(marks)) or marks[-1] < 0:
            raise GradingError(
                ErrorCode.BAD_BOUNDARIES,
                f"The raw boundaries of {self.component} must fall from grade to grade and not below 0.",
            )


@dataclass(frozen=True, slots=True)
class BoundarySet:
    """The subject row of one specification (and option) in one series, best grade first, and its units' rows if any.

    `checksum` is that of the published document, if it was recorded. Raises BAD_BOUNDARIES where a mark is above that
    of a better grade, or below 0; two grades share a mark only where the specification asks something else of one.
    """

    specification: str
    series: str
    rows: tuple[BoundaryRow, ...]
    sources: tuple[str, ...]
    confidence: str
    option: str | None = None
    notional: tuple[NotionalRow, ...] = ()
    units: tuple[UnitRow, ...] = ()
    note: str = ""
    published: str | None = None
    checksum: str | None = None
    entered_by: str | None = None
    checked_by: str | None = None

    def __post_init__(self) -> None:
        if not self.rows:
            raise GradingError(ErrorCode.BAD_BOUNDARIES, f"{self.specification} {self.series} has no boundaries.")
        marks = [row.mark for row in self.rows]
        if any(upper < lower for upper, lower in pairwise(marks)) or marks[-1] < 0:
            raise GradingError(
                ErrorCode.BAD_BOUNDARIES,
                f"The boundaries of {self.specification} {self.series} must fall from grade to grade and not below 0.",
            )
