"""Units, requirements and attempts: scalar, bulk and the rule itself agree, and no route is cheaper than those told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from server.grading.boundaries import BoundarySet, UnitRow
from server.grading.bulk import grade_matrix
from server.grading.contents import (
    boundaries_from_content,
    boundary_content,
    specification_content,
    specification_from_content,
)
from server.grading.conversion import anchors, uniform
from server.grading.mark_matrices import matrices
from server.grading.marks import Mark, MarkState
from server.grading.requirements import Measure
from server.grading.results import Status
from server.grading.routes import routes
from server.grading.scalar import grade
from server.grading.specification import Component, Retake
from server.grading.table import prepare
from server.grading.tally import tally
from tests.properties.grading.every_raise import cheapest_of_all
from tests.properties.grading.unit_worlds import World, any_mark, attempts, scored, scored_marks, unit_worlds, units
from tests.properties.grading.worlds import checked

Given = Mapping[str, Mark | Sequence[Mark]]


def rank(boundaries: BoundarySet, grade_name: str | None) -> int:
    grades = [row.grade for row in reversed(boundaries.rows)]
    return grades.index(grade_name) + 1 if grade_name in grades else 0


def worth(world: World, component: Component, mark: Mark) -> int:
    """By the rule, without any table made ready."""
    assert component.conversion is not None
    row = next((each for each in world[1].units if each.component == component.code), None)
    between = anchors(component.conversion, row, component.max_raw)
    return int(uniform(component.conversion, between, Fraction(mark.hundredths, 100)))


def counted(world: World, component: Component, given: Mark | Sequence[Mark]) -> Mark | None:
    """Which attempt counts, as the agreement says it: a mark before an absence, the best or the newest."""
    tried = [given] if isinstance(given, Mark) else list(given)
    scored = [mark for mark in tried if mark.state is MarkState.SCORED]
    if world[0].retake is Retake.BEST and scored:
        return max(scored, key=lambda mark: worth(world, component, mark))
    open_or_scored = [mark for mark in tried if mark.state in (MarkState.SCORED, MarkState.PENDING)]
    absent = [mark for mark in tried if mark.state is MarkState.ABSENT]
    return (open_or_scored or absent or [None])[-1]


def awarded(world: World, given: Given) -> str:
    """The grade by the sentences of the specification, for learners whose marks are all in."""
    specification, boundaries = world
    parts = {each.code: each for each in specification.components}
    got: dict[str, int] = {}
    for code, component in parts.items():
        mark = counted(world, component, given[code])
        assert mark is not None
        got[code] = worth(world, component, mark) if mark.state is MarkState.SCORED else 0
    reached = [row.grade for row in boundaries.rows if sum(got.values()) >= row.mark]
    order = [row.grade for row in boundaries.rows]
    for asked in specification.requirements:
        of = [
            got[code] if asked.measure is Measure.TOTAL else parts[code].size * (got[code] >= asked.passed)
            for code in asked.components
        ]
        if sum(of) < asked.minimum:
            reached = [letter for letter in reached if order.index(letter) > order.index(asked.grade)]
    return reached[0] if reached else "U"


@checked
@given(unit_worlds(), st.data())
def test_a_complete_result_is_what_the_specification_says(world: World, data: st.DataObject) -> None:
    """Conversion, sum, boundaries and requirements, told once more in plain words."""
    specification, boundaries = world
    given = data.draw(attempts(specification))
    result = grade(specification, boundaries, given)
    if result.status is Status.COMPLETE:
        assert result.grade == awarded(world, given)
        held = any(flag.startswith("held_back:") for flag in result.flags)
        total = result.subject_mark
        assert total is not None
        assert held == (rank(boundaries, result.grade) < sum(total >= row.mark for row in boundaries.rows))


@checked
@given(unit_worlds(), st.data())
def test_of_several_scores_the_best_or_the_newest_counts(world: World, data: st.DataObject) -> None:
    """As the specification says, whatever stands around it; an absence at the end displaces nothing."""
    specification, boundaries = world
    tried = {part.code: data.draw(st.lists(scored(part), min_size=2, max_size=3)) for part in specification.components}
    best = {
        part.code: max(tried[part.code], key=lambda mark, part=part: worth(world, part, mark))
        for part in specification.components
    }
    newest = {code: marks[-1] for code, marks in tried.items()}
    counts = best if specification.retake is Retake.BEST else newest
    given = {code: [*marks, Mark(MarkState.ABSENT)] for code, marks in tried.items()}
    assert grade(specification, boundaries, given) == grade(specification, boundaries, counts)


@checked
@given(unit_worlds(), st.data())
def test_bulk_equals_scalar(world: World, data: st.DataObject) -> None:
    """Every result of a cohort is the one that the learner has alone."""
    specification, boundaries = world
    learners = data.draw(st.lists(attempts(specification), max_size=8))
    table = prepare(specification, boundaries)
    bulk = grade_matrix(table, *matrices(table, learners))
    alone = [grade(specification, boundaries, marks) for marks in learners]
    assert [bulk.result(place) for place in range(len(learners))] == alone
    assert bulk.grades() == [result.grade for result in alone]


@checked
@given(unit_worlds(), st.data())
def test_a_change_by_delta_is_the_whole_reckoned_anew(world: World, data: st.DataObject) -> None:
    specification, boundaries = world
    table = prepare(specification, boundaries)
    before = data.draw(attempts(specification))
    component = data.draw(st.sampled_from(specification.components))
    mark = data.draw(any_mark(component))
    assert tally(table, before).with_mark(table, component.code, mark) == tally(table, {**before, component.code: mark})


@checked
@given(unit_worlds(), st.data())
def test_more_marks_never_give_less(world: World, data: st.DataObject) -> None:
    """Nor does the floor pass the ceiling."""
    specification, boundaries = world
    marks = data.draw(scored_marks(specification))
    component = data.draw(st.sampled_from(specification.components))
    fewer = Mark(MarkState.SCORED, data.draw(st.integers(0, marks[component.code].hundredths // 100)) * 100)
    more, less = (
        grade(specification, boundaries, marks),
        grade(specification, boundaries, {**marks, component.code: fewer}),
    )
    assert rank(boundaries, more.grade) >= rank(boundaries, less.grade)
    assert (more.fine or 0) >= (less.fine or 0)
    assert more.fine is None or more.next_grade is None or more.fine < rank(boundaries, more.next_grade)
    open_one = grade(specification, boundaries, {**marks, component.code: Mark(MarkState.PENDING)})
    assert open_one.floor is not None
    assert open_one.ceiling is not None
    assert rank(boundaries, open_one.floor.grade) <= rank(boundaries, more.grade)
    assert rank(boundaries, more.grade) <= rank(boundaries, open_one.ceiling.grade)


@checked
@given(units("U"))
def test_a_conversion_rises_and_is_exact_at_its_anchors(unit: tuple[Component, UnitRow | None]) -> None:
    """From nothing for no marks to never more than the maximum."""
    component, row = unit
    conversion = component.conversion
    assert conversion is not None
    between = anchors(conversion, row, component.max_raw)
    along = [uniform(conversion, between, Fraction(raw)) for raw in range(int(component.max_raw) + 1)]
    assert along[0] == 0
    assert all(before <= after for before, after in pairwise(along))
    assert along[-1] <= conversion.maximum
    rows = row.rows if row else conversion.fixed
    given = {each.grade: each.mark for each in conversion.uniform}
    assert all(along[int(each.mark)] == given[each.grade] for each in rows)


@checked
@given(unit_worlds(most_units=3, most_requirements=4), st.data())
def test_no_way_to_the_next_grade_is_cheaper(world: World, data: st.DataObject) -> None:
    """All raises of all units are tried: the first route told costs no more, and each told reaches its grade."""
    specification, boundaries = world
    marks = data.draw(scored_marks(specification))
    table = prepare(specification, boundaries)
    now = rank(boundaries, grade(specification, boundaries, marks).grade)
    told = routes(table, tally(table, marks))
    for route in told:
        raised = {move.component: Mark(MarkState.SCORED, int(move.raises_to * 100)) for move in route.moves}
        assert rank(boundaries, grade(specification, boundaries, {**marks, **raised}).grade) > now
    assert (told[0].marks if told else None) == cheapest_of_all(specification, boundaries, marks)


@checked
@given(unit_worlds())
def test_contents_read_back(world: World) -> None:
    """Specification and series, as canonical text and back."""
    specification, boundaries = world
    assert specification_from_content(specification_content(specification)) == specification
    assert boundaries_from_content(boundary_content(boundaries)) == boundaries
