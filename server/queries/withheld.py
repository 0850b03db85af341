"""What an object says of the values it withholds: {element, reason}, from policy and relations alone."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import JSON, ColumnElement, Text, case, cast, func, null

from server.policies.planner import Reason
from server.queries.ask import EdgePick, ExplainedPick, GroupPick, LeafPick, Pick, WithheldPick
from server.queries.build import Build
from server.queries.conditions import ALWAYS
from server.queries.constants import inline
from server.queries.noun import Tally
from server.queries.view import View
from server.register.elements import ELEMENTS

_RANK = {name: rank for rank, name in enumerate(ELEMENTS)}


def selected(picks: tuple[Pick, ...]) -> list[str]:
    """Elements of the object's selected fields, in the register's order."""
    found: set[str] = set()
    for pick in picks:
        if isinstance(pick, GroupPick):
            found |= {inner.leaf.element for inner in pick.picks if isinstance(inner, LeafPick)}
        elif isinstance(pick, LeafPick):
            found |= {pick.leaf.element, *pick.leaf.inputs}
        elif isinstance(pick, ExplainedPick):
            found |= {pick.field.element, *pick.field.inputs}
        elif isinstance(pick, EdgePick) and pick.ask.edge is not None and not isinstance(pick.ask.edge, Tally):
            found |= {pick.ask.edge.element} if pick.ask.edge.element else set()
    return sorted(found, key=_RANK.__getitem__)


def reasons(build: Build, pick: WithheldPick, picks: tuple[Pick, ...], view: View) -> ColumnElement[Any]:
    entries = [_entry(build, pick, element, view) for element in selected(picks)]
    told = [entry for entry in entries if entry is not None]
    if not told:
        return cast(inline("[]"), JSON)
    inner = func.concat_ws(inline(","), *told, type_=Text())
    return cast(inline("[").op("||")(inner).op("||")(inline("]")), JSON)


def _entry(build: Build, pick: WithheldPick, element: str, view: View) -> ColumnElement[Any] | None:
    """NULL where the element is visible; None where there is never anything to say."""
    visible = view.visible(build.plan(element))
    ladder = build.ladder(element)
    if not ladder or visible is ALWAYS:
        return None
    steps = [(view.visible(plan), inline(_text(pick, element, reason))) for reason, plan in ladder if plan is not None]
    last = inline(_text(pick, element, ladder[-1][0]))
    return case((visible, null()), *steps, else_=last)


def _text(pick: WithheldPick, element: str, reason: Reason) -> str:
    known = {"element": element.upper(), "reason": reason.value, "__typename": "Withheld"}
    return json.dumps({key: known[name] for key, name in pick.shown})
