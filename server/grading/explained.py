"""The parts of an explanation: values that serialise as they are, from which every number can be worked out again."""

from __future__ import annotations

from dataclasses import dataclass

from server.grading.results import ENGINE_VERSION


@dataclass(frozen=True, slots=True)
class ExplainedAnchor:
    """An end of the line that a unit's raw mark lies on. `name` is a unit grade, or zero, notional or full."""

    name: str
    raw: str
    value: str


@dataclass(frozen=True, slots=True)
class ExplainedAttempt:
    """One of several attempts, oldest first; `value` in subject marks, of scored ones.

    `window` is where it was sat, and `maximum` that of its paper, where that is known. `series`, `source` and `confidence`
    are of the boundaries that convert it, whose digest is `boundary_digest`; none where no series does.
    """

    state: str
    raw: str | None
    value: str | None
    counts: bool
    window: str | None = None
    maximum: str | None = None
    series: str | None = None
    source: str | None = None
    confidence: str | None = None
    boundary_digest: str | None = None


@dataclass(frozen=True, slots=True)
class ExplainedStep:
    """One step. `kind` is component, total, rounding, boundary, requirement, next_boundary or outcome; weighted marks are
    exact text ("489/2"), raw marks decimals ("61.5"); `source` says where a published figure was read.

    `value` is `exact` after `rounding` (half_up, down, printed: as the board's own table has it). Of a linear component
    `exact` is raw x factor; of a converted one it lies on the line from `lower` to `upper` at raw x factor, and `value` is
    never above `most`. `most` is also what an open component, or the total, can still come to.
    """

    kind: str
    text: str
    component: str | None = None
    state: str | None = None
    raw: str | None = None
    factor: str | None = None
    exact: str | None = None
    rounding: str | None = None
    value: str | None = None
    most: str | None = None
    grade: str | None = None
    source: str | None = None
    lower: ExplainedAnchor | None = None
    upper: ExplainedAnchor | None = None
    attempts: tuple[ExplainedAttempt, ...] = ()


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
class ExplainedBoundary:
    """`reached` by the subject mark (open marks counted 0), whatever else the grade asks for."""

    grade: str
    mark: str
    reached: bool
    source: str


@dataclass(frozen=True, slots=True)
class ExplainedPart:
    """What one component brings to a requirement: subject marks, or hours if it `counts`."""

    component: str
    value: str
    counts: bool


@dataclass(frozen=True, slots=True)
class ExplainedRequirement:
    """`reached` is the sum of the parts that count. Open marks count 0 in it, and in full in `most`."""

    grade: str
    measure: str
    minimum: str
    reached: str
    most: str
    taken: bool
    possible: bool
    parts: tuple[ExplainedPart, ...]
    reason: str
    source: str


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
    scheme: str
    retake: str
    shift: int
    subject_mark: str | None
    marks_above: str | None
    next_grade: str | None
    marks_to_next: str | None
    boundaries: tuple[ExplainedBoundary, ...]
    requirements: tuple[ExplainedRequirement, ...]
    engine_version: str = ENGINE_VERSION
