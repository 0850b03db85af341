"""Classes that tell: being in "SEN support" tells what its learners have in common, so that the class is as closed as that.

Such a class exists for those who may read the element of every learner, and for who teaches it, if they may read it of
those they teach. Whoever sees a learner and the class together has read the learner's element, and the audit says so.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Text, cast

from server.policies.plan import Plan
from server.queries.ask import Ask
from server.queries.build import Build
from server.queries.conditions import ALWAYS, NEVER, all_of, any_of, when
from server.queries.constants import inline
from server.queries.gates import lets_pass
from server.queries.noun import TELLING
from server.queries.scopes import teaches
from server.queries.seen import Seen
from server.queries.view import View


def untold(build: Build, ask: Ask, view: View) -> ColumnElement[Any]:
    """Whether the row tells nothing, or nothing that the caller may not read."""
    reveals = ask.noun.reveals
    if reveals is None:
        return ALWAYS
    told = reveals(view)
    open_to = ((element, _open(build.plan(element), view)) for element in TELLING)
    known = (all_of((told == inline(element), open_)) for element, open_ in open_to if open_ is not NEVER)
    return any_of((told.is_(None), *known))


def told_by(build: Build, ask: Ask, view: View, parent: View | None) -> list[Seen]:
    """The learner who is shown together with a class that tells: above it, or below it."""
    if parent is None:
        return []
    if ask.noun.reveals is not None and parent.owner is not None:
        return _seen(build, ask.noun.reveals(view), parent.owner)
    if parent.noun.reveals is not None and view.owner is not None:
        return _seen(build, parent.noun.reveals(parent), view.owner)
    return []


def _seen(build: Build, told: ColumnElement[Any], learner: ColumnElement[Any]) -> list[Seen]:
    logged = (element for element in TELLING if build.logged(element))
    return [Seen((element,), when(told == inline(element), cast(learner, Text))) for element in logged]


def _open(plan: Plan, view: View) -> ColumnElement[Any]:
    """A class stands in two relations at most: it is of the school, and the caller teaches it."""
    if plan.nothing:
        return NEVER

    def holds(relation: str) -> ColumnElement[Any]:
        return teaches(view, many=not view.few) if relation == "taught" else NEVER

    return all_of(lets_pass(gate, holds) for gate in plan.gates)
