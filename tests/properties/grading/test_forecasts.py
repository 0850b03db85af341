"""Invariants of forecasts, of linear and of unitised qualifications, whatever is open or estimated."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from server.grading.contents import boundary_content, specification_content
from server.grading.forecasts import Estimate, Method
from server.grading.marks import EXEMPT, NOT_ENTERED, UNSAT, Mark, MarkState
from server.grading.outlook import outlook
from server.grading.papers import Contents, Paper
from server.grading.scalar import grade
from server.grading.sittings import Sitting
from server.grading.specification import Component, Specification
from tests.properties.grading.unit_worlds import unit_worlds
from tests.properties.grading.worlds import World, checked, mixed_marks, scored, scored_marks, worlds

Found = Mapping[Method, Estimate]

looked = settings(checked, max_examples=35)

ANY = st.one_of(worlds(), unit_worlds())


def papers(specification: Specification) -> frozenset[Paper]:
    return frozenset(
        Paper(each.code, Decimal(int(each.max_raw)), Decimal(each.step_hundredths) / 100)
        for each in specification.components
    )


def sat(of: frozenset[Paper], marks: Mapping[str, Mark]) -> Sitting:
    return Sitting(of, {code: [mark] for code, mark in marks.items()})


def found(world: World, marks: Mapping[str, Mark], estimates: Mapping[str, Decimal] | None = None) -> Found:
    contents = Contents(specification_content(world[0]), boundary_content(world[1]))
    made = outlook(contents, [sat(papers(world[0]), marks)], estimates or {})
    assert made is not None
    return {each.method: each for each in made.estimates}


def rank(world: World, grade: str) -> int:
    order = ["X", "U", *(row.grade for row in reversed(world[1].rows))]
    return order.index(grade)


@st.composite
def estimated(draw: st.DrawFn, specification: Specification) -> dict[str, Decimal]:
    """Of some components, sat or not."""
    chosen = [each for each in specification.components if draw(st.booleans())]
    return {each.code: Decimal(draw(scored(each)).hundredths) / 100 for each in chosen}


def is_open(marks: Mapping[str, Mark], component: Component) -> bool:
    return marks[component.code].state in UNSAT


@looked
@given(st.data())
def test_none_leaves_the_interval_from_floor_to_ceiling(data: st.DataObject) -> None:
    """In rank and in subject marks."""
    world = data.draw(ANY)
    marks = data.draw(mixed_marks(world[0]))
    made = found(world, marks, data.draw(estimated(world[0])))
    assert bool(made) == (EXEMPT not in marks.values())
    for each in made.values():
        low, high = made[Method.FLOOR], made[Method.CEILING]
        assert (each.low, each.high) == (low.grade, high.grade)
        assert rank(world, low.grade) <= rank(world, each.grade) <= rank(world, high.grade)
        if each.mark is not None and low.mark is not None and high.mark is not None:
            assert low.mark <= each.mark <= high.mark


@looked
@given(st.data())
def test_floor_and_ceiling_are_the_engines(data: st.DataObject) -> None:
    """Those that a grade shows while marks are missing."""
    world = data.draw(ANY)
    marks = data.draw(mixed_marks(world[0]))
    result = grade(*world, marks)
    assume(result.floor is not None)
    made = found(world, marks)
    assert result.floor
    assert (made[Method.FLOOR].mark, made[Method.FLOOR].grade) == (
        result.floor.mark,
        result.floor.grade,
    )
    assert result.ceiling
    assert made[Method.CEILING].grade == result.ceiling.grade


@looked
@given(st.data())
def test_with_nothing_open_every_method_gives_the_grade(data: st.DataObject) -> None:
    """Estimates of what was sat have no say; fine is the engine's own."""
    world = data.draw(ANY)
    marks = data.draw(scored_marks(world[0]))
    result = grade(*world, marks)
    made = found(world, marks, data.draw(estimated(world[0])))
    assert made.keys() == set(Method)
    for each in made.values():
        assert (each.grade, each.mark) == (result.grade, result.subject_mark)
        assert each.points == ((result.fine or Fraction(0)) if each.method is Method.FINE else result.points)


