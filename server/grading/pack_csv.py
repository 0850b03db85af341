"""The CSV copy that people read: it must say what the JSON says."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from fractions import Fraction

from server.grading.exact import exact
from server.grading.findings import Finding, warning

SUBJECT_CSV = "linear_subject_boundaries.csv"
_COLUMNS = {"id", "grade", "min_mark"}


def compare_csv(text: str, figures: Mapping[str, Mapping[str, Fraction]]) -> Iterator[Finding]:
    """Warnings where the printed boundaries differ from `figures` (row id -> grade -> mark), which count."""
    try:
        rows = list(csv.DictReader(io.StringIO(text), strict=True))
    except csv.Error as problem:
        yield warning("MALFORMED_CSV", SUBJECT_CSV, "file", f"The file can't be read as CSV: {problem}.")
        return
    if rows and not rows[0].keys() >= _COLUMNS:
        yield warning("MALFORMED_CSV", SUBJECT_CSV, "line 1", f"The columns {', '.join(sorted(_COLUMNS))} are needed.")
        return
    seen: set[tuple[str, str]] = set()
    for number, row in enumerate(rows, start=2):
        key = (row["id"] or "", row["grade"] or "")
        if key in seen:
            yield warning("DUPLICATE_ROW", SUBJECT_CSV, f"line {number}", f"{key[0]} grade {key[1]} appeared before.")
        seen.add(key)
        if key[0] in figures and figures[key[0]].get(key[1]) != _mark(row["min_mark"]):
            yield warning("CSV_DISAGREES", SUBJECT_CSV, f"line {number}", "The JSON has another mark, and it counts.")


def _mark(value: object) -> Fraction | None:
    try:
        return exact(value, "min_mark")
    except ValueError:
        return None
