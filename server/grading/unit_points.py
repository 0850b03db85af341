"""Points of vocational units: by the grade reached and the guided learning hours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from server.grading.errors import ErrorCode, GradingError
from server.grading.exact import exact
from server.grading.findings import Finding, warning
from server.grading.measures.csv_rows import CsvRow, csv_rows, malformed

UNIT_POINTS_CSV = "btec2016_unit_points.csv"

UNIT_SHARES: Mapping[str, Fraction] = {
    "U": Fraction(0),
    "N": Fraction(2, 3),
    "P": Fraction(1),
    "M": Fraction(5, 3),
    "D": Fraction(8, 3),
}
"""Points for ten guided learning hours; Pearson's unit points of the 2016 Nationals, of which the tables are multiples."""


@dataclass(frozen=True, slots=True)
class UnitPoints:
    """Points of a unit grade by its guided learning hours."""

    rows: Mapping[tuple[int, str], Fraction]

    def points(self, hours: int, grade: str) -> Fraction:
        """As printed, or by the rule hours / 10 x (N 2/3, P 1, M 5/3, D 8/3). Raises BAD_CONTENT for another grade."""
        if (hours, grade) in self.rows:
            return self.rows[hours, grade]
        if grade not in UNIT_SHARES:
            raise GradingError(ErrorCode.BAD_CONTENT, "A unit grade must be one of U, N, P, M, D.")
        return UNIT_SHARES[grade] * hours / 10


def read_unit_points(text: str) -> tuple[UnitPoints, list[Finding]]:
    """`btec2016_unit_points.csv`; a warning where it is not the rule."""
    found: dict[tuple[int, str], Fraction] = {}
    findings: list[Finding] = []
    for line in csv_rows(text, UNIT_POINTS_CSV, ("unit_glh", "grade", "points"), findings):
        try:
            hours, grade, points = _hours(line), line.word("grade"), line.amount("points")
        except GradingError as problem:
            findings.append(malformed(line, problem))
            continue
        if (hours, grade) in found:
            findings.append(warning("DUPLICATE_ROW", UNIT_POINTS_CSV, line.where, "The unit grade came before."))
        if grade in UNIT_SHARES and points != UNIT_SHARES[grade] * hours / 10:
            findings.append(warning("POINTS_RULE", UNIT_POINTS_CSV, line.where, "The rule gives other points."))
        found[hours, grade] = points
    return UnitPoints(found), findings


def _hours(line: CsvRow) -> int:
    hours = exact(line.cells["unit_glh"], "unit_glh")
    if hours.denominator != 1 or hours <= 0:
        raise GradingError(ErrorCode.BAD_NUMBER, "unit_glh must be a whole number above 0.")
    return int(hours)
