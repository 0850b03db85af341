"""Grades from stored contents and the papers that were really sat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from server.grading.boundaries import BoundarySet
from server.grading.bulk import grade_matrix
from server.grading.contents import boundaries_from_content, specification_from_content
from server.grading.errors import GradingError
from server.grading.grade_columns import GradeColumns, grade_columns, refused
from server.grading.mark_matrices import matrices
from server.grading.marks import Mark
from server.grading.results import ENGINE_VERSION
from server.grading.scalar import grade
from server.grading.specification import HUNDREDTHS, Component, Specification
from server.grading.table import GradingTable, prepare


@dataclass(frozen=True, slots=True)
class Paper:
    """One assessment of a component: its own maximum and step, in raw marks."""

    component: str
    maximum: Decimal
    step: Decimal


@dataclass(frozen=True, slots=True)
class Contents:
    """Canonical JSON of server.grading.contents."""

    specification: str
    boundaries: str


@dataclass(frozen=True, slots=True)
class Sat:
    """What marks are graded with. `counted` are the components that had a paper; `flags` name the scaled ones."""

    specification: Specification
    boundaries: BoundarySet
    counted: frozenset[str]
    flags: tuple[str, ...]


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
    table = _table(contents, shift)
    if table is None or not _as_specified(table, papers):
        return [grade_learner(contents, papers, marks, shift) for marks in learners]
    grades = grade_matrix(table, *matrices(table, learners))
    return [grade_columns(grades.result(place), shift=shift) for place in range(len(learners))]


@lru_cache(maxsize=2048)
def as_sat(contents: Contents, papers: frozenset[Paper]) -> Sat:
    """The specification with each component as its paper was: a raw mark counts by its share of the paper's maximum.

    Raises GradingError for contents that can't be read.
    """
    specification, boundaries = _specification(contents.specification), _boundaries(contents.boundaries)
    route = specification.route(boundaries.option)
    sat = {paper.component: paper for paper in papers}
    counted = frozenset(component.code for component in route if component.code in sat)
    adapted = tuple(
        _as_sat(each, sat[each.code]) if each.code in counted else each for each in specification.components
    )
    scaled = tuple(
        f"scaled:{each.code}" for each in route if each.code in counted and sat[each.code].maximum != each.max_raw
    )
    return Sat(replace(specification, components=adapted), boundaries, counted, scaled)


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
def _table(contents: Contents, shift: int) -> GradingTable | None:
    """None where the contents can't be read, or belong apart."""
    try:
        return prepare(_specification(contents.specification), _boundaries(contents.boundaries), shift)
    except GradingError:
        return None


@lru_cache(maxsize=512)
def _specification(content: str) -> Specification:
    return specification_from_content(content)


@lru_cache(maxsize=512)
def _boundaries(content: str) -> BoundarySet:
    return boundaries_from_content(content)
