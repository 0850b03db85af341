"""One learner at a time, in process: a grade, its explanation, and fifty overlays of a what-if."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from statistics import median
from typing import Final

from rich.table import Table

from server.grading.boundaries import BoundarySet
from server.grading.contents import boundary_content, specification_content
from server.grading.explanation import explain
from server.grading.papers import Contents, Paper, grade_learner
from server.grading.rule_family import RuleFamily
from server.grading.scalar import grade
from server.grading.specification import Specification
from server.grading.what_if import Case, Overlay, Refused, what_if
from tests.unit.grading.samples import computing, computing_boundaries
from tests.unit.grading.unit_samples import UNITS, psychology, psychology_boundaries

OVERLAYS: Final = 50
_ROUNDS: Final = 7
_SECONDS: Final = 0.15

Marks = Mapping[str, object]
_SCHEMES: Final[dict[str, tuple[Specification, BoundarySet, Marks]]] = {
    "linear, three components": (computing(), computing_boundaries(), {"1": 71, "2": "64.5", "C": 52}),
    "unitised, four units, A* rule": (
        psychology(),
        psychology_boundaries(),
        dict(zip(UNITS, (61, 55, 70, 66), strict=True)),
    ),
}


@dataclass(frozen=True, slots=True)
class Single:
    """Microseconds by what was done."""

    scheme: str
    microseconds: dict[str, float]

    def data(self) -> dict[str, object]:
        return {"scheme": self.scheme, "microseconds": self.microseconds}


def single() -> list[Single]:
    return [Single(name, _measured(*given)) for name, given in _SCHEMES.items()]


def _measured(rules: Specification, series: BoundarySet, marks: Marks) -> dict[str, float]:
    stored = Contents(specification_content(rules), boundary_content(series))
    papers = frozenset(Paper(one.code, Decimal(int(one.max_raw)), Decimal("0.5")) for one in rules.components)
    case = Case(stored, papers, {code: [mark] for code, mark in marks.items()}, RuleFamily((stored,)))
    first = rules.components[0].code
    overlays = [Overlay(f"{number} more", {first: 20 + number}) for number in range(OVERLAYS)]
    assert not any(isinstance(one, Refused) for one in what_if(case, overlays)[1])
    return {
        "grade": _microseconds(lambda: grade(rules, series, marks)),
        "grade from stored rules": _microseconds(lambda: grade_learner(stored, papers, marks)),
        "explanation": _microseconds(lambda: explain(rules, series, marks)),
        f"what-if of {OVERLAYS}": _microseconds(lambda: what_if(case, overlays)),
    }


def _microseconds(work: Callable[[], object]) -> float:
    """The median over rounds of the mean within a round; a first call is not counted."""
    work()
    rounds: list[float] = []
    for _ in range(_ROUNDS):
        number, begun = 0, time.perf_counter()
        while (now := time.perf_counter()) - begun < _SECONDS:
            work()
            number += 1
        rounds.append((now - begun) / number * 1e6)
    return median(rounds)


def table_of_single(results: list[Single]) -> Table:
    made = Table(title="One learner, in microseconds")
    made.add_column("scheme")
    for name in results[0].microseconds:
        made.add_column(name, justify="right")
    for one in results:
        made.add_row(one.scheme, *(f"{cost:,.0f}" for cost in one.microseconds.values()))
    return made
