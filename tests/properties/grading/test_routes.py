"""Routes to the next grade do what they say, and no more."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from server.grading.marks import NOT_ENTERED, Mark, MarkState
from server.grading.results import Result
from server.grading.routes import Move, routes
from server.grading.scalar import grade
from server.grading.specification import Specification
from server.grading.table import prepare
from server.grading.tally import tally
from tests.properties.grading.every_raise import cheapest_of_all
from tests.properties.grading.worlds import World, checked, mixed_marks, order, scored_marks, worlds


def moved(marks: Mapping[str, Mark], moves: tuple[Move, ...]) -> dict[str, Mark]:
    raised = {move.component: Mark(MarkState.SCORED, int(move.raises_to * 100)) for move in moves}
    return {**marks, **raised}


def floor_order(world: World, result: Result) -> int:
    assert result.floor is not None
    return order(world[1], result.floor.grade)


@checked
@given(worlds(), st.data())
def test_a_route_reaches_its_grade_and_one_mark_less_does_not(world: World, data: st.DataObject) -> None:
    """Also for open marks, where the route starts from 0 and the floor is what is raised."""
    specification, boundaries = world
    marks = data.draw(st.one_of(scored_marks(specification), mixed_marks(specification)))
    for route in routes(prepare(specification, boundaries), tally(prepare(specification, boundaries), marks)):
        reached = grade(specification, boundaries, moved(marks, route.moves))
        assert floor_order(world, reached) >= order(boundaries, route.grade)
        assert route.marks == sum(move.marks for move in route.moves)
        last = route.moves[-1]
        less = max(last.raises_to - 1, last.raises_to - last.marks)
        short = (*route.moves[:-1], Move(last.component, last.marks, less))
        assert floor_order(world, grade(specification, boundaries, moved(marks, short))) < order(
            boundaries, route.grade
        )


@checked
@given(worlds(), st.data())
def test_routes_come_cheapest_first_and_exist_whenever_the_grade_is_in_reach(world: World, data: st.DataObject) -> None:
    """A learner with every mark below full has a route, unless full marks in all would not reach the next grade."""
    specification, boundaries = world
    marks = data.draw(scored_marks(specification))
    table = prepare(specification, boundaries)
    found = routes(table, tally(table, marks))
    assert [route.marks for route in found] == sorted(route.marks for route in found)
    now = grade(specification, boundaries, marks)
    best = grade(specification, boundaries, full(specification))
    assert now.grade is not None
    assert best.grade is not None
    assert bool(found) == (order(boundaries, best.grade) > order(boundaries, now.grade))


@checked
@given(worlds(most_parts=3, most_raw=18), st.data())
def test_no_way_to_the_next_grade_is_cheaper(world: World, data: st.DataObject) -> None:
    """All raises of all components are tried, also where each is rounded or a half mark is left."""
    specification, boundaries = world
    marks = data.draw(scored_marks(specification))
    table = prepare(specification, boundaries)
    found = routes(table, tally(table, marks))
    assert (found[0].marks if found else None) == cheapest_of_all(specification, boundaries, marks)


@checked
@given(worlds(), st.data())
def test_a_single_route_is_the_shortfall_by_the_factor(world: World, data: st.DataObject) -> None:
    """Under sum_exact a component needs its shortfall divided by its factor, rounded up to whole marks or the rest."""
    specification, boundaries = world
    if specification.rounding.policy.value != "sum_exact":
        return
    marks = data.draw(scored_marks(specification))
    table = prepare(specification, boundaries)
    result = grade(specification, boundaries, marks)
    singles = {
        route.moves[0].component: route.marks for route in routes(table, tally(table, marks)) if len(route.moves) == 1
    }
    for component in specification.components:
        room = component.max_raw - Fraction(marks[component.code].hundredths, 100)
        if result.marks_to_next is None or result.marks_to_next / component.factor > room:
            assert component.code not in singles
        else:
            whole = -((-result.marks_to_next / component.factor) // 1)
            assert singles[component.code] == min(whole, room)


def full(specification: Specification) -> dict[str, Mark]:
    return {component.code: Mark(MarkState.SCORED, component.max_hundredths) for component in specification.components}


@checked
@given(worlds(), st.data())
def test_an_absent_component_never_moves(world: World, data: st.DataObject) -> None:
    """Only what was scored, or is still open, can be raised."""
    specification, boundaries = world
    marks = data.draw(mixed_marks(specification))
    table = prepare(specification, boundaries)
    for route in routes(table, tally(table, marks)):
        for move in route.moves:
            assert marks.get(move.component, NOT_ENTERED).state in (
                MarkState.SCORED,
                MarkState.NOT_ENTERED,
                MarkState.PENDING,
            )
