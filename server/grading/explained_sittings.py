"""Why a grade is what it is where it rests on several windows: each attempt with its window, its paper and its series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from server.grading.contents import boundary_digest
from server.grading.exact import decimal_text, number_text
from server.grading.explained import ExplainedAttempt, ExplainedStep, Explanation
from server.grading.explained_components import raw_text
from server.grading.explanation import explain
from server.grading.marks import MarkState
from server.grading.papers import Contents, Paper, as_sat
from server.grading.sittings import Attempt, Sitting, attempts, converted, counted, counting_place, sat_in_units
from server.grading.stored_rules import read_boundaries, read_specification
from server.grading.unit_series import by_series


def explain_sittings(contents: Contents, sittings: Sequence[Sitting], shift: int = 0) -> Explanation:
    """Grades as `grade_sittings` does. Raises GradingError."""
    one = counted(contents, sittings)
    sat = as_sat(contents, one.papers)
    marks = {code: [*one.marks.get(code, ())] for code in sat.counted}
    told = _attempts(contents, sat.counted, converted(contents, sittings)) if sat_in_units(contents) else {}
    found = explain(sat.specification, sat.boundaries, marks, shift, told)
    others = {paper.component: paper.converted_by for paper in one.papers if paper.converted_by is not None}
    if not others:
        return found
    return replace(
        found,
        steps=tuple(_of_series(step, others) for step in found.steps),
        sources=sat.sources,
        boundary_digest=boundary_digest(read_boundaries(contents.boundaries)),
    )


def _of_series(step: ExplainedStep, others: dict[str, Contents]) -> ExplainedStep:
    """A step of a converted unit names the boundaries that converted it."""
    if step.component not in others or step.source is None:
        return step
    boundaries = read_boundaries(others[step.component].boundaries)
    return replace(
        step, text=f"{step.text}; by the boundaries of {boundaries.series}", source="; ".join(boundaries.sources)
    )


def _attempts(
    contents: Contents, codes: frozenset[str], sittings: Sequence[Sitting]
) -> dict[str, tuple[ExplainedAttempt, ...]]:
    """Of each component with several attempts, or one in an earlier window."""
    parts = {part.code: part for part in read_specification(contents.specification).components}
    found: dict[str, tuple[ExplainedAttempt, ...]] = {}
    for code in codes:
        tried = attempts(contents, code, sittings)
        chosen = counting_place(contents, tried)
        if len(tried) > 1 or any(sitting.marks.get(code) for sitting in sittings[:-1]):
            found[code] = tuple(
                _explained(each, contents if by_series(parts[code]) else None, counts=place == chosen)
                for place, each in enumerate(tried)
            )
    return found


def _explained(attempt: Attempt, contents: Contents | None, *, counts: bool) -> ExplainedAttempt:
    """`contents`: what the grade is of, where a series converts the component."""
    scored = attempt.mark.state is MarkState.SCORED
    told = ExplainedAttempt(
        state=attempt.mark.state.value,
        raw=raw_text(attempt.mark) if scored else None,
        value=number_text(attempt.worth) if scored else None,
        counts=counts,
        window=attempt.window or None,
        maximum=decimal_text(Fraction(attempt.paper.maximum)),
    )
    return told if contents is None else _told_by(told, attempt.paper, contents)


def _told_by(told: ExplainedAttempt, paper: Paper, contents: Contents) -> ExplainedAttempt:
    boundaries = read_boundaries((paper.converted_by or contents).boundaries)
    return replace(
        told,
        series=boundaries.series,
        source="; ".join(boundaries.sources),
        confidence=boundaries.confidence,
        boundary_digest=boundary_digest(boundaries),
    )
