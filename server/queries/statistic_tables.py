"""Tables of statistics: which cells one has, their exact figures, and those that a census may tell."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Final

from server.compliance.disclosure.averages import average, averages
from server.compliance.disclosure.derived import Coarser, follows
from server.compliance.disclosure.family import Cell, Person, counted
from server.compliance.disclosure.suppression import told_in_turn
from server.queries.statistic_groups import (
    AUDITED,
    COUNT,
    DIMENSIONS,
    FAMILY,
    MEASURES,
    SEN_FLAG,
    SEN_PROVISION,
    SMALLEST,
    SMALLEST_PUBLISHED,
    YEAR_GROUP,
)
from server.queries.statistics import Learner

SCHOOL: Final = "SCHOOL"
PUBLISHED: Final = "PUBLISHED"
AUDIENCES: Final = (SCHOOL, PUBLISHED)
_FLAG: Final = Coarser(SEN_FLAG, SEN_PROVISION, "N", "NO", "YES")

Figures = dict[Cell, Decimal]


def smallest(audience: str, own: int) -> int:
    """The threshold for an audience, of a school whose own is `own`."""
    return max(own, SMALLEST if audience == SCHOOL else SMALLEST_PUBLISHED)


def table(by: Collection[str]) -> list[Cell]:
    """The cells of a table by no dimension, by one, or by the year group and one other."""
    others = [name for name in by if name != YEAR_GROUP]
    years = DIMENSIONS[YEAR_GROUP].levels if YEAR_GROUP in by else ("",)
    levels = [(name, level) for name in others for level in DIMENSIONS[name].levels] or [("", "")]
    return [Cell(name, level, year) for year in years for name, level in levels]


def exact(learners: Sequence[Learner], by: Collection[str], measure: str) -> dict[Cell, Decimal | None]:
    """For who may read every value: a count of each cell, or an average, None of nobody."""
    found: dict[Cell, list[Learner]] = {cell: [] for cell in table(by)}
    for learner in learners:
        found[_cell(learner, by)].append(learner)
    return {cell: _exact(some, measure) for cell, some in found.items()}


def released(learners: Sequence[Learner], measure: str, own: int, counts: Mapping[str, Figures]) -> dict[str, Figures]:
    """By audience, what a census may tell. Averages need `counts`, those that are told to each audience."""
    thresholds = [smallest(audience, own) for audience in AUDIENCES]
    if measure == COUNT:
        return dict(zip(AUDIENCES, _counts(learners, thresholds), strict=True))
    found: dict[str, Figures] = {}
    for audience, threshold in zip(AUDIENCES, thresholds, strict=True):
        narrower = found.get(SCHOOL)
        open_ = {cell: int(n) for cell, n in counts[audience].items() if narrower is None or cell in narrower}
        found[audience] = _averages(learners, measure, threshold, open_)
    return found


def _exact(some: Sequence[Learner], measure: str) -> Decimal | None:
    scale = MEASURES[measure].scale
    if scale is None:
        return Decimal(len(some))
    return average([one.values[measure] for one in some if one.values[measure] is not None], scale)


def _cell(learner: Learner, by: Collection[str]) -> Cell:
    year = _level(learner, YEAR_GROUP) if YEAR_GROUP in by else ""
    other = next((name for name in by if name != YEAR_GROUP), "")
    return Cell(other, _level(learner, other) if other else "", year)


def _level(learner: Learner, name: str) -> str:
    return DIMENSIONS[name].level_of(learner.values[DIMENSIONS[name].source])


def _person(learner: Learner) -> Person:
    return Person(_level(learner, YEAR_GROUP), {one.name: _level(learner, one.name) for one in AUDITED})


def _counts(learners: Sequence[Learner], thresholds: Sequence[int]) -> list[Figures]:
    counts = counted(_person(learner) for learner in learners)
    every = exact(learners, (SEN_FLAG,), COUNT) | exact(learners, (YEAR_GROUP, SEN_FLAG), COUNT)
    return [
        {cell: Decimal(counts[cell]) for cell in open_}
        | {cell: every[cell] or Decimal(0) for cell in follows(FAMILY, open_, _FLAG)}
        for open_ in told_in_turn(FAMILY, counts, thresholds)
    ]


def _averages(learners: Sequence[Learner], measure: str, threshold: int, counts: Mapping[Cell, int]) -> Figures:
    scale = MEASURES[measure].scale
    assert scale is not None
    people = [(_person(learner), learner.values[measure]) for learner in learners]
    found = averages(FAMILY, people, counts, threshold, scale)
    every = exact(learners, (SEN_FLAG,), measure) | exact(learners, (YEAR_GROUP, SEN_FLAG), measure)
    flags = {cell: every[cell] for cell in follows(FAMILY, found.keys(), _FLAG)}
    return found | {cell: figure for cell, figure in flags.items() if figure is not None}
