"""The TOML files of a folder: read, checked, and matched. Nothing is raised for what they hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial

from server.grading import fields
from server.grading.boundaries import BoundarySet
from server.grading.contents import boundaries_from_content, specification_from_content
from server.grading.errors import ErrorCode, GradingError
from server.grading.files import checks
from server.grading.files.reading import (
    BOUNDARY_WORDS,
    FORMAT,
    SPECIFICATION_WORDS,
    boundary_values,
    parse,
    specification_values,
    unknown_words,
)
from server.grading.findings import Finding, Severity, error, warning
from server.grading.pack_units import PackRow
from server.grading.specification import Specification
from server.grading.table import prepare


@dataclass(slots=True)
class Files:
    """What the files state. `rows` are series with their specifications, by id such as AQA:8300:H:June_2025.

    `names` are the names of the files, by specification and by the id of a row.
    """

    specifications: dict[str, Specification] = field(default_factory=dict[str, Specification])
    rows: dict[str, PackRow] = field(default_factory=dict[str, PackRow])
    rejected: set[str] = field(default_factory=set[str])
    findings: list[Finding] = field(default_factory=list[Finding])
    names: dict[str, str] = field(default_factory=dict[str, str])


def row_id(identity: str, series: str, option: str | None = None) -> str:
    """The id of a series' row: the specification, and the series as it is stored."""
    return f"{identity}:{stored_series(series, option).replace(' ', '_')}"


def stored_series(series: str, option: str | None) -> str:
    """An option has boundaries of its own within the series."""
    return series if option is None else f"{series} {option}"


def read_files(texts: Mapping[str, str], known: Mapping[str, Specification]) -> Files:
    """Files by name; `known` are specifications that stand elsewhere, in the pack's tables or the database."""
    files = Files()
    read = {name: _parsed(files, name, text) for name, text in sorted(texts.items())}
    parsed = {name: given for name, given in read.items() if given is not None}
    for name, given in parsed.items():
        if "series" not in given:
            _guarded(files, name, given, partial(_specification, files, name, given))
    for name, given in parsed.items():
        if "series" in given:
            _guarded(files, name, given, partial(_boundaries, files, known, name, given))
    return files


def _parsed(files: Files, name: str, text: str) -> dict[str, object] | None:
    try:
        given = parse(text)
    except GradingError as problem:
        files.findings.append(error("MALFORMED_FILE", name, "file", problem.message))
        return None
    words = BOUNDARY_WORDS if "series" in given else SPECIFICATION_WORDS
    unknown = sorted(set(unknown_words(given, words)))
    if given.get("format") != FORMAT:
        files.findings.append(error("UNKNOWN_FORMAT", name, "file", f"format must be {FORMAT}."))
    elif unknown:
        files.findings.append(error("UNKNOWN_WORD", name, "file", f"The format has no {', '.join(unknown)}."))
    else:
        return given
    files.rejected.add(_named(given))
    return None


def _guarded(files: Files, name: str, given: Mapping[str, object], read: Callable[[], None]) -> None:
    before = len(files.findings)
    try:
        read()
    except GradingError as problem:
        malformed = problem.code in (ErrorCode.BAD_CONTENT, ErrorCode.BAD_NUMBER)
        code = "MALFORMED_FILE" if malformed else problem.code.value
        files.findings.append(error(code, name, _named(given), problem.message))
    if any(each.severity is Severity.ERROR for each in files.findings[before:]):
        files.rejected.add(_named(given))


def _specification(files: Files, name: str, given: Mapping[str, object]) -> None:
    where = _named(given)
    _say(files, name, where, [*checks.tier_faults(given), *checks.missing_units(given)])
    _weigh(files, name, where, checks.provenance_faults(given))
    if _faulty(files, name):
        return
    specification = specification_from_content(specification_values(given))
    _weigh(files, name, where, checks.weight_faults(specification, given))
    if specification.identity in files.specifications:
        files.findings.append(error("DUPLICATE_ROW", name, where, "Another file states this specification."))
    elif not _faulty(files, name):
        files.specifications[specification.identity] = specification
        files.names[specification.identity] = name


def _boundaries(files: Files, known: Mapping[str, Specification], name: str, given: Mapping[str, object]) -> None:
    identity, series, where = fields.code(given, "specification"), fields.code(given, "series"), _named(given)
    specification = files.specifications.get(identity) or known.get(identity)
    if specification is None:
        refused = identity in files.rejected
        message = (
            f"The file of {identity} has faults." if refused else f"No file states {identity}: put it beside this."
        )
        files.findings.append(error("UNKNOWN_SPECIFICATION", name, where, message))
        return
    tiers = list(checks.tier_faults(given))
    _say(files, name, where, tiers)
    _weigh(files, name, where, checks.provenance_faults(given))
    if tiers:
        return
    _say(files, name, where, checks.series_faults(specification, series))
    _say(files, name, where, checks.figure_faults(specification, given))
    if _faulty(files, name):
        return
    _keep(files, name, where, specification, boundaries_from_content(boundary_values(given)))


def _keep(files: Files, name: str, where: str, specification: Specification, boundaries: BoundarySet) -> None:
    prepare(specification, boundaries)
    for code, message in checks.rule_warnings(boundaries):
        files.findings.append(warning(code, name, where, message))
    if where in files.rows:
        files.findings.append(error("DUPLICATE_ROW", name, where, "Another file states this series."))
        return
    files.rows[where] = PackRow(where, specification, boundaries)
    files.names[where] = name


def _say(files: Files, name: str, where: str, faults: Iterable[checks.Fault]) -> None:
    files.findings += [error(code, name, where, message) for code, message in faults]


def _weigh(files: Files, name: str, where: str, faults: Iterable[tuple[bool, str, str]]) -> None:
    for is_error, code, message in faults:
        files.findings.append((error if is_error else warning)(code, name, where, message))


def _faulty(files: Files, name: str) -> bool:
    return any(each.severity is Severity.ERROR and each.file == name for each in files.findings)


def _named(given: Mapping[str, object]) -> str:
    """The id of what a file states, as far as it says so."""
    try:
        identity = fields.code(given, "specification")
        if "series" not in given:
            return identity
        return row_id(identity, fields.code(given, "series"), fields.optional_text(given, "option"))
    except GradingError:
        return "file"
