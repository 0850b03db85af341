"""The CSV copy that people read: it must say what the JSON says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction

from server.grading.exact import exact
from server.grading.findings import Finding, Severity, warning
from server.grading.measures.csv_rows import csv_rows

SUBJECT_CSV = "linear_subject_boundaries.csv"
_COLUMNS = ("id", "grade", "min_mark")


def compare_csv(text: str, figures: Mapping[str, Mapping[str, Fraction]]) -> Iterator[Finding]:
    """Warnings where the printed boundaries differ from `figures` (row id -> grade -> mark), which count."""
    faults: list[Finding] = []
    seen: set[tuple[str, str]] = set()
    for line in csv_rows(text, SUBJECT_CSV, _COLUMNS, faults):
        key = (line.cells["id"], line.cells["grade"])
        if key in seen:
            yield warning("DUPLICATE_ROW", SUBJECT_CSV, line.where, f"{key[0]} grade {key[1]} appeared before.")
        seen.add(key)
        if key[0] in figures and figures[key[0]].get(key[1]) != _mark(line.cells["min_mark"]):
            yield warning("CSV_DISAGREES", SUBJECT_CSV, line.where, "The JSON has another mark, and it counts.")
    # Nothing is graded by this copy.
    yield from (replace(fault, severity=Severity.WARNING) for fault in faults)


def _mark(value: object) -> Fraction | None:
    try:
        return exact(value, "min_mark")
    except ValueError:
        return None
