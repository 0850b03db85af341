"""Grade.explanation, by the grading engine from whole rows."""

from __future__ import annotations

from typing import Any, cast

from server.grading.explanation import explain, explanation_data
from server.grading.marks import MarkState
from server.grading.papers import Contents, Paper, as_sat
from tests.oracle.rows import Rows, Values

# Which attempt counts: one that was sat, then an absence, then whatever was written; of equals the newest.
_WORTH = {"SCORED": 2, "PENDING": 2, "EXEMPT": 2, "ABSENT": 1, "NOT_ENTERED": 0}


def explanation(rows: Rows, grade: Values) -> dict[str, Any]:
    """Members by their GraphQL names."""
    specification = rows.one("specification", specification_id=grade["specification_id"])
    boundaries = rows.one("boundary_set", boundary_set_id=grade["boundary_set_id"])
    assert specification is not None
    assert boundaries is not None
    papers = list(rows.where("assessment", course_id=grade["course_id"], window_id=grade["window_id"]))
    sat = as_sat(
        Contents(specification["content"], boundaries["content"]),
        frozenset(Paper(paper["component_code"], paper["maximum"], paper["step"]) for paper in papers),
    )
    attempts = {paper["component_code"]: _attempts(rows, grade, paper) for paper in papers}
    counted = {code: [_mark(attempt) for attempt in attempts[code]] for code in sat.counted}
    explained = _named(explanation_data(explain(sat.specification, sat.boundaries, counted)))
    for step in explained["steps"]:
        if step["kind"] == "component" and attempts.get(step["component"]):
            assert step["state"] == _best(attempts[step["component"]])["state"]
    return explained


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
