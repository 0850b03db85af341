"""Grade.explanation, by the grading engine from whole rows."""

from __future__ import annotations

import json
from typing import Any, cast

from server.grading.explained_sittings import explain_sittings
from server.grading.explanation import explanation_data
from server.grading.marks import MarkState
from server.grading.papers import Contents, Paper
from server.grading.sittings import Sitting
from tests.oracle.rows import Rows, Values

# Which attempt counts: one that was sat, then an absence, then whatever was written; of equals the newest.
_WORTH = {"SCORED": 2, "PENDING": 2, "EXEMPT": 2, "ABSENT": 1, "NOT_ENTERED": 0}


def explanation(rows: Rows, grade: Values) -> dict[str, Any]:
    """Members by their GraphQL names."""
    specification = rows.one("specification", specification_id=grade["specification_id"])
    boundaries = rows.one("boundary_set", boundary_set_id=grade["boundary_set_id"])
    assert specification is not None
    assert boundaries is not None
    contents = Contents(specification["content"], boundaries["content"])
    windows = _windows(rows, grade, json.loads(specification["content"])["scheme"] != "linear")
    sittings = [_sitting(rows, grade, one) for one in windows]
    explained = _named(explanation_data(explain_sittings(contents, sittings, grade["shift"])))
    papers = list(rows.where("assessment", course_id=grade["course_id"], window_id=windows[-1]["window_id"]))
    attempts = {paper["component_code"]: _attempts(rows, grade, paper) for paper in papers}
    for step in explained["steps"]:
        if len(windows) == 1 and step["kind"] == "component" and attempts.get(step["component"]):
            assert step["state"] == _best(attempts[step["component"]])["state"]
    return explained


def _windows(rows: Rows, grade: Values, in_units: bool) -> list[Values]:
    """The grade's, after those that end before it where units are counted."""
    own = rows.one("assessment_window", window_id=grade["window_id"])
    assert own is not None
    known = {paper["window_id"] for paper in rows.where("assessment", course_id=grade["course_id"])}
    before = [
        one
        for one in rows.where("assessment_window")
        if in_units and one["window_id"] in known and _place(one) < _place(own)
    ]
    return [*sorted(before, key=_place), own]


def _place(window: Values) -> tuple[Any, Any]:
    return window["ends_on"], window["window_id"]


def _sitting(rows: Rows, grade: Values, window: Values) -> Sitting:
    papers = list(rows.where("assessment", course_id=grade["course_id"], window_id=window["window_id"]))
    by = None
    if window["window_id"] != grade["window_id"]:
        by = _graded_by(rows, grade, window)
    return Sitting(
        frozenset(Paper(paper["component_code"], paper["maximum"], paper["step"]) for paper in papers),
        {paper["component_code"]: [_mark(one) for one in _attempts(rows, grade, paper)] for paper in papers},
        window["name"],
        by,
    )


def _graded_by(rows: Rows, grade: Values, window: Values) -> Contents | None:
    """What the learner's grade of an earlier window is of."""
    named = {name: grade[name] for name in ("academic_year", "learner_id", "course_id")}
    found = rows.one("grade", **named, window_id=window["window_id"], kind="CURRENT")
    boundaries = None if found is None else rows.one("boundary_set", boundary_set_id=found["boundary_set_id"])
    if boundaries is None:
        return None
    specification = rows.one("specification", specification_id=boundaries["specification_id"])
    assert specification is not None
    return Contents(specification["content"], boundaries["content"])


def _attempts(rows: Rows, grade: Values, paper: Values) -> list[Values]:
    """Oldest first."""
    found = rows.where(
        "mark",
        assessment_id=paper["assessment_id"],
        learner_id=grade["learner_id"],
        academic_year=grade["academic_year"],
    )
    return sorted(found, key=lambda mark: mark["attempt"])


def _best(attempts: list[Values]) -> Values:
    return max(attempts, key=lambda mark: (_WORTH[mark["state"]], mark["attempt"]))


def _mark(attempt: Values) -> Any:
    return str(attempt["score"]) if attempt["state"] == "SCORED" else MarkState(attempt["state"])


def _named(value: Any) -> Any:
    if isinstance(value, dict):
        return {_camel(name): _named(inner) for name, inner in cast(dict[str, Any], value).items()}
    return [_named(one) for one in cast(list[Any], value)] if isinstance(value, list | tuple) else value


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)
