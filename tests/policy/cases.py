"""Policy cases as they stand in policies/cases/*.yaml: loaded, checked against their schema, and typed."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any, cast

import jsonschema_rs
import yaml

from tests.worlds.learners import LEARNERS

FOLDER = Path(__file__).parents[2] / "policies" / "cases"
NONE = "none"
EVERYBODY = "everybody"

Audit = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, kw_only=True)
class Case:
    """One decision; policies/cases/schema.json says what each word means. `source` points at the sentence's line."""

    source: str
    smallest_figure: int
    says: str
    who: str
    what: str
    of: str
    outcome: str
    list: tuple[str, ...] | None
    audit: Audit
    list_audit: Audit
    capacity: str | None = None
    from_: str | None = None
    in_: str | None = None
    guardian: str | None = None
    to: str = "read"
    purpose: str | None = None
    reason: str | None = None
    known: tuple[str, ...] | None = None
    counted: bool | str | None = None
    filter: str | None = None
    partial: bool | None = None


def case_files() -> list[Path]:
    return sorted(FOLDER.glob("*.yaml"))


def load(path: Path) -> list[Case]:
    """Raises jsonschema_rs.ValidationError where the file isn't of the schema's form."""
    held = cast("dict[str, Any]", yaml.safe_load(path.read_text(encoding="utf-8")))
    _validator().validate(held)
    smallest = held.get("smallest_figure", 1)
    lines = _lines(path)
    return [
        make_case(row, f"{path.name}:{next(lines)}", smallest) for row in cast("list[dict[str, Any]]", held["cases"])
    ]


def make_case(row: Mapping[str, Any], source: str, smallest_figure: int = 1) -> Case:
    """`row` as in a file."""
    given: dict[str, Any] = {_attribute(name): value for name, value in row.items()}
    shown = _everybody(given) if given["list"] == EVERYBODY else tuple(cast("list[str]", given["list"]))
    given["list"] = shown
    given["audit"] = _audit(given["audit"])
    given["list_audit"] = (
        _audit(given["list_audit"])
        if "list_audit" in given
        else {element: shown or () for element in given["audit"] if shown}
    )
    if given.get("known") is not None:
        given["known"] = tuple(given["known"])
    return Case(source=source, smallest_figure=smallest_figure, **given)


@cache
def every_case() -> tuple[Case, ...]:
    return tuple(case for path in case_files() for case in load(path))


def _attribute(name: str) -> str:
    return name if name in {field.name for field in fields(Case)} else f"{name}_"


def _everybody(given: Mapping[str, Any]) -> tuple[str, ...] | None:
    """All learners; for members of staff None, which stands for whoever is listed."""
    return None if given["what"].startswith("staff_") else tuple(LEARNERS)


def _audit(value: Any) -> Audit:
    return {} if value == NONE else {element: tuple(handles) for element, handles in value.items()}


@cache
def _validator() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(json.loads((FOLDER / "schema.json").read_text(encoding="utf-8")))


def _lines(path: Path) -> Iterator[int]:
    """Numbers of the lines on which cases begin."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if line.lstrip().startswith("- says:"):
            yield number