@looked
@given(st.data())
def test_more_marks_never_give_less(data: st.DataObject) -> None:
    """In every method, by whichever component."""
    world = data.draw(ANY)
    marks = data.draw(mixed_marks(world[0]))
    sat = [each for each in world[0].components if marks[each.code].state is MarkState.SCORED]
    assume(sat and EXEMPT not in marks.values())
    component = data.draw(st.sampled_from(sat))
    more = data.draw(scored(component))
    assume(more.hundredths > marks[component.code].hundredths)
    estimates = data.draw(estimated(world[0]))
    before, after = found(world, marks, estimates), found(world, {**marks, component.code: more}, estimates)
    for method, each in before.items():
        assert rank(world, each.grade) <= rank(world, after[method].grade)
        assert each.mark is not None
        assert (after[method].mark or 0) >= each.mark
        assert each.points is not None
        assert (after[method].points or 0) >= each.points


@looked
@given(st.data())
def test_a_missing_mark_is_never_a_zero(data: st.DataObject) -> None:
    """What was sat and gave nothing pulls working at and the ceiling down; what is open does neither."""
    world = data.draw(ANY)
    marks = {**data.draw(scored_marks(world[0]))}
    assume(len(marks) > 1)
    component = data.draw(st.sampled_from(world[0].components))
    rest = sum(mark.hundredths for code, mark in marks.items() if code != component.code)
    missing = found(world, {**marks, component.code: NOT_ENTERED})
    zero = found(world, {**marks, component.code: Mark(MarkState.SCORED)})
    ceilings = missing[Method.CEILING].mark, zero[Method.CEILING].mark
    assert ceilings[0] is not None
    assert ceilings[1] is not None
    assert ceilings[0] >= ceilings[1]
    for method in set(missing):
        assert (missing[method].mark or 0) >= (zero[method].mark or 0)
        assert missing[method].reckoning != zero[method].reckoning
    assert rest == 0 or "open" in missing[Method.CURRENT].reckoning


@looked
@given(st.data())
def test_a_full_estimate_is_as_good_as_a_mark(data: st.DataObject) -> None:
    """Projected with an estimate for all that is open is the grade of those marks; without any it is working at."""
    world = data.draw(ANY)
    sat = data.draw(scored_marks(world[0]))
    away = [each for each in world[0].components if data.draw(st.booleans())]
    marks = {**sat, **{each.code: NOT_ENTERED for each in away}}
    full = {each.code: Decimal(sat[each.code].hundredths) / 100 for each in away}
    result = grade(*world, sat)
    assert found(world, marks, full)[Method.PROJECTED].mark == result.subject_mark
    assert found(world, marks, full)[Method.PROJECTED].grade == result.grade
    none = found(world, marks)
    assert (Method.PROJECTED in none) == (Method.WORKING_AT in none)
    if Method.PROJECTED in none:
        assert none[Method.PROJECTED].mark == none[Method.WORKING_AT].mark


@looked
@given(st.data())
def test_a_test_of_any_maximum_counts_by_its_share(data: st.DataObject) -> None:
    """k times the marks of k times the maximum give the same forecasts, and are flagged."""
    world = data.draw(worlds())
    marks = data.draw(mixed_marks(world[0]))
    times = data.draw(st.integers(2, 5))
    contents = Contents(specification_content(world[0]), boundary_content(world[1]))
    larger = frozenset(Paper(each.component, each.maximum * times, each.step) for each in papers(world[0]))
    more = {code: Mark(mark.state, mark.hundredths * times) for code, mark in marks.items()}
    estimates = data.draw(estimated(world[0]))
    same = outlook(contents, [sat(papers(world[0]), marks)], estimates)
    scaled = outlook(contents, [sat(larger, more)], estimates)
    assert same is not None
    assert scaled is not None
    assert scaled.estimates == same.estimates
    assert {f"scaled:{code}" for code in marks} <= set(scaled.flags)
