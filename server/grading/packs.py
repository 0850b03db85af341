"""Boundary packs: a folder of published figures and cases. The only file of the engine that reads files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from server.grading import fields
from server.grading.errors import ErrorCode, GradingError
from server.grading.files.folder import Files, read_files
from server.grading.findings import MOST_ROWS, Finding, Severity, error, too_many_rows
from server.grading.measures.tables import MEASURE_FILES, MeasureTables, read_tables
from server.grading.pack_cases import CASES_FILE, Case, parse_cases
from server.grading.pack_checks import LINEAR_FILE, check_row
from server.grading.pack_csv import SUBJECT_CSV, compare_csv
from server.grading.pack_files import read_folder
from server.grading.pack_json import parse_json
from server.grading.pack_rows import LinearRow, boundaries_of, read_linear_row, specification_of
from server.grading.pack_thresholds import POINTS_CSV, THRESHOLDS_CSV, read_thresholds
from server.grading.pack_unit_faults import unit_fault
from server.grading.pack_units import CASH_INS_FILE, UNITS_FILE, PackRow, read_cash_in, read_unit
from server.grading.specification import Specification
from server.grading.table import prepare
from server.grading.unit_points import UNIT_POINTS_CSV, UnitPoints, read_unit_points


@dataclass(frozen=True, slots=True)
class Pack:
    """What a folder holds. `rejected` are ids of rows with an error; `checksums` are SHA-256 by file name.

    `unit_points` are those of vocational units; `measures` is what performance measures are reckoned from.
    `specifications` are those that have a file of their own, whether or not a series came with them; `names` are the
    names of such files, by specification and by the id of a row. `measure_texts` are the files that `measures` was read
    from, by name.
    """

    rows: Mapping[str, PackRow]
    rejected: frozenset[str]
    cases: tuple[Case, ...]
    findings: tuple[Finding, ...]
    checksums: Mapping[str, str]
    unit_points: UnitPoints
    measures: MeasureTables
    specifications: tuple[Specification, ...] = ()
    measure_texts: Mapping[str, str] = field(default_factory=dict[str, str])
    names: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def checksum(self) -> str:
        """SHA-256 over the names and checksums of all files: it names this very pack."""
        lines = "".join(f"{name} {self.checksums[name]}\n" for name in sorted(self.checksums))
        return hashlib.sha256(lines.encode()).hexdigest()

    def file_of(self, name: str) -> str | None:
        """SHA-256 of the file that states a specification or a row; only the list of linear rows is signed otherwise."""
        return self.checksums.get(self.names.get(name, LINEAR_FILE))

    @property
    def sound(self) -> bool:
        return all(finding.severity is not Severity.ERROR for finding in self.findings)


def load_pack(folder: Path, stored: Mapping[str, Specification] | None = None) -> Pack:
    """Read and check a pack. Never raises for what the folder holds: every fault is a finding.

    A file of a series may rest on one of the `stored` specifications, by identity.
    """
    findings: list[Finding] = []
    contents = read_folder(folder, findings)
    texts = _decode(contents, findings)
    rows, rejected = _load_rows(_json_list(texts, LINEAR_FILE, findings), findings)
    for row in _unit_rows(texts, findings, rejected):
        if row.row_id in rows or row.row_id in rejected:
            findings.append(error("DUPLICATE_ROW", "pack", row.row_id, "A row of this id came before."))
        else:
            rows[row.row_id] = row
    files = _checked_rows(texts, stored or {}, rows, rejected, findings)
    unit_points, faults = read_unit_points(texts.get(UNIT_POINTS_CSV, ""))
    measures, of_measures = read_tables(texts)
    findings += [*faults, *of_measures]
    figures = {row_id: {each.grade: each.mark for each in row.boundaries.rows} for row_id, row in rows.items()}
    findings += compare_csv(texts.get(SUBJECT_CSV, ""), figures)
    cases, faults = parse_cases(texts.get(CASES_FILE, ""))
    findings += faults
    checksums = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    measure_texts = {name: texts[name] for name in MEASURE_FILES if texts.get(name)}
    return Pack(
        rows, frozenset(rejected), cases, tuple(findings), checksums, unit_points, measures,
        tuple(files.specifications.values()), measure_texts, files.names,
    )  # fmt: skip


def _checked_rows(
    texts: Mapping[str, str],
    stored: Mapping[str, Specification],
    rows: dict[str, PackRow],
    rejected: set[str],
    findings: list[Finding],
) -> Files:
    """Add the series that have a file of their own; returns what the files state."""
    of_pack = {row.specification.identity: row.specification for row in rows.values()}
    files = read_files({name: text for name, text in texts.items() if name.endswith(".toml")}, {**stored, **of_pack})
    findings += files.findings
    rejected |= files.rejected
    for row_id, row in files.rows.items():
        if row_id in rows or row_id in rejected:
            findings.append(error("DUPLICATE_ROW", "pack", row_id, "A row of this id came before."))
        else:
            rows[row_id] = row
    return files


def _unit_rows(texts: Mapping[str, str], findings: list[Finding], rejected: set[str]) -> Iterator[PackRow]:
    """Units, cash-ins and thresholds, which are told by their own ids."""
    units: dict[tuple[str, str], PackRow] = {}
    for position, value in enumerate(_json_list(texts, UNITS_FILE, findings), start=1):
        try:
            row, faults = read_unit(fields.as_object(value, "A row"))
        except GradingError as problem:
            findings.append(_malformed(UNITS_FILE, value, position, problem, rejected))
            continue
        findings += faults
        units[row.boundaries.series, row.specification.code] = row
        yield row
    for position, value in enumerate(_json_list(texts, CASH_INS_FILE, findings), start=1):
        try:
            yield read_cash_in(fields.as_object(value, "A row"), units)
        except GradingError as problem:
            findings.append(_malformed(CASH_INS_FILE, value, position, problem, rejected))
    for file in (THRESHOLDS_CSV, POINTS_CSV):
        for found in read_thresholds(texts.get(file, ""), file):
            if isinstance(found, Finding):
                findings.append(found)
                rejected.add(found.where)
            else:
                yield found


def _malformed(file: str, value: object, position: int, problem: GradingError, rejected: set[str]) -> Finding:
    where = _named(value) or f"row {position}"
    rejected.add(where)
    code = "MISSING_UNIT" if problem.code is ErrorCode.MISSING_UNIT else unit_fault(value)
    return error(code, file, where, problem.message)


def _decode(contents: Mapping[str, bytes], findings: list[Finding]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for name, content in contents.items():
        try:
            texts[name] = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            findings.append(error("NOT_UTF8", name, "file", "The file is not UTF-8 text."))
    return texts


def _json_list(texts: Mapping[str, str], name: str, findings: list[Finding]) -> Sequence[object]:
    if name not in texts:
        return ()
    try:
        rows = fields.as_list(parse_json(texts[name]), "The file")
    except ValueError:
        findings.append(error("MALFORMED_JSON", name, "file", "The file is no JSON list of rows."))
        return ()
    if len(rows) > MOST_ROWS:
        findings.append(too_many_rows(name))
        return ()
    return rows


def _load_rows(values: Sequence[object], findings: list[Finding]) -> tuple[dict[str, PackRow], set[str]]:
    rows: dict[str, PackRow] = {}
    rejected: set[str] = set()
    owners: dict[tuple[str, str], PackRow] = {}
    for position, value in enumerate(values, start=1):
        row_id, row, faults = _load_row(value, position)
        findings += faults
        if row is None:
            rejected.add(row_id)
            continue
        key = (row.specification.identity, row.boundaries.series.replace("_", " "))
        twin = owners.setdefault(key, row)
        if twin is not row:
            message = "A row of this specification and series came before."
            findings.append(error("DUPLICATE_ROW", LINEAR_FILE, row_id, message))
            if (twin.specification, twin.boundaries.rows) != (row.specification, row.boundaries.rows):
                # Two rows that disagree: neither may decide a grade.
                rejected |= {row_id, twin.row_id}
        rows[row_id] = row
    return {row_id: row for row_id, row in rows.items() if row_id not in rejected}, rejected


def _load_row(value: object, position: int) -> tuple[str, PackRow | None, list[Finding]]:
    where = f"row {position}"
    try:
        row = read_linear_row(fields.as_object(value, "A row"))
        where = row.row_id
        faults = list(check_row(row))
        return where, None if _has_error(faults) else _pack_row(row), faults
    except GradingError as problem:
        return where, None, [error("MALFORMED_ROW", LINEAR_FILE, _named(value) or where, problem.message)]


def _pack_row(row: LinearRow) -> PackRow:
    made = PackRow(row.row_id, specification_of(row), boundaries_of(row))
    prepare(made.specification, made.boundaries)
    return made


def _has_error(faults: Iterator[Finding] | list[Finding]) -> bool:
    return any(fault.severity is Severity.ERROR for fault in faults)


def _named(value: object) -> str:
    """The id of a row that could not be read, if it has one."""
    try:
        return fields.code(fields.as_object(value, "A row"), "id")
    except GradingError:
        return ""
