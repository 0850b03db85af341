"""What a learner sat, window by window, and what of it a grade rests on.

A linear qualification is sat whole, in one window. Units are sat in any of several, and again: so all attempts up to a
window stand together, and the specification says which of them counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import lru_cache
from typing import Any

from server.grading.errors import GradingError
from server.grading.grade_columns import GradeColumns, refused
from server.grading.marks import Mark, read_mark
from server.grading.papers import Contents, Paper, as_sat, grade_learner, grade_learners
from server.grading.results import ENGINE_VERSION
from server.grading.specification import RoundingPolicy
from server.grading.stored_rules import read_specification
from server.grading.table import GradingTable, prepare
from server.grading.tally import counting_of
from server.grading.unit_series import by_series


@dataclass(frozen=True, slots=True)
class Sitting:
    """One window: its papers, and raw marks (as `read_mark` reads them) by component, attempts oldest first.

    `by` is what the window is graded by, and so converts its attempts; None: as the one in question is.
    """

    papers: frozenset[Paper]
    marks: Mapping[str, Sequence[Any]] = field(default_factory=dict[str, Sequence[Any]])
    window: str = ""
    by: Contents | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt at a component, on a paper of its own; `worth` in exact subject marks, 0 unless scored."""

    window: str
    paper: Paper
    mark: Mark
    worth: Fraction


def counted(contents: Contents, sittings: Sequence[Sitting]) -> Sitting:
    """What counts of these, oldest first, as one sitting: the last alone where the qualification is sat whole.

    All attempts at a component stand together. Where they were at papers of different maxima, or in windows of different
    boundaries, those that are alike the one that counts. Raises the GradingError of a bad mark among different papers.
    """
    newest = sittings[-1]
    if len(sittings) == 1 or not sat_in_units(contents):
        return newest
    sittings = converted(contents, sittings)
    papers: set[Paper] = set()
    marks: dict[str, list[Any]] = {}
    for code, held in _papers(sittings).items():
        paper = held[-1] if len(set(held)) == 1 else _paper_that_counts(contents, code, sittings, held[-1])
        papers.add(paper)
        marks[code] = [raw for sitting in sittings if paper in sitting.papers for raw in sitting.marks.get(code, ())]
    return Sitting(frozenset(papers), marks, newest.window)


def converted(contents: Contents, sittings: Sequence[Sitting]) -> list[Sitting]:
    """Each with papers that say what converts them, where that is other than the contents. Raises GradingError."""
    return [
        sitting
        if sitting.by is None or sitting.by.boundaries == contents.boundaries
        else replace(sitting, papers=_converted(contents, sitting.by, sitting.papers))
        for sitting in sittings
    ]


@lru_cache(maxsize=1024)
def _converted(contents: Contents, by: Contents, papers: frozenset[Paper]) -> frozenset[Paper]:
    units = {part.code for part in read_specification(contents.specification).components if by_series(part)}
    return frozenset(replace(paper, converted_by=by) if paper.component in units else paper for paper in papers)


def sat_in_units(contents: Contents) -> bool:
    """Whether earlier windows count: not for contents that can't be read, which grade nothing."""
    try:
        return as_sat(contents, frozenset[Paper]()).specification.sat_in_units
    except GradingError:
        return False


def grade_sittings(contents: Contents, sittings: Sequence[Sitting], shift: int = 0) -> GradeColumns | None:
    """The grade of one learner, as `grade_learner` grades what counts of the sittings."""
    try:
        one = counted(contents, sittings)
    except GradingError as error:
        return refused(error.code.value, ENGINE_VERSION, shift)
    return grade_learner(contents, one.papers, one.marks, shift)


def grade_many_sittings(
    contents: Contents, learners: Sequence[Sequence[Sitting]], shift: int = 0
) -> list[GradeColumns | None]:
    """Many learners, as `grade_sittings` grades each; those with the same papers at once. Marks are read ones.

    Raises the GradingError of a bad mark where it goes by matrices.
    """
    found: list[GradeColumns | None] = [None] * len(learners)
    alike: dict[frozenset[Paper], list[tuple[int, Sitting]]] = {}
    for place, sittings in enumerate(learners):
        try:
            one = counted(contents, sittings)
        except GradingError as error:
            found[place] = refused(error.code.value, ENGINE_VERSION, shift)
        else:
            alike.setdefault(one.papers, []).append((place, one))
    for papers, group in alike.items():
        grades = grade_learners(contents, papers, [one.marks for _, one in group], shift)
        for (place, _), grade in zip(group, grades, strict=True):
            found[place] = grade
    return found


def attempts(contents: Contents, code: str, sittings: Sequence[Sitting]) -> list[Attempt]:
    """All attempts at a component of the route, oldest first, each by its own paper; of `converted` sittings each by its
    own series. Raises GradingError."""
    found: list[Attempt] = []
    for sitting in sittings:
        for paper in sitting.papers:
            if paper.component == code:
                found += _attempts(contents, paper, sitting)
    return found


def counting_place(contents: Contents, tried: Sequence[Attempt]) -> int | None:
    """Which of them counts, from 0; None where none does."""
    retake = as_sat(contents, frozenset[Paper]()).specification.retake
    return counting_of(retake, [each.mark for each in tried], lambda place: tried[place].worth)


def _papers(sittings: Sequence[Sitting]) -> dict[str, list[Paper]]:
    """By component, oldest first."""
    found: dict[str, list[Paper]] = {}
    for sitting in sittings:
        for paper in sitting.papers:
            found.setdefault(paper.component, []).append(paper)
    return found


def _paper_that_counts(contents: Contents, code: str, sittings: Sequence[Sitting], newest: Paper) -> Paper:
    if code not in as_sat(contents, frozenset((newest,))).counted:
        return newest
    tried = attempts(contents, code, sittings)
    place = counting_place(contents, tried)
    return newest if place is None else tried[place].paper


def _attempts(contents: Contents, paper: Paper, sitting: Sitting) -> list[Attempt]:
    if not sitting.marks.get(paper.component):
        return []  # not even boundaries are needed
    table = _table(contents, paper)
    place = table.index(paper.component)
    found: list[Attempt] = []
    for raw in sitting.marks[paper.component]:
        mark = read_mark(table.components[place], raw)
        worth = table.marks(table.contribution(place, mark.hundredths, RoundingPolicy.SUM_EXACT))
        found.append(Attempt(sitting.window, paper, mark, worth))
    return found


def _table(contents: Contents, paper: Paper) -> GradingTable:
    sat = as_sat(contents, frozenset((paper,)))
    return prepare(sat.specification, sat.boundaries)
