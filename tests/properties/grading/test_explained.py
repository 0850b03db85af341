"""Every number in a trace can be worked out again from the trace alone, as JSON: no specification, no engine."""

from __future__ import annotations

import json
from fractions import Fraction
from math import floor
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from server.grading.explanation import explain, explanation_data
from tests.properties.grading.unit_worlds import attempts, unit_worlds
from tests.properties.grading.worlds import World, checked, half_up, mixed_marks, worlds

Trace = dict[str, Any]


def traced(world: World, marks: Any) -> Trace:
    """As a client has it."""
    return json.loads(json.dumps(explanation_data(explain(*world, marks))))


def steps(trace: Trace, kind: str) -> list[Trace]:
    return [step for step in trace["steps"] if step["kind"] == kind]


def number(text: str | None) -> Fraction:
    assert text is not None
    return Fraction(text)


def contributed(step: Trace) -> Fraction:
    """What a scored component's step comes to, from raw mark, factor and the ends of its line."""
    raw = number(step["raw"]) * number(step["factor"])
    lower, upper = step["lower"], step["upper"]
    if lower is None and upper is None:
        exact = raw
    elif lower is None or upper is None:
        exact = number(lower["value"]) if lower else Fraction(0)
    else:
        exact = number(lower["value"])
        if raw != number(lower["raw"]):
            share = (raw - number(lower["raw"])) / (number(upper["raw"]) - number(lower["raw"]))
            exact += share * (number(upper["value"]) - exact)
    assert exact == number(step["exact"])
    if step["rounding"] == "printed":
        return number(step["value"])
    whole = {"half_up": half_up(exact), "down": Fraction(floor(exact)), None: exact}[step["rounding"]]
    return min(whole, number(step["most"])) if step["most"] is not None else whole


def check(trace: Trace) -> None:
    components = steps(trace, "component")
    for step in components:
        if step["state"] == "SCORED":
            assert contributed(step) == number(step["value"]), step["text"]
        counting = [attempt for attempt in step["attempts"] if attempt["counts"]]
        assert all(one["state"] == step["state"] and one["raw"] == step["raw"] for one in counting)
    if not steps(trace, "total"):
        assert trace["status"] in ("not_attempted", "not_gradable")
        return
    (total,) = steps(trace, "total")
    least = sum((number(step["value"]) for step in components if step["value"] is not None), Fraction(0))
    still = sum(
        (number(step["most"]) for step in components if step["state"] in ("NOT_ENTERED", "PENDING")), Fraction(0)
    )
    assert least == number(total["value"])
    assert still == (number(total["most"]) - least if total["most"] is not None else 0)
    floor, ceiling = least, least + still
    if trace["rounding"] == "sum_then_half_up":
        floor, ceiling = half_up(floor), half_up(ceiling)
        (rounding,) = steps(trace, "rounding")
        assert (number(rounding["value"]), number(rounding["most"])) == (floor, ceiling)
    check_requirements(trace, components)
    check_grade(trace, floor, ceiling)


def check_requirements(trace: Trace, components: list[Trace]) -> None:
    """Each is the sum of its parts, and those are what the components gave."""
    gave = {step["component"]: number(step["value"] or "0") for step in components}
    for asked in trace["requirements"]:
        assert number(asked["reached"]) == sum(number(part["value"]) for part in asked["parts"] if part["counts"])
        assert asked["taken"] == (number(asked["reached"]) >= number(asked["minimum"]))
        assert asked["possible"] == (number(asked["most"]) >= number(asked["minimum"]))
        if asked["measure"] == "total":
            assert all(number(part["value"]) == gave[part["component"]] for part in asked["parts"])


def check_grade(trace: Trace, floor: Fraction, ceiling: Fraction) -> None:
    """The best grade whose boundary is reached and whose requirements, and those below it, are taken."""
    below = steps(trace, "boundary")
    told = [step["grade"] for step in below]
    assert told == (
        [graded(trace, floor, "taken"), graded(trace, ceiling, "possible")]
        if trace["status"] == "incomplete"
        else [graded(trace, floor, "taken")]
    )
    assert all(row["reached"] == (number(row["mark"]) <= floor) for row in trace["boundaries"])
    if trace["status"] != "complete":
        return
    assert trace["grade"] == told[0]
    assert number(trace["subject_mark"]) == floor
    marks = {row["grade"]: number(row["mark"]) for row in trace["boundaries"]}
    assert trace["marks_above"] == (str(floor - marks[told[0]]) if told[0] in marks else None)
    if trace["next_grade"] is not None:
        assert number(trace["marks_to_next"]) == max(marks[trace["next_grade"]] - floor, Fraction(0))


def graded(trace: Trace, mark: Fraction, word: str) -> str:
    order = [row["grade"] for row in trace["boundaries"]]
    open_ones = {row["grade"] for row in trace["boundaries"] if number(row["mark"]) <= mark}
    for asked in trace["requirements"]:
        if not asked[word]:
            open_ones -= set(order[: order.index(asked["grade"]) + 1])
    return next((grade for grade in order if grade in open_ones), "U")


@checked
@given(worlds(), st.data())
def test_a_linear_trace_adds_up(world: World, data: st.DataObject) -> None:
    """Under each rounding policy, with marks in any state."""
    check(traced(world, data.draw(mixed_marks(world[0]))))


@checked
@given(unit_worlds(), st.data())
def test_a_trace_of_units_adds_up(world: World, data: st.DataObject) -> None:
    """Conversions, requirements and several attempts."""
    check(traced(world, data.draw(attempts(world[0]))))
