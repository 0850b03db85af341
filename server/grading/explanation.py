"""Why a grade is what it is, step by step, in values that serialise as they are: text, numbers, lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction

from server.grading.boundaries import BoundarySet
from server.grading.contents import boundary_digest, specification_digest
from server.grading.exact import decimal_text, number_text
from server.grading.linear import conclude
from server.grading.marks import Mark, MarkState
from server.grading.results import ENGINE_VERSION, Outcome, Result, Status
from server.grading.routes import Route, routes
from server.grading.specification import HUNDREDTHS, RoundingPolicy, Specification
from server.grading.table import GradingTable, prepare
from server.grading.tally import Tally, tally


@dataclass(frozen=True, slots=True)
class ExplainedStep:
    """One step. `kind` is component, total, rounding, boundary, next_boundary or outcome; weighted marks are exact
    text ("489/2"), raw marks decimals ("61.5"); `source` says where a published figure was read."""

    kind: str
    text: str
    component: str | None = None
    state: str | None = None
    raw: str | None = None
    factor: str | None = None
    value: str | None = None
    grade: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class ExplainedOutcome:
    policy: str
    subject_mark: str
    grade: str


@dataclass(frozen=True, slots=True)
class ExplainedMove:
    component: str
    marks: str
    raises_to: str


@dataclass(frozen=True, slots=True)
class ExplainedRoute:
    grade: str
    marks: str
    moves: tuple[ExplainedMove, ...]
    text: str


@dataclass(frozen=True, slots=True)
class ExplainedNotice:
    code: str
    message: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """The whole trace of one grade, with everything it rests on."""

    specification: str
    title: str
    series: str
    option: str | None
    status: str
    grade: str | None
    rounding: str
    rounding_confidence: str
    rounding_matters: bool
    steps: tuple[ExplainedStep, ...]
    by_policy: tuple[ExplainedOutcome, ...]
    routes: tuple[ExplainedRoute, ...]
    notices: tuple[ExplainedNotice, ...]
    flags: tuple[str, ...]
    sources: tuple[str, ...]
    confidence: str
    note: str
    specification_digest: str
    boundary_digest: str
    engine_version: str = ENGINE_VERSION


def explain(specification: Specification, boundaries: BoundarySet, marks: Mapping[str, object]) -> Explanation:
    """Grade as `grade` does, and say how. Errors as `grade`."""
    table = prepare(specification, boundaries)
    sums = tally(table, marks)
    result = conclude(table, sums)
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
        steps=(*_component_steps(table, sums), *_sum_steps(table, sums, result), *_boundary_steps(table, result)),
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
    )


def explanation_data(explanation: Explanation) -> dict[str, object]:
    """The tree as plain dictionaries, lists and text, ready for JSON."""
    return asdict(explanation)


def _component_steps(table: GradingTable, sums: Tally) -> list[ExplainedStep]:
    return [_component_step(table, position, mark) for position, mark in enumerate(sums.marks)]


def _component_step(table: GradingTable, position: int, mark: Mark) -> ExplainedStep:
    component = table.components[position]
    factor = number_text(component.factor)
    if mark.state is not MarkState.SCORED:
        texts = {
            MarkState.ABSENT: "absent, counts 0",
            MarkState.EXEMPT: "exempt",
            MarkState.NOT_ENTERED: "not entered",
            MarkState.PENDING: "pending",
        }
        full = number_text(component.max_raw * component.factor)
        open_range = "" if mark.state in (MarkState.ABSENT, MarkState.EXEMPT) else f", worth 0 to {full}"
        text = f"{component.code}: {texts[mark.state]}{open_range}"
        return ExplainedStep("component", text, component.code, mark.state.value, factor=factor)
    raw = decimal_text(Fraction(mark.hundredths, HUNDREDTHS))
    weighted = table.marks(table.contribution(position, mark.hundredths, RoundingPolicy.SUM_EXACT))
    value, text = weighted, f"{component.code}: raw {raw} × {factor} = {number_text(weighted)}"
    if table.specification.rounding.policy is RoundingPolicy.EACH_HALF_UP:
        value = table.marks(table.contribution(position, mark.hundredths, RoundingPolicy.EACH_HALF_UP))
        text += f", rounded half up {number_text(value)}"
    return ExplainedStep(
        "component", text, component.code, mark.state.value, raw=raw, factor=factor, value=number_text(value)
    )


def _sum_steps(table: GradingTable, sums: Tally, result: Result) -> list[ExplainedStep]:
    if result.floor is None or result.ceiling is None:
        message = result.notices[0].message
        return [ExplainedStep("outcome", message, grade=result.grade)]
    policy = table.specification.rounding.policy
    chosen = sums.each if policy is RoundingPolicy.EACH_HALF_UP else sums.exact
    total = number_text(table.marks(chosen.obtained))
    steps = [ExplainedStep("total", f"total {total}", value=total)]
    if result.status is Status.INCOMPLETE:
        full = number_text(table.marks(chosen.obtained + chosen.open_marks))
        steps = [ExplainedStep("total", f"total {total} to {full}", value=total)]
    if policy is RoundingPolicy.SUM_THEN_HALF_UP:
        rounded = number_text(result.floor.mark)
        if result.status is Status.INCOMPLETE:
            rounded = f"{rounded} to {number_text(result.ceiling.mark)}"
        steps.append(ExplainedStep("rounding", f"rounded half up {rounded}", value=number_text(result.floor.mark)))
    return steps


def _boundary_steps(table: GradingTable, result: Result) -> list[ExplainedStep]:
    if result.floor is None or result.ceiling is None:
        return []
    if result.status is Status.INCOMPLETE:
        floor, ceiling = (_reached(table, word, each) for word, each in _reaches(result.floor, result.ceiling))
        return [floor, ceiling]
    steps = [_reached(table, "grade", result.floor)]
    if result.next_grade is not None and result.marks_to_next is not None:
        boundary = number_text(result.floor.mark + result.marks_to_next)
        short = number_text(result.marks_to_next)
        text = f"next grade {result.next_grade} from {boundary}: {short} short"
        steps.append(
            ExplainedStep("next_boundary", text, value=boundary, grade=result.next_grade, source=_source(table))
        )
    return steps


def _reaches(floor: Outcome, ceiling: Outcome) -> tuple[tuple[str, Outcome], tuple[str, Outcome]]:
    return ("at least", floor), ("at most", ceiling)


def _reached(table: GradingTable, word: str, outcome: Outcome) -> ExplainedStep:
    mark = number_text(outcome.mark)
    if outcome.grade in table.grades:
        boundary = number_text(table.marks(table.thresholds[table.grades.index(outcome.grade)]))
        text = f"{word} {outcome.grade}: {mark} is at or above its boundary {boundary}"
    else:
        boundary = number_text(table.marks(table.thresholds[0]))
        text = f"{word} {outcome.grade}: {mark} is below the lowest boundary {boundary}"
    return ExplainedStep("boundary", text, value=boundary, grade=outcome.grade, source=_source(table))


def _source(table: GradingTable) -> str:
    return "; ".join(table.boundaries.sources)


def _route(route: Route) -> ExplainedRoute:
    moves = tuple(
        ExplainedMove(move.component, decimal_text(move.marks), decimal_text(move.raises_to)) for move in route.moves
    )
    said = " and ".join(f"{move.marks} more in {move.component} (to {move.raises_to})" for move in moves)
    return ExplainedRoute(route.grade, decimal_text(route.marks), moves, f"{route.grade}: {said}")
