"""What each component gave, step by step: by a factor, or along the lines of a conversion; and which attempt counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import cast

from server.grading.boundaries import UnitRow
from server.grading.conversion import Between, Conversion, Whole, along, anchors
from server.grading.exact import decimal_text, number_text
from server.grading.explained import ExplainedAnchor, ExplainedAttempt, ExplainedStep
from server.grading.marks import UNSAT, Mark, MarkState, read_mark
from server.grading.specification import HUNDREDTHS, Component, Retake, RoundingPolicy, Scheme
from server.grading.table import GradingTable
from server.grading.tally import Tally, counting_place

_STATES = {
    MarkState.ABSENT: "absent, counts 0",
    MarkState.EXEMPT: "exempt",
    MarkState.NOT_ENTERED: "not entered",
    MarkState.PENDING: "pending",
}
_ROUNDED = {"half_up": ", rounded half up", "down": ", rounded down", "printed": ", as the board's table prints it"}
_RETAKES = {Retake.NEWEST: "the newest that was sat counts", Retake.BEST: "the best counts"}


Attempts = Mapping[str, Sequence[ExplainedAttempt]]
"""All attempts at a component, oldest first, where they are told otherwise than as a list of marks."""


def component_steps(
    table: GradingTable, sums: Tally, marks: Mapping[str, object], attempts: Attempts
) -> list[ExplainedStep]:
    """One step a component; `marks` are those of the tally, with all attempts that `attempts` doesn't tell."""
    return [_step(table, place, mark, marks, attempts) for place, mark in enumerate(sums.marks)]


def _step(table: GradingTable, place: int, mark: Mark, marks: Mapping[str, object], told: Attempts) -> ExplainedStep:
    code = table.components[place].code
    attempts = tuple(told[code]) if code in told else _attempts(table, place, marks.get(code))
    said = _said_of(attempts, table.specification.retake)
    if mark.state is not MarkState.SCORED:
        return _unscored(table, place, mark, attempts, said)
    conversion = table.components[place].conversion
    if conversion is not None:
        return _converted(table, place, mark, conversion, attempts, said)
    return _weighted(table, place, mark, attempts, said)


def _unscored(
    table: GradingTable, place: int, mark: Mark, attempts: tuple[ExplainedAttempt, ...], said: str
) -> ExplainedStep:
    component = table.components[place]
    policy = table.specification.rounding.policy
    most = number_text(table.marks(table.contribution(place, component.max_hundredths, policy)))
    is_open = mark.state in UNSAT
    text = f"{component.code}: {_STATES[mark.state]}" + (f", worth 0 to {most}" if is_open else "") + said
    return ExplainedStep(
        "component",
        text,
        component.code,
        mark.state.value,
        factor=number_text(component.factor),
        most=most if is_open else None,
        attempts=attempts,
    )


def _weighted(
    table: GradingTable, place: int, mark: Mark, attempts: tuple[ExplainedAttempt, ...], said: str
) -> ExplainedStep:
    component, factor = table.components[place], number_text(table.components[place].factor)
    weighted = table.marks(table.contribution(place, mark.hundredths, RoundingPolicy.SUM_EXACT))
    value, rounding = weighted, None
    text = f"{component.code}: raw {raw_text(mark)} × {factor} = {number_text(weighted)}"
    if table.specification.rounding.policy is RoundingPolicy.EACH_HALF_UP:
        value = table.marks(table.contribution(place, mark.hundredths, RoundingPolicy.EACH_HALF_UP))
        rounding = "half_up"
        text += f", rounded half up {number_text(value)}"
    return ExplainedStep(
        "component",
        text + said,
        component.code,
        mark.state.value,
        raw=raw_text(mark),
        factor=factor,
        exact=number_text(weighted),
        rounding=rounding,
        value=number_text(value),
        attempts=attempts,
    )


