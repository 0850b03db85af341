"""Points by type of qualification and grade: the DfE's at key stage 4, and the UCAS tariff."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from server.grading.errors import ErrorCode, GradingError
from server.grading.exact import decimal_text
from server.grading.findings import Finding, warning
from server.grading.measures.csv_rows import CsvRow, csv_rows, malformed

KS4_FILE = "dfe_ks4_points_2019.csv"
TARIFF_FILE = "ucas_tariff.csv"

UNGRADED = frozenset({"U", "X"})
"""Taken without an award: 0 points in every table, which print only awards."""

_KS4 = {"qualification": "qualification_type", "grade": "grade_code", "points": "points", "size": "gcse_size"}
_TARIFF = {"qualification": "qualification", "grade": "grade", "points": "points"}
_PAIR = re.compile(r"([1-9])-([1-9])")
_LEVEL = re.compile(r"L([12]) ?(\w+|D\*)")
_STAR = re.compile(r"D\*([12])")
_DOUBLE = "double award"


@dataclass(frozen=True, slots=True)
class PointsRow:
    """`points` are those of each slot; `size` is in GCSEs, as printed; a double award has two slots."""

    qualification: str
    grade: str
    points: Fraction
    size: Fraction
    source: str

    @property
    def slots(self) -> int:
        return 2 if _DOUBLE in self.qualification.casefold() else 1


@dataclass(frozen=True, slots=True)
class PointsTable:
    """Rows by qualification and grade as printed; more than one row where a type has several scales."""

    name: str
    rows: Mapping[tuple[str, str], tuple[PointsRow, ...]]

    @property
    def qualifications(self) -> frozenset[str]:
        return frozenset(qualification for qualification, _ in self.rows)

    def renewed(self, newer: PointsTable) -> PointsTable:
        """With each type that `newer` prints as it stands there."""
        kept = {key: rows for key, rows in self.rows.items() if key[0] not in newer.qualifications}
        return PointsTable(newer.name, kept | dict(newer.rows))

    def of_version(self, version: int) -> PointsTable:
        """Whose sources say the version."""
        rows = {
            key: tuple(replace(row, source=f"{row.source} of version {version}") for row in several)
            for key, several in self.rows.items()
        }
        return PointsTable(self.name, rows)

    def find(self, qualification: str, grade: str) -> PointsRow:
        """The row of a grade, which may be written as boards write it: 9-8 for 98, D*2 or L2D* for *2.

        Raises UNKNOWN_QUALIFICATION, UNKNOWN_GRADE, or AMBIGUOUS_POINTS where the type has several scales.
        """
        printed = sorted(each for name, each in self.rows if name == qualification)
        if not printed:
            raise GradingError(ErrorCode.UNKNOWN_QUALIFICATION, f"{self.name} has no type {qualification[:80]!r}.")
        if grade in UNGRADED and grade not in printed:
            return _ungraded(self, qualification, grade)
        spelt = next((each for each in _spellings(grade, printed) if each in printed), None)
        if spelt is None:
            message = f"{self.name} has no grade {grade[:20]!r} of {qualification}; it has {', '.join(printed)}."
            raise GradingError(ErrorCode.UNKNOWN_GRADE, message)
        return _only(self.rows[qualification, spelt])


def read_ks4_points(text: str, findings: list[Finding]) -> PointsTable:
    """Read dfe_ks4_points_2019.csv; "" gives an empty table."""
    return _read(text, KS4_FILE, "The KS4 points table", _KS4, findings)


def read_tariff(text: str, findings: list[Finding]) -> PointsTable:
    """Read ucas_tariff.csv, whose sizes count as 1; "" gives an empty table."""
    return _read(text, TARIFF_FILE, "The UCAS tariff", _TARIFF, findings)


def _read(text: str, file: str, name: str, columns: Mapping[str, str], findings: list[Finding]) -> PointsTable:
    rows: dict[tuple[str, str], tuple[PointsRow, ...]] = {}
    for line in csv_rows(text, file, tuple(columns.values()), findings):
        try:
            row = _row(line, columns)
        except GradingError as problem:
            findings.append(malformed(line, problem))
            continue
        before = rows.get((row.qualification, row.grade), ())
        if any((each.points, each.size) == (row.points, row.size) for each in before):
            message = f"{row.qualification} grade {row.grade} appeared before."
            findings.append(warning("DUPLICATE_ROW", file, line.where, message))
            continue
        rows[row.qualification, row.grade] = (*before, row)
    return PointsTable(name, rows)


def _row(line: CsvRow, columns: Mapping[str, str]) -> PointsRow:
    return PointsRow(
        qualification=line.word(columns["qualification"]),
        grade=line.word(columns["grade"]),
        points=line.amount(columns["points"]),
        size=line.amount(columns["size"]) if "size" in columns else Fraction(1),
        source=line.source,
    )


def _spellings(grade: str, printed: list[str]) -> Iterator[str]:
    yield grade
    pair, level, star = _PAIR.fullmatch(grade), _LEVEL.fullmatch(grade), _STAR.fullmatch(grade)
    if pair:
        yield pair[1] + pair[2]
    if level:
        yield level[2].removeprefix("D") + level[1] if level[2] == "D*" else level[2] + level[1]
    if star:
        yield "*" + star[1]
    # A plain star is A* where there is an A, and D* where there is none.
    if grade == ("A*" if "A" in printed else "D*"):
        yield "*"


def _only(rows: tuple[PointsRow, ...]) -> PointsRow:
    if len(rows) == 1:
        return rows[0]
    row, amounts = rows[0], ", ".join(decimal_text(each.points) for each in rows)
    message = f"{row.qualification} grade {row.grade} has {amounts} points by its scale: state the points."
    raise GradingError(ErrorCode.AMBIGUOUS_POINTS, message)


def _ungraded(table: PointsTable, qualification: str, grade: str) -> PointsRow:
    size = max(row.size for (name, _), rows in table.rows.items() if name == qualification for row in rows)
    return PointsRow(qualification, grade, Fraction(0), size, "ungraded: 0 points")
