"""The cases of kind `progress8` of a boundary pack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from server.grading import fields
from server.grading.errors import ErrorCode, GradingError
from server.grading.exact import exact
from server.grading.measures import progress8 as learners
from server.grading.measures.attainment8 import attainment8
from server.grading.measures.entries import Area, Entry
from server.grading.measures.rounding import exact_text
from server.grading.measures.tables import MeasureTables


def progress8(tables: MeasureTables, spec: str, case_input: Mapping[str, object]) -> Mapping[str, object]:
    """Attainment 8, estimate and Progress 8 as decimal text. Raises GradingError for input that is none.

    `spec` names the estimates, and the cohort that the learner belongs to: "DfE:2023".
    """
    estimates = tables.estimates_of(spec)
    both = fields.required(case_input, "both_english_taken")
    if not isinstance(both, bool):
        raise GradingError(ErrorCode.BAD_CONTENT, "both_english_taken must be true or false.")
    reached = attainment8(_entries(case_input), both_english=both)
    average = fields.number(case_input, "ks2_average")
    score = learners.progress8(reached.total, average, estimates, year=estimates.year)
    return {
        "attainment8": exact_text(reached.total),
        "estimate": exact_text(score.estimate.total),
        "progress8_unrounded": score.unrounded_text,
        "progress8_2dp": score.text,
    }


def _entries(case_input: Mapping[str, object]) -> Iterator[Entry]:
    singles = {"english_best": Area.ENGLISH_LANGUAGE, "maths": Area.MATHS}
    for name, area in singles.items():
        if case_input.get(name) is not None:
            yield _entry(name, area, case_input[name])
    # In a case a subject already stands in an element; more than three in one would compete for its slots.
    for name, area in {"ebacc": Area.HUMANITY, "open": Area.OTHER}.items():
        items = fields.as_list(case_input.get(name) or [], name)
        for position, item in enumerate(items, start=1):
            if item is not None:
                yield _entry(f"{name} {position}", area, item)


def _entry(name: str, area: Area, points: object) -> Entry:
    return Entry(name, area, exact(points, name), "the case")
