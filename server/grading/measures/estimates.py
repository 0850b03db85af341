"""Estimated Attainment 8 by average scaled score at key stage 2, one table a year."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from server.grading.errors import ErrorCode, GradingError
from server.grading.exact import decimal_text
from server.grading.findings import Finding, error, warning
from server.grading.measures.csv_rows import CsvRow, csv_rows, malformed

ESTIMATES_FILE = "attainment8_estimates.csv"

_SPEC, _BAND, _TENTH = "spec", "ks2_average_scaled_score", "a8_estimate_div10"
_ELEMENTS = ("english", "maths", "ebacc", "open")
_COLUMNS = (_SPEC, _BAND, _TENTH)
_TENTHS = 10
_TOLERANCE = Fraction(5, 100)
"""Elements are printed to two places, so their sum may differ a little from the estimate."""
_YEAR = re.compile(r"\S{1,40}:([0-9]{4})")


@dataclass(frozen=True, slots=True)
class Estimate:
    """`total` is on the scale of Attainment 8 (0 to 90), ten times what the file prints; `elements` may be lacking."""

    band: Fraction
    total: Fraction
    elements: Mapping[str, Fraction]
    source: str


@dataclass(frozen=True, slots=True)
class EstimateTable:
    """The estimates of one year. `spec` is what cases name: "DfE:2023"."""

    spec: str
    year: int
    bands: Mapping[Fraction, Estimate]

    def of_version(self, version: int) -> EstimateTable:
        """Whose sources say the version."""
        bands = {band: replace(row, source=f"{row.source} of version {version}") for band, row in self.bands.items()}
        return EstimateTable(self.spec, self.year, bands)

    def find(self, ks2_average: Fraction) -> Estimate:
        """The estimate of a printed band. Raises NO_ESTIMATE: what lies between bands is not guessed."""
        found = self.bands.get(ks2_average)
        if found is None:
            first, last = decimal_text(min(self.bands)), decimal_text(max(self.bands))
            message = f"{self.spec} has no estimate for this key stage 2 average; its bands go from {first} to {last}."
            raise GradingError(ErrorCode.NO_ESTIMATE, message)
        return found


def read_estimates(text: str, findings: list[Finding]) -> Mapping[str, EstimateTable]:
    """Read attainment8_estimates.csv: tables by `spec`. A band printed twice with other figures decides nothing."""
    bands: dict[tuple[str, int], dict[Fraction, Estimate]] = {}
    refused: set[tuple[str, int, Fraction]] = set()
    for line in csv_rows(text, ESTIMATES_FILE, _COLUMNS, findings):
        try:
            spec, year, row = _row(line)
        except GradingError as problem:
            findings.append(malformed(line, problem))
            continue
        twin = bands.setdefault((spec, year), {}).setdefault(row.band, row)
        if twin is not row:
            findings.append(_repeated(line, twin, row))
            if (twin.total, twin.elements) != (row.total, row.elements):
                refused.add((spec, year, row.band))
        elif len(row.elements) == len(_ELEMENTS) and abs(sum(row.elements.values()) - row.total) > _TOLERANCE:
            message = "The elements don't add up to the estimate."
            findings.append(warning("ELEMENTS_DISAGREE", ESTIMATES_FILE, line.where, message))
    for spec, year, band in refused:
        del bands[spec, year][band]
    return {spec: EstimateTable(spec, year, rows) for (spec, year), rows in bands.items() if rows}


def _row(line: CsvRow) -> tuple[str, int, Estimate]:
    spec = line.word(_SPEC)
    year = _YEAR.fullmatch(spec)
    if year is None:
        raise GradingError(ErrorCode.BAD_CONTENT, "spec must name source and year, as DfE:2023.")
    elements = {name: line.amount(name) for name in _ELEMENTS if line.cells.get(name)}
    total = line.amount(_TENTH) * _TENTHS
    return spec, int(year[1]), Estimate(line.amount(_BAND), total, elements, line.source)


def _repeated(line: CsvRow, twin: Estimate, row: Estimate) -> Finding:
    if (twin.total, twin.elements) == (row.total, row.elements):
        return warning("DUPLICATE_ROW", ESTIMATES_FILE, line.where, "The band appeared before.")
    message = "The band appeared before with other figures: neither is used."
    return error("DUPLICATE_ROW", ESTIMATES_FILE, line.where, message)
