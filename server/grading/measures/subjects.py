"""What each specification counts as in measures: area, type in either points table, discount word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from server.grading.errors import ErrorCode, GradingError
from server.grading.fields import word
from server.grading.findings import Finding, error, warning
from server.grading.measures.csv_rows import CsvRow, csv_rows, malformed
from server.grading.measures.entries import Area

SUBJECTS_FILE = "measure_subjects.csv"

_COLUMNS = ("specification", "area", "ks4_type", "tariff_type", "discount", "confidence", "source")


@dataclass(frozen=True, slots=True)
class Subject:
    """`ks4` and `tariff` are types as the tables print them, None where it has no points there. Of a learner's results
    with one `discount` word one counts; None where every result is another subject's."""

    specification: str
    area: Area
    ks4: str | None
    tariff: str | None
    discount: str | None
    confidence: str
    source: str


def read_subjects(text: str, findings: list[Finding]) -> Mapping[str, Subject]:
    """Read measure_subjects.csv: subjects by specification. One that is stated twice otherwise decides nothing."""
    found: dict[str, Subject] = {}
    refused: set[str] = set()
    for line in csv_rows(text, SUBJECTS_FILE, _COLUMNS, findings):
        try:
            row = _row(line)
        except GradingError as problem:
            findings.append(malformed(line, problem))
            continue
        twin = found.setdefault(row.specification, row)
        if twin is not row:
            same = (twin.area, twin.ks4, twin.tariff, twin.discount) == (row.area, row.ks4, row.tariff, row.discount)
            findings.append(_repeated(line, row, same=same))
            if not same:
                refused.add(row.specification)
    return {name: subject for name, subject in found.items() if name not in refused}


def _row(line: CsvRow) -> Subject:
    ks4, tariff = (" ".join(line.cells[column].split()) or None for column in ("ks4_type", "tariff_type"))
    if ks4 is None and tariff is None:
        raise GradingError(ErrorCode.BAD_CONTENT, "ks4_type or tariff_type must be stated.")
    return Subject(
        specification=line.word("specification"),
        area=word(Area, line.word("area"), "area"),
        ks4=ks4,
        tariff=tariff,
        discount=" ".join(line.cells["discount"].split()) or None,
        confidence=line.word("confidence"),
        source=f"{line.source}: {line.word('source')}",
    )


def _repeated(line: CsvRow, row: Subject, *, same: bool) -> Finding:
    if same:
        return warning("DUPLICATE_ROW", SUBJECTS_FILE, line.where, f"{row.specification} appeared before.")
    message = f"{row.specification} appeared before as something else: neither is used."
    return error("DUPLICATE_ROW", SUBJECTS_FILE, line.where, message)
