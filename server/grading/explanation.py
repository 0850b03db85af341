"""Why a grade is what it is, step by step, in values that serialise as they are: text, numbers, lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from fractions import Fraction
from types import MappingProxyType

from server.grading.boundaries import BoundarySet
from server.grading.contents import boundary_digest, specification_digest
from server.grading.exact import decimal_text, number_text
from server.grading.explained import (
    ExplainedBoundary,
    ExplainedMove,
    ExplainedNotice,
    ExplainedOutcome,
    ExplainedRequirement,
    ExplainedRoute,
    ExplainedStep,
    Explanation,
)
from server.grading.explained_components import Attempts, component_steps
from server.grading.explained_requirements import explained_requirements, requirement_steps
from server.grading.results import Outcome, Result, Status
from server.grading.routes import Route, routes
from server.grading.scalar import conclude
from server.grading.specification import RoundingPolicy, Specification
from server.grading.table import GradingTable, prepare
from server.grading.tally import Tally, tally


def explain(
    specification: Specification,
    boundaries: BoundarySet,
    marks: Mapping[str, object],
    shift: int = 0,
    attempts: Attempts = MappingProxyType({}),
) -> Explanation:
    """Grade as `grade` does, and say how. Errors as `grade`.

    A list of marks holds attempts, oldest first, which are told as `attempts` has them if it does. `shift` shifts the
    subject boundaries by so many per cent.
    """
    table = prepare(specification, boundaries, shift)
    sums = tally(table, marks)
    result = conclude(table, sums)
    requirements = explained_requirements(table, sums)
    return Explanation(
        specification=specification.identity,
        title=specification.title,
        series=boundaries.series,
        option=boundaries.option,
        status=result.status.value,
        grade=result.grade,
        rounding=specification.rounding.policy.value,
        rounding_confidence=specification.rounding.confidence,
        rounding_matters=result.rounding_matters,
        steps=(
            *component_steps(table, sums, marks, attempts),
            *_sum_steps(table, sums, result),
            *_boundary_steps(table, result, requirements),
        ),
        by_policy=tuple(
            ExplainedOutcome(policy.value, number_text(each.mark), each.grade) for policy, each in result.by_policy
        ),
        routes=tuple(_route(route) for route in routes(table, sums)),
        notices=tuple(ExplainedNotice(each.code, each.message, each.confidence) for each in result.notices),
        flags=result.flags,
        sources=boundaries.sources,
        confidence=result.confidence,
        note=boundaries.note,
        specification_digest=specification_digest(specification),
        boundary_digest=boundary_digest(boundaries),
        scheme=specification.scheme.value,
        retake=specification.retake.value,
        shift=shift,
        subject_mark=_text(result.subject_mark),
        marks_above=_text(result.marks_above),
        next_grade=result.next_grade,
        marks_to_next=_text(result.marks_to_next),
        boundaries=_boundaries(table, result),
        requirements=requirements,
    )


def explanation_data(explanation: Explanation) -> dict[str, object]:
    """The tree as plain dictionaries, lists and text, ready for JSON."""
    return asdict(explanation)


def _sum_steps(table: GradingTable, sums: Tally, result: Result) -> list[ExplainedStep]:
    if result.floor is None or result.ceiling is None:
        message = result.notices[0].message
        return [ExplainedStep("outcome", message, grade=result.grade)]
    policy = table.specification.rounding.policy
    chosen = sums.each if policy is RoundingPolicy.EACH_HALF_UP else sums.exact
    total = number_text(table.marks(chosen.obtained))
    steps = [ExplainedStep("total", f"total {total}", value=total)]
    if result.status is Status.INCOMPLETE:
        most = number_text(table.marks(chosen.obtained + chosen.open_marks))
        steps = [ExplainedStep("total", f"total {total} to {most}", value=total, most=most)]
    if policy is RoundingPolicy.SUM_THEN_HALF_UP:
        rounded = number_text(result.floor.mark)
        if result.status is Status.INCOMPLETE:
            rounded = f"{rounded} to {number_text(result.ceiling.mark)}"
        value, most = number_text(result.floor.mark), number_text(result.ceiling.mark)
        steps.append(
            ExplainedStep(
                "rounding", f"rounded half up {rounded}", exact=total, rounding="half_up", value=value, most=most
            )
        )
    return steps


def _boundary_steps(
    table: GradingTable, result: Result, requirements: Sequence[ExplainedRequirement]
) -> list[ExplainedStep]:
    if result.floor is None or result.ceiling is None:
        return []
    reached = [row.grade for row in table.boundaries.rows if row.mark <= result.ceiling.mark]
    asked = requirement_steps(requirements, reached)
    if result.status is Status.INCOMPLETE:
        return [_reached(table, "at least", result.floor), _reached(table, "at most", result.ceiling), *asked]
    steps = [_reached(table, "grade", result.floor), *asked]
    if result.next_grade is not None and result.marks_to_next is not None:
        steps.append(_next(table, result.floor, result.next_grade, result.marks_to_next))
    return steps


def _reached(table: GradingTable, word: str, outcome: Outcome) -> ExplainedStep:
    mark, grade = number_text(outcome.mark), outcome.grade
    if grade in table.grades:
        boundary = table.marks(table.thresholds[table.grades.index(grade)])
        text = f"{word} {grade}: {mark} is at or above its boundary {number_text(boundary)}"
    else:
        boundary = table.marks(table.thresholds[0])
        text = f"{word} {grade}: {mark} is below the lowest boundary {number_text(boundary)}"
        if outcome.mark >= boundary:
            text = f"{word} {grade}: {mark} reaches the lowest boundary {number_text(boundary)}, and no grade is given"
    return ExplainedStep("boundary", text, value=number_text(boundary), grade=grade, source=_source(table))


def _next(table: GradingTable, outcome: Outcome, grade: str, short: Fraction) -> ExplainedStep:
    boundary = number_text(table.marks(table.thresholds[table.grades.index(grade)]))
    text = f"next grade {grade} from {boundary}: {number_text(short)} short"
    if short == 0:
        text = f"next grade {grade}: {number_text(outcome.mark)} reaches its boundary {boundary}, and it is held back"
    return ExplainedStep("next_boundary", text, value=boundary, grade=grade, source=_source(table))


def _boundaries(table: GradingTable, result: Result) -> tuple[ExplainedBoundary, ...]:
    """Best first, as printed."""
    mark = None if result.floor is None else result.floor.mark
    return tuple(
        ExplainedBoundary(row.grade, number_text(row.mark), mark is not None and row.mark <= mark, _source(table))
        for row in table.boundaries.rows
    )


def _text(value: Fraction | None) -> str | None:
    return None if value is None else number_text(value)


def _source(table: GradingTable) -> str:
    return "; ".join(table.boundaries.sources)


def _route(route: Route) -> ExplainedRoute:
    moves = tuple(
        ExplainedMove(move.component, decimal_text(move.marks), decimal_text(move.raises_to)) for move in route.moves
    )
    said = " and ".join(f"{move.marks} more in {move.component} (to {move.raises_to})" for move in moves)
    unsure = "" if route.certain else "; another way may cost less"
    return ExplainedRoute(route.grade, decimal_text(route.marks), moves, f"{route.grade}: {said}{unsure}")
