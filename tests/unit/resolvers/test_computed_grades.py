"""Every grade shown names its specification, series, shift, rounding policy and confidence, in the type or around it."""

from __future__ import annotations

from typing import Any, Final

from graphql import GraphQLObjectType, get_named_type

from server.resolvers.schema import graphql_schema

NAMED: Final = {"specification", "series", "shift", "confidence"}
ROUNDING: Final = {"rounding", "method"}
GRADES: Final = {"value", "grade", "low", "high", "floor", "ceiling", "nextGrade", "before", "after"}
_named: Final[Any] = get_named_type

# What shows a grade and computes none for one learner.
APART: Final = {
    "GradeCount": "counts of grades that a list holds",
    "GradeSpreadLevel": "counts of a group",
    "GradeMovement": "counts of a group",
    "Target": "a person's aim",
    "TargetVersion": "a person's aim of before",
    "TeacherEstimate": "a person's judgement",
    "ForecastConfirmation": "what a person answers for; CourseForecasts, which holds it, names the rules",
}


def types() -> dict[str, Any]:
    return {
        name: one
        for name, one in graphql_schema().type_map.items()
        if isinstance(one, GraphQLObjectType) and not name.startswith("__")
    }


def names_its_rules(one: Any) -> bool:
    return one.fields.keys() >= NAMED and bool(ROUNDING & one.fields.keys())


def shows_a_grade(one: Any) -> bool:
    """By a text field with the name of one, in a type that speaks of grades."""
    texts = {name for name, field in one.fields.items() if _named(field.type).name == "String"}
    attainment = {"points", "component", "components", "mark", "marks", "subjectMark", "method", "target", "count"}
    return bool(texts & GRADES) and (bool(attainment & one.fields.keys()) or one.name.startswith("Grade"))


def leads_to(target: str) -> set[str]:
    return {
        name for name, one in types().items() if any(_named(field.type).name == target for field in one.fields.values())
    }


def held(name: str, seen: frozenset[str] = frozenset()) -> bool:
    """The type names its rules, or is only ever a part of what does."""
    if names_its_rules(types()[name]):
        return True
    parents = leads_to(name) - {name} - seen
    return bool(parents) and all(held(parent, seen | {name}) for parent in parents)


def test_every_computed_grade_names_its_rules() -> None:
    """In its own fields, or in those of every type that it is a part of."""
    found = {name for name, one in types().items() if shows_a_grade(one)}
    assert {"Grade", "GradeVersion", "GradeExplanation", "WhatIfResult", "WhatIfNeeded", "Forecast"} <= found
    assert {name for name in found if not held(name)} <= APART.keys()
    assert APART.keys() <= types().keys()


def test_what_is_computed_for_a_learner_says_it_itself() -> None:
    """These are shown alone."""
    for name in (
        "Grade",
        "GradeVersion",
        "GradeExplanation",
        "WhatIfResult",
        "CourseForecasts",
        "ReportLine",
        "NearNextGrade",
    ):
        assert names_its_rules(types()[name]), name
