"""Grades from stored contents and the papers that were really sat."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from server.grading.boundaries import BoundarySet
from server.grading.bulk import grade_matrix
from server.grading.errors import GradingError
from server.grading.grade_columns import GradeColumns, grade_columns, refused
from server.grading.mark_matrices import matrices
from server.grading.marks import Mark
from server.grading.results import ENGINE_VERSION
from server.grading.scalar import grade
from server.grading.specification import HUNDREDTHS, Component, Specification
from server.grading.stored_rules import Contents, read_boundaries, read_specification
from server.grading.table import GradingTable, prepare
from server.grading.unit_series import Mixed, mixed


@dataclass(frozen=True, slots=True)
class Paper:
    """One assessment of a component: its own maximum and step, in raw marks.

    `converted_by` is what converts its raw marks, where that isn't what the whole is graded by.
    """

    component: str
    maximum: Decimal
    step: Decimal
    converted_by: Contents | None = None


@dataclass(frozen=True, slots=True)
class Sat:
    """What marks are graded with. `counted` are the components that had a paper; `flags` name the scaled ones, and those
    that other boundaries convert. `sources` are of all boundaries."""

    specification: Specification
    boundaries: BoundarySet
    counted: frozenset[str]
    flags: tuple[str, ...]
    sources: tuple[str, ...]


def grade_learner(
    contents: Contents, papers: frozenset[Paper], marks: Mapping[str, object], shift: int = 0
) -> GradeColumns | None:
    """The grade of one learner from raw marks (as `read_mark` reads them) by component, or lists of attempts.

    A paper whose component is none of the specification's doesn't count; None where no paper counts. What the engine
    refuses is NOT_GRADABLE with its code: a mark is recorded all the same. `shift` shifts the subject boundaries by so
    many per cent.
    """
    try:
        sat = as_sat(contents, papers)
        if not sat.counted:
            return None
        counted = {code: mark for code, mark in marks.items() if code in sat.counted}
        result = grade(sat.specification, sat.boundaries, counted, shift)
    except GradingError as error:
        return refused(error.code.value, ENGINE_VERSION, shift)
    return grade_columns(result, sat.flags, shift)


def grade_learners(
    contents: Contents,
    papers: frozenset[Paper],
    learners: Sequence[Mapping[str, Mark | Sequence[Mark]]],
    shift: int = 0,
) -> list[GradeColumns | None]:
    """Many learners who sat the same papers, as `grade_learner` grades each; by matrices where that is possible.

    A list of marks holds attempts, oldest first.

    Raises the GradingError of a bad mark where it goes by matrices.
    """
    made = _table(contents, frozenset(paper for paper in papers if paper.converted_by is not None), shift)
    table, flags = (None, ()) if made is None else made
    if table is None or not _as_specified(table, papers):
        return [grade_learner(contents, papers, marks, shift) for marks in learners]
    grades = grade_matrix(table, *matrices(table, learners))
    return [grade_columns(grades.result(place), flags, shift) for place in range(len(learners))]


@lru_cache(maxsize=2048)
def as_sat(contents: Contents, papers: frozenset[Paper]) -> Sat:
    """The specification with each component as its paper was: a raw mark counts by its share of the paper's maximum.

    Raises GradingError for contents that can't be read, and UNITS_DIFFER.
    """
    specification, boundaries = read_specification(contents.specification), read_boundaries(contents.boundaries)
    route = specification.route(boundaries.option)
    sat = {paper.component: paper for paper in papers}
    counted = frozenset(component.code for component in route if component.code in sat)
    adapted = tuple(
        _as_sat(each, sat[each.code]) if each.code in counted else each for each in specification.components
    )
    scaled = tuple(
        f"scaled:{each.code}" for each in route if each.code in counted and sat[each.code].maximum != each.max_raw
    )
    whole = _mixed(specification, boundaries, (paper for paper in papers if paper.component in counted))
    return Sat(
        replace(specification, components=adapted), whole.boundaries, counted, (*scaled, *whole.flags), whole.sources
    )


def _mixed(specification: Specification, boundaries: BoundarySet, papers: Iterable[Paper]) -> Mixed:
    others = {paper.component: paper.converted_by for paper in papers if paper.converted_by is not None}
    return mixed(specification, boundaries, others) if others else Mixed(boundaries, (), boundaries.sources)


def _as_sat(component: Component, paper: Paper) -> Component:
    maximum, step = Fraction(paper.maximum), Fraction(paper.step)
    return replace(component, max_raw=maximum, factor=component.factor * component.max_raw / maximum, step=step)


def _as_specified(table: GradingTable, papers: frozenset[Paper]) -> bool:
    """Whether every paper is a component with its own maximum and a step that it allows."""
    parts = {component.code: component for component in table.components}
    return bool(papers) and all(
        paper.component in parts
        and paper.maximum * HUNDREDTHS == parts[paper.component].max_hundredths
        and paper.step * HUNDREDTHS % parts[paper.component].step_hundredths == 0
        for paper in papers
    )


@lru_cache(maxsize=512)
def _table(contents: Contents, others: frozenset[Paper], shift: int) -> tuple[GradingTable, tuple[str, ...]] | None:
    """With the flags of `others`, which other boundaries convert; None where anything can't be read, or belongs apart."""
    try:
        specification, boundaries = read_specification(contents.specification), read_boundaries(contents.boundaries)
        whole = _mixed(specification, boundaries, others)
        return prepare(specification, whole.boundaries, shift), whole.flags
    except GradingError:
        return None
