"""UCAS tariff points of a learner's qualifications after 16."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from server.grading.measures.points import PointsRow, PointsTable


@dataclass(frozen=True, slots=True)
class TariffPoints:
    """`rows` say for each award its points and the line of the table."""

    total: Fraction
    rows: tuple[PointsRow, ...]


def tariff_points(table: PointsTable, awards: Iterable[tuple[str, str]]) -> TariffPoints:
    """The sum over (qualification, grade). Raises UNKNOWN_QUALIFICATION or UNKNOWN_GRADE: nothing is guessed.

    The caller leaves out an award that another contains, such as an AS below the A level of its subject.
    """
    rows = tuple(table.find(qualification, grade) for qualification, grade in awards)
    return TariffPoints(sum((row.points for row in rows), Fraction(0)), rows)
