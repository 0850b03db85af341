"""The first stage: a noun's rows under their school and edge, with a column for each scope relation that plans look at.

The rows are fenced by OFFSET 0, so that PostgreSQL evaluates each relation once a row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, select, true

from server.policies.vocabulary import atoms
from server.queries.ask import LEARNER_EXISTS, Ask, CanPick, WithheldPick
from server.queries.binding import Answered
from server.queries.binds import SCHOOL
from server.queries.build import Build
from server.queries.conditions import ALWAYS, NEVER
from server.queries.constants import number
from server.queries.noun import Many, One
from server.queries.scopes import relation
from server.queries.view import Columns, View, of_owner

Relation = tuple[str, bool]


@dataclass(frozen=True, slots=True)
class Bare:
    """A noun's table before its rows have flags: only columns and the parent may be asked for."""

    c: Any
    parent: Any
    asked: Any

    def side(self, name: str) -> Any:
        raise LookupError(f"the id of a row's learner can't need the side join {name}")


def proven(ask: Ask, parent: View | None) -> bool:
    """Whether the row's learner is already known to exist: an edge between rows of learners stays with the learner."""
    return ask.noun.owner is not None and parent is not None and parent.noun.owner is not None


def source(build: Build, ask: Ask, parent: View | None) -> View:
    noun = ask.noun
    rows = noun.rows(build.name("t"))
    asked = Answered(ask.arguments, build.binding, parent.asked if parent else None, ask.edge)
    owner = noun.owner(Bare(Columns(rows), parent, asked)) if noun.owner else None
    flags: dict[Relation, str | ColumnElement[Any]] = {}
    few = _few(ask, parent)
    columns: list[ColumnElement[Any]] = []
    for atom, learner in sorted(relations(build, ask)):
        if learner and proven(ask, parent):
            continue
        family = "learner" if learner else noun.relations
        holds = relation(family, atom, Bare(Columns(rows), parent, asked), owner, many=not few)
        if holds is ALWAYS or holds is NEVER:
            flags[atom, learner] = holds
            continue
        label = f"{'of' if learner else 'is'}_{atom}"
        flags[atom, learner] = label
        columns.append(holds.is_(true()).label(label))
    built = select(*rows.c, *columns).where(*_joined(build, ask, parent, rows, asked))
    if columns:
        built = built.offset(number(0))
    return View(noun, built.lateral(build.name("r")), parent, asked, flags, build.name, few)


def _few(ask: Ask, parent: View | None) -> bool:
    """Whether the statement meets one row, or a handful that were asked for by their ids."""
    if parent is not None and not parent.few:
        return False
    return ask.kind == "one" or (ask.lookup is not None and ask.lookup.few)


def relations(build: Build, ask: Ask) -> frozenset[Relation]:
    """The relations (atom, whether of the row's learner) that plans of this ask, or of asks that rely on it, look at."""
    family = ask.noun.relations
    plans = [build.plan(element) for element in ask.read()]
    for pick in ask.picks:
        if isinstance(pick, CanPick):
            plans.append(build.plan(pick.element, pick.action))
        elif isinstance(pick, WithheldPick):
            plans += [plan for element in ask.selected() for _, plan in build.ladder(element) if plan is not None]
    found = {(atom, of_owner(family, atom)) for plan in plans for token in plan.tokens for atom in atoms(token)}
    if ask.noun.owner is not None:
        found |= {(atom, True) for token in build.plan(LEARNER_EXISTS).tokens for atom in atoms(token)}
        for child in ask.children():
            if child.noun.owner is not None:
                found |= {relation for relation in relations(build, child) if relation[1]}
    return frozenset(relation for relation in found if relation[0] != "school")


def _joined(build: Build, ask: Ask, parent: View | None, rows: Any, asked: Answered) -> list[ColumnElement[Any]]:
    found: list[ColumnElement[Any]] = []
    if "school_id" in rows.c and ask.noun.given_by is None:
        found.append(rows.c.school_id == SCHOOL)
    if ask.edge is not None:
        found += ask.edge.join(parent, Bare(Columns(rows), parent, asked), asked)
        if isinstance(ask.edge, One | Many) and ask.edge.element and parent is not None:
            found.append(parent.visible(build.plan(ask.edge.element)))
    if ask.lookup is not None:
        found += build.binding.looked_up(ask.lookup, rows)
    return found