def _converted(
    table: GradingTable,
    place: int,
    mark: Mark,
    conversion: Conversion,
    attempts: tuple[ExplainedAttempt, ...],
    said: str,
) -> ExplainedStep:
    component = table.components[place]
    series = next((unit for unit in table.boundaries.units if unit.component == component.code), None)
    raw = Fraction(mark.hundredths, HUNDREDTHS) * component.factor
    value = table.marks(table.contribution(place, mark.hundredths, RoundingPolicy.SUM_EXACT))
    lower, upper, exact = _line(component, conversion, series, raw)
    rounding = "down" if conversion.whole is Whole.DOWN else "half_up"
    if series is not None and raw in dict(series.printed):
        rounding = "printed"
    noun = "points" if table.specification.scheme is Scheme.POINTS else "uniform marks"
    paper = "" if component.factor == 1 else f" × {number_text(component.factor)} = {number_text(raw)}"
    text = (
        f"{component.code}: raw {raw_text(mark)}{paper} → {number_text(value)} of {number_text(conversion.maximum)} {noun}"
        f"{'' if exact == value and rounding != 'printed' else _ROUNDED[rounding]}{_between(lower, upper)}{said}"
    )
    return ExplainedStep(
        "component",
        text,
        component.code,
        mark.state.value,
        raw=raw_text(mark),
        factor=number_text(component.factor),
        exact=number_text(exact),
        rounding=rounding,
        value=number_text(value),
        most=number_text(conversion.maximum),
        source="; ".join(table.boundaries.sources),
        lower=lower,
        upper=upper,
        attempts=attempts,
    )


def _line(
    component: Component, conversion: Conversion, series: UnitRow | None, raw: Fraction
) -> tuple[ExplainedAnchor | None, ExplainedAnchor | None, Fraction]:
    """The ends of the line that a raw mark lies on, and the exact value there; both are one anchor where it meets it.

    No upper end where nothing above the lower one counts.
    """
    between = anchors(conversion, series, component.max_raw * component.factor)
    named = {row.mark: row.grade for row in conversion.fixed or (series.rows if series else ())}

    def anchor(place: int) -> ExplainedAnchor:
        at, worth = between[place]
        name = named.get(at) or ("zero" if at == 0 else "full" if place == len(between) - 1 else "notional")
        return ExplainedAnchor(name, number_text(at), number_text(worth))

    exact = along(conversion, between, raw)
    if raw < between[0][0]:
        return None, anchor(0), exact
    for place, ((low, _), (high, _)) in enumerate(pairwise(between)):
        if low == raw:
            return anchor(place), anchor(place), exact
        if low < raw < high:
            return anchor(place), anchor(place + 1) if conversion.between is Between.LINE else None, exact
    return anchor(len(between) - 1), anchor(len(between) - 1) if raw == between[-1][0] else None, exact


def _between(lower: ExplainedAnchor | None, upper: ExplainedAnchor | None) -> str:
    if lower is None or upper is None:
        known = lower or upper
        assert known is not None
        return f", {'below' if lower is None else 'above'} {_named(known)}"
    return f", at {_named(lower)}" if lower == upper else f", between {_named(lower)} and {_named(upper)}"


def _named(anchor: ExplainedAnchor) -> str:
    return f"{anchor.name} {anchor.raw} ({anchor.value})"


def _attempts(table: GradingTable, place: int, value: object) -> tuple[ExplainedAttempt, ...]:
    """All attempts where there were several."""
    if not isinstance(value, list | tuple) or len(cast("Sequence[object]", value)) < 2:
        return ()
    marks = [read_mark(table.components[place], each) for each in cast("Sequence[object]", value)]
    chosen = counting_place(table, place, marks)
    return tuple(
        ExplainedAttempt(
            state=mark.state.value,
            raw=raw_text(mark) if mark.state is MarkState.SCORED else None,
            value=_worth(table, place, mark) if mark.state is MarkState.SCORED else None,
            counts=position == chosen,
        )
        for position, mark in enumerate(marks)
    )


def _said_of(attempts: Sequence[ExplainedAttempt], retake: Retake) -> str:
    """A clause that says which attempt counts, and where it was sat if that is told."""
    if not attempts:
        return ""
    chosen = next((place for place, attempt in enumerate(attempts) if attempt.counts), 0)
    window = f" in {attempts[chosen].window}" if attempts[chosen].window else ""
    if len(attempts) == 1:
        return f"; sat{window}"
    return f"; attempt {chosen + 1} of {len(attempts)}{window}: {_RETAKES[retake]}"


def _worth(table: GradingTable, place: int, mark: Mark) -> str:
    return number_text(table.marks(table.contribution(place, mark.hundredths, RoundingPolicy.SUM_EXACT)))


def raw_text(mark: Mark) -> str:
    return decimal_text(Fraction(mark.hundredths, HUNDREDTHS))
