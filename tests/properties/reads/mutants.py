"""The compiler with one visibility test taken out: each mutant is a place where `View.visible` is asked, by its callers."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import ColumnElement

from server.policies.plan import Gate, Plan
from server.queries import answer, page, scopes, source, view
from server.queries.build import Build
from server.queries.conditions import ALWAYS, NEVER
from server.queries.gates import lets_pass
from server.queries.view import View

Mutate = Callable[[pytest.MonkeyPatch], None]
_VISIBLE = View.visible
_FOLDING = frozenset({"visible", "all_of", "any_of"})


def callers() -> Iterator[str]:
    """Functions of the compiler that led here, innermost first; comprehensions and folding don't count."""
    frame = sys._getframe(2)  # pyright: ignore[reportPrivateUsage]
    while frame is not None:
        name = frame.f_code.co_name
        if "server/queries" in frame.f_code.co_filename and not name.startswith("<") and name not in _FOLDING:
            yield name
        frame = frame.f_back


def open_at(*names: str, learner: bool | None = None) -> Mutate:
    """Everything is visible where these are the innermost callers; `learner` narrows it to tests of a row's learner."""

    def mutate(monkeypatch: pytest.MonkeyPatch) -> None:
        def visible(self: View, plan: Plan, *, as_learner: bool = False) -> ColumnElement[Any]:
            path = list(callers())
            here = path[: len(names)] == list(names) and (learner is None or learner is as_learner)
            return ALWAYS if here else _VISIBLE(self, plan, as_learner=as_learner)

        monkeypatch.setattr(View, "visible", visible)

    return mutate


def both(*parts: Mutate) -> Mutate:
    """Two places that guard the same: only without both is the test gone."""

    def mutate(monkeypatch: pytest.MonkeyPatch) -> None:
        opened: list[Any] = []
        for part in parts:
            part(monkeypatch)
            opened.append(View.visible)

        def visible(self: View, plan: Plan, *, as_learner: bool = False) -> ColumnElement[Any]:
            found = [one(self, plan, as_learner=as_learner) for one in opened]
            return ALWAYS if any(one is ALWAYS for one in found) else found[0]

        monkeypatch.setattr(View, "visible", visible)

    return mutate


def _covering(monkeypatch: pytest.MonkeyPatch, caller: str, said: bool) -> None:
    covers = Plan.covers

    def mutated(self: Plan, other: Plan) -> bool:
        return said if caller in list(callers()) else covers(self, other)

    monkeypatch.setattr(Plan, "covers", mutated)


def counts_always(monkeypatch: pytest.MonkeyPatch) -> None:
    _covering(monkeypatch, "_total", True)


def never_partial(monkeypatch: pytest.MonkeyPatch) -> None:
    _covering(monkeypatch, "partial", True)


def never_suppressed(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*whens: Any, **_: Any) -> Any:
        return whens[0][1]

    monkeypatch.setattr(answer, "case", never)


def no_forbidden_argument(monkeypatch: pytest.MonkeyPatch) -> None:
    def planned(build: Build, element: str, _: Any) -> Plan:
        return build.plan(element)

    monkeypatch.setattr(page, "_argument", planned)


def no_denials(monkeypatch: pytest.MonkeyPatch) -> None:
    def mutated(gate: Gate, holds: Callable[[str], ColumnElement[Any]]) -> ColumnElement[Any]:
        return lets_pass(Gate(gate.allow), holds)

    monkeypatch.setattr(view, "lets_pass", mutated)


def no_book(monkeypatch: pytest.MonkeyPatch) -> None:
    _one_gate(monkeypatch, 0)


def no_ceiling(monkeypatch: pytest.MonkeyPatch) -> None:
    _one_gate(monkeypatch, 1)


def _one_gate(monkeypatch: pytest.MonkeyPatch, kept: int) -> None:
    def visible(self: View, plan: Plan, *, as_learner: bool = False) -> ColumnElement[Any]:
        gate = plan.gates[kept]
        return _VISIBLE(self, Plan((gate, gate), plan.duties), as_learner=as_learner)

    monkeypatch.setattr(View, "visible", visible)


def proven_always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every row's learner is taken to exist."""

    def always(*_: Any) -> bool:
        return True

    monkeypatch.setattr(page, "proven", always)


def relation_is(token: str, holds: bool) -> Mutate:
    def mutate(monkeypatch: pytest.MonkeyPatch) -> None:
        relation = scopes.relation

        def mutated(family: str, asked: str, row: Any, owner: Any, **how: bool) -> ColumnElement[Any]:
            found = relation(family, asked, row, owner, **how)
            return (ALWAYS if holds else NEVER) if asked == token and found is not NEVER else found

        monkeypatch.setattr(source, "relation", mutated)

    return mutate


