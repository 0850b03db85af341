"""Why a grade is what it is where it rests on several windows: each attempt with its window and its paper's maximum."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from server.grading.exact import decimal_text, number_text
from server.grading.explained import ExplainedAttempt, Explanation
from server.grading.explained_components import raw_text
from server.grading.explanation import explain
from server.grading.marks import MarkState
from server.grading.papers import Contents, as_sat
from server.grading.sittings import Attempt, Sitting, attempts, counted, counting_place, sat_in_units


def explain_sittings(contents: Contents, sittings: Sequence[Sitting], shift: int = 0) -> Explanation:
    """Grades as `grade_sittings` does. Raises GradingError."""
    one = counted(contents, sittings)
    sat = as_sat(contents, one.papers)
    marks = {code: one.marks.get(code, ()) for code in sat.counted}
    told = _attempts(contents, sat.counted, sittings) if sat_in_units(contents) else {}
    return explain(sat.specification, sat.boundaries, {code: [*given] for code, given in marks.items()}, shift, told)


def _attempts(
    contents: Contents, codes: frozenset[str], sittings: Sequence[Sitting]
) -> dict[str, tuple[ExplainedAttempt, ...]]:
    """Of each component with several attempts, or one in an earlier window."""
    found: dict[str, tuple[ExplainedAttempt, ...]] = {}
    for code in codes:
        tried = attempts(contents, code, sittings)
        chosen = counting_place(contents, tried)
        if len(tried) > 1 or any(sitting.marks.get(code) for sitting in sittings[:-1]):
            found[code] = tuple(_explained(each, counts=place == chosen) for place, each in enumerate(tried))
    return found


def _explained(attempt: Attempt, *, counts: bool) -> ExplainedAttempt:
    scored = attempt.mark.state is MarkState.SCORED
    return ExplainedAttempt(
        state=attempt.mark.state.value,
        raw=raw_text(attempt.mark) if scored else None,
        value=number_text(attempt.worth) if scored else None,
        counts=counts,
        window=attempt.window or None,
        maximum=decimal_text(Fraction(attempt.paper.maximum)),
    )
