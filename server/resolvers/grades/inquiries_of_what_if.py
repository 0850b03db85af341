"""whatIf and bothTiers: what a grade would be, to whoever may read why it is what it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from server.errors import BadUserInput, LimitExceeded
from server.grading.exact import decimal_text
from server.grading.marks import MarkState
from server.grading.what_if import MOST_SHIFT, SHIFT_ROUNDING, Outcome, Overlay, Refused, side_by_side, what_if
from server.queries.graded_cases import READ, GradedCase, Wanted, graded_case
from server.queries.ids import decode
from server.queries.noun import Argument
from server.resolvers.access.fact_values import id_of
from server.resolvers.grades.what_if_kinds import MARK_INPUT, MOST_OVERLAYS, OF_TIERS, OF_WHAT_IF, OVERLAY_INPUT
from server.resolvers.inquiry import Inquirer, Inquiry

Given = Mapping[str, Any]


async def _what_if(given: dict[str, Any], inquirer: Inquirer) -> dict[str, Any] | None:
    overlays = _overlays(given["overlays"])
    wanted = _wanted(given, inquirer, [one.series for one in overlays if one.series is not None])
    found = await _found(wanted, inquirer)
    if found is None:
        return None
    actual, results = what_if(found.case, overlays)
    return {**_head(wanted, found), "actual": _result(actual), "results": [_result(one) for one in results]}


async def _both_tiers(given: dict[str, Any], inquirer: Inquirer) -> dict[str, Any] | None:
    wanted = _wanted(given, inquirer, ())
    found = await _found(wanted, inquirer)
    if found is None:
        return None
    tiers = side_by_side(found.case)
    if isinstance(tiers, Refused):
        return {**_head(wanted, found), "refusal": _refusal(tiers), "tiers": []}
    return {**_head(wanted, found), "refusal": None, "tiers": [_result(one) for one in tiers]}


def _overlays(given: Sequence[Given]) -> list[Overlay]:
    """Raises LimitExceeded, and BadUserInput for what no specification could mend."""
    if len(given) > MOST_OVERLAYS:
        raise LimitExceeded(f"overlays holds more than {MOST_OVERLAYS}: ask in parts.", ("overlays",))
    return [_overlay(place, one) for place, one in enumerate(given)]


def _overlay(place: int, one: Given) -> Overlay:
    shift = one.get("boundaryShift")
    if shift is not None and not -MOST_SHIFT <= shift <= MOST_SHIFT:
        said = f"boundaryShift is a whole number of per cent from -{MOST_SHIFT} to {MOST_SHIFT}."
        raise BadUserInput(said, ("overlays", place, "boundaryShift"))
    marks: dict[str, object] = {}
    for position, mark in enumerate(one.get("marks") or ()):
        path = ("overlays", place, "marks", position)
        if mark["component"] in marks:
            raise BadUserInput("The overlay has a mark of this component already: give one.", path)
        marks[mark["component"]] = _mark(mark, path)
    return Overlay(one["name"], marks, one.get("series"), one.get("tier"), shift, one.get("option"))


def _mark(mark: Given, path: tuple[str | int, ...]) -> object:
    state, score = MarkState(mark["state"]), mark.get("score")
    if state is not MarkState.SCORED and score is not None:
        raise BadUserInput("Only SCORED has a score: leave one of the two out.", (*path, "score"))
    if state is MarkState.SCORED and score is None:
        raise BadUserInput("SCORED needs a score; without one, give another state.", (*path, "score"))
    return score if state is MarkState.SCORED else state


def _wanted(given: Given, inquirer: Inquirer, series: Sequence[str]) -> Wanted:
    return Wanted(
        school_id=inquirer.school_id,
        viewer=inquirer.person_id,
        today=inquirer.now.date(),
        learner=_key(given, "learner", "lrn"),
        course=_key(given, "course", "crs"),
        window=None if given.get("window") is None else _key(given, "window", "win"),
        series=tuple(dict.fromkeys(series)),
    )


def _key(given: Given, name: str, prefix: str) -> UUID:
    return decode(given[name], (name,), prefix, yearly=False).key


async def _found(wanted: Wanted, inquirer: Inquirer) -> GradedCase | None:
    """Logged under each element that a rule has logged, with the learner."""
    found = await graded_case(inquirer.connection, wanted, inquirer.permit)
    if found is not None:
        for element, action in READ:
            if "log" in inquirer.permit.plan(element, action).duties:
                inquirer.log(element, (wanted.learner,))
    return found


def _head(wanted: Wanted, found: GradedCase) -> dict[str, Any]:
    return {
        "learner": id_of("lrn", wanted.learner),
        "course": id_of("crs", wanted.course),
        "window": id_of("win", found.window_id),
        "windowName": found.window,
    }


def _result(outcome: Outcome | Refused) -> dict[str, Any]:
    if isinstance(outcome, Refused):
        nothing = dict.fromkeys((*_COLUMNS, *_RULES))
        lists: dict[str, Any] = {name: [] for name in ("required", "sources", "flags", "changed")}
        return {"name": outcome.overlay.name, "refusal": _refusal(outcome), **nothing, **lists}
    columns = outcome.columns
    return {
        "name": outcome.overlay.name,
        "refusal": None,
        **{name: getattr(columns, column) for name, column in _COLUMNS.items()},
        "specification": outcome.specification.identity,
        "tier": outcome.specification.tier,
        "series": outcome.series,
        "option": outcome.option,
        "shiftRounding": SHIFT_ROUNDING,
        "sources": outcome.sources,
        "flags": columns.flags,
        "changed": [_NAMES.get(name, name) for name in outcome.changed],
        "required": [
            {
                "component": each.component,
                "grade": each.grade,
                "marks": None if each.marks is None else decimal_text(each.marks),
                "least": decimal_text(each.least),
            }
            for each in outcome.needed
        ],
    }


def _refusal(refused: Refused) -> dict[str, Any]:
    return {"code": refused.code.value, "message": refused.message, "component": refused.component}


_COLUMNS: Final = {
    "value": "value",
    "status": "status",
    "points": "points",
    "fine": "fine",
    "subjectMark": "subject_mark",
    "nextGrade": "next_grade",
    "marksToNext": "marks_to_next",
    "floor": "floor",
    "ceiling": "ceiling",
    "shift": "shift",
    "rounding": "rounding",
    "confidence": "confidence",
}
_NAMES: Final = {column: name for name, column in _COLUMNS.items()}
_RULES: Final = ("specification", "tier", "series", "option", "shiftRounding")

_OF: Final = (
    Argument("learner", "ID!", "Of whom."),
    Argument("course", "ID!", "In which course."),
    Argument(
        "window",
        "ID",
        "By the marks of this assessment window; where left out the newest with a grade, or else with marks or papers.",
    ),
)
WHAT_IF: Final = Inquiry(
    "whatIf",
    "WhatIf",
    "What the grade would be with other marks, series, tier, boundaries or option, and what open components must bring."
    " Nothing is kept. Null where the learner follows no such course, or you may not read its grade and marks.",
    (*_OF, Argument("overlays", "[WhatIfOverlay!]!", f"What to suppose, each by itself; at most {MOST_OVERLAYS}.")),
    frozenset(READ),
    _what_if,
    OF_WHAT_IF,
    inputs=(MARK_INPUT, OVERLAY_INPUT),
)
BOTH_TIERS: Final = Inquiry(
    "bothTiers",
    "BothTiers",
    "The grade in each tier of the qualification by the same series. Raw marks are carried from paper to paper as they"
    " stand, though the papers are not equally hard, unless the other tier's papers were sat too.",
    _OF,
    frozenset(READ),
    _both_tiers,
    OF_TIERS,
)