_CHILDREN_OF_CLASSES = "{ classes { nodes { learners { id } markbook { cells { version } } } } }"
_COUNTS = "{ learners { totalCount } reports { totalCount } classes { nodes { gradeDistribution { value count } } } }"
_CAN = """{ learners { nodes { viewerCan(element: GENDER) marks { nodes { viewerCan(element: MARK) } } } }
  staff { nodes { viewerCan(element: STAFF_CONTACT) training: viewerCan(element: TRAINING_RECORD) } } }"""
_FILTERED = """{ learners(filter: {gender: {in: ["F", "M"]}}) { totalCount partial nodes { id } }
  b: learners(filter: {any: [{attendance: {gte: "0"}}, {yearGroup: {eq: "11"}}]}) { totalCount partial nodes { id } } }"""
_ORDERED = """{ learners(orderBy: [{field: DATE_OF_BIRTH}]) { nodes { id } }
  b: learners(orderBy: [{field: ATTENDANCE}]) { nodes { id } } }"""
_MARKS = "{ learners { nodes { id marks { nodes { id } } behaviour { id } grades { id } } } }"
_ALONE = "{ learners { nodes { id tutorGroup { name } classes { name } } } }"


@dataclass(frozen=True)
class Mutant:
    """`documents` are names of tests.oracle.documents or documents; `hides` is an element that staff may no longer read."""

    mutate: Mutate
    documents: tuple[str, ...]
    hides: str | None = None


# What is taken out. Each must be noticed.
MUTANTS: dict[str, Mutant] = {
    "leaf": Mutant(open_at("_all_visible", "_leaf", "_member", "_object"), ("personal",)),
    "leaf of a group": Mutant(open_at("_all_visible", "_leaf", "_member", "_member"), ("personal",)),
    "explained field": Mutant(open_at("_all_visible", "_member"), ("explanations",)),
    "edge": Mutant(both(open_at("_edge"), open_at("_joined")), (_ALONE,), "groups"),
    "null of an edge": Mutant(open_at("_edge"), (_ALONE,), "groups"),
    "rows behind an edge": Mutant(open_at("_joined"), (_ALONE,), "groups"),
    "filter": Mutant(open_at("_condition"), (_FILTERED,)),
    "order": Mutant(open_at("_keys"), (_ORDERED,)),
    "existence": Mutant(open_at("_any_visible", "_exists", "page"), (_MARKS,)),
    "existence of reports": Mutant(open_at("_any_visible", "_exists", "page"), ("reports",)),
    "existence in a count": Mutant(open_at("_any_visible", "_exists", "counted"), (_COUNTS,)),
    "existence in a tally": Mutant(
        both(open_at("_any_visible", "_exists", "page", "_tally"), open_at("_all_visible", "_leaf", "_tally")),
        (_COUNTS,),
    ),
    "learner's existence": Mutant(open_at("_exists", "page", learner=True), ("reports",), "name"),
    "learner's existence in a count": Mutant(open_at("_exists", "counted", learner=True), (_COUNTS,), "name"),
    "learner's existence in a tally": Mutant(open_at("_exists", "page", "_tally", learner=True), (_COUNTS,), "name"),
    "target element": Mutant(open_at("_exists", "page", "answer", learner=False), (_CHILDREN_OF_CLASSES,), "groups"),
    "number that names a learner": Mutant(open_at("_exists", "page", "answer", learner=False), ("numbers",)),
    "viewerCan": Mutant(open_at("_member", "_object"), (_CAN,)),
    "withheld": Mutant(open_at("_entry"), ("personal",)),
    "audit": Mutant(open_at("_told"), ("personal",)),
    "permission to count": Mutant(counts_always, (_COUNTS,)),
    "partial": Mutant(never_partial, (_FILTERED,)),
    "suppression": Mutant(never_suppressed, (_FILTERED, _COUNTS)),
    "forbidden argument": Mutant(no_forbidden_argument, (_ORDERED, "hidden filter")),
    "denials": Mutant(no_denials, ("personal",)),
    "rule book": Mutant(no_book, ("personal",)),
    "guardrails": Mutant(no_ceiling, (_CAN,)),
    "learner taken for known": Mutant(proven_always, ("reports",), "name"),
}
RELATIONS = ("own", "child", "taught", "taught_before", "taught_next", "taught_course", "department_course", "pastoral",
             "department", "caseload", "assigned", "protected", "restricted", "opted_out", "left", "self_family",
             "published")  # fmt: skip
