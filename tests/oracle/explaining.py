"""Grade.explanation, by the grading engine from whole rows."""

from __future__ import annotations

from typing import Any

from server.grading.contents import boundaries_from_content, specification_from_content
from server.grading.explanation import explain, explanation_data
from server.grading.marks import MarkState
from tests.oracle.rows import Rows, Values


def explanation(rows: Rows, grade: Values) -> dict[str, Any]:
    """Members by their GraphQL names."""
    specification = rows.one("specification", specification_id=grade["specification_id"])
    boundaries = rows.one("boundary_set", boundary_set_id=grade["boundary_set_id"])
    assert specification is not None
    assert boundaries is not None
    marks: dict[str, Any] = {}
    for assessment in rows.where("assessment", course_id=grade["course_id"], window_id=grade["window_id"]):
        mark = rows.one(
            "mark",
            assessment_id=assessment["assessment_id"],
            learner_id=grade["learner_id"],
            academic_year=grade["academic_year"],
            attempt=1,
        )
        marks[assessment["component_code"]] = _mark(mark)
    made = explain(
        specification_from_content(specification["content"]), boundaries_from_content(boundaries["content"]), marks
    )
    return _named(explanation_data(made))


def _mark(mark: Values | None) -> Any:
    if mark is None:
        return MarkState.NOT_ENTERED
    return str(mark["score"]) if mark["state"] == "SCORED" else MarkState(mark["state"])


def _named(value: Any) -> Any:
    if isinstance(value, dict):
        return {_camel(name): _named(inner) for name, inner in value.items()}
    return [_named(one) for one in value] if isinstance(value, list | tuple) else value


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)
