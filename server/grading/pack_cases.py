"""Cases of a pack: what goes in and what must come out, one JSON object a line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from server.grading import fields
from server.grading.errors import GradingError
from server.grading.findings import MOST_ROWS, Finding, error, too_many_rows, warning
from server.grading.pack_json import parse_json

CASES_FILE = "cases.jsonl"


@dataclass(frozen=True, slots=True)
class Case:
    """`spec` is the id of a row, or a word that says which rule is meant."""

    case_id: str
    kind: str
    spec: str
    input: Mapping[str, object]
    expected: Mapping[str, object]
    line: int


def parse_cases(text: str) -> tuple[tuple[Case, ...], tuple[Finding, ...]]:
    """Cases in file order, and a finding for every line that is none or repeats a case_id."""
    cases: list[Case] = []
    findings: list[Finding] = []
    seen: set[str] = set()
    for place, (number, line) in enumerate(_lines(text)):
        if place >= MOST_ROWS:
            return (), (too_many_rows(CASES_FILE),)
        try:
            case = _case(line, number)
        except ValueError as problem:
            findings.append(error("MALFORMED_CASE", CASES_FILE, f"line {number}", _sentence(problem)))
            continue
        if case.case_id in seen:
            findings.append(warning("DUPLICATE_CASE", CASES_FILE, f"line {number}", f"{case.case_id} appeared before."))
        seen.add(case.case_id)
        cases.append(case)
    return tuple(cases), tuple(findings)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    # Not splitlines: it would also break at U+2028, which JSON allows inside text.
    return ((number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip())


def _case(line: str, number: int) -> Case:
    row = fields.as_object(parse_json(line), "A case")
    return Case(
        case_id=fields.text(row, "case_id") or f"line-{number}",
        kind=fields.code(row, "kind"),
        spec=fields.text(row, "spec"),
        input=fields.as_object(fields.required(row, "input"), "input"),
        expected=fields.as_object(fields.required(row, "expected"), "expected"),
        line=number,
    )


def _sentence(problem: ValueError) -> str:
    return problem.message if isinstance(problem, GradingError) else "The line is no JSON object."
