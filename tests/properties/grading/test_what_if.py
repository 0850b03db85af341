"""A what-if is what grading anew would give, and what it says is needed is needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from server.grading.contents import boundary_content, specification_content
from server.grading.grade_columns import grade_columns
from server.grading.marks import NOT_ENTERED, Mark, MarkState
from server.grading.needed import needed
from server.grading.papers import Contents, Paper, grade_learner, grade_learners
from server.grading.rule_family import RuleFamily
from server.grading.scalar import grade
from server.grading.table import prepare
from server.grading.tally import tally
from server.grading.what_if import Case, Outcome, Overlay, what_if
from tests.properties.grading.unit_worlds import unit_worlds
from tests.properties.grading.worlds import World, checked, mixed_marks, order, scored, worlds

ANY = st.one_of(worlds(), unit_worlds())


def floor(world: World, marks: Mapping[str, Mark]) -> int:
    """The grade that stands with nothing more, as a number."""
    found = grade(*world, marks)
    assert found.floor is not None
    return order(world[1], found.floor.grade)


@checked
@given(ANY, st.data(), st.integers(-10, 10))
def test_an_overlay_is_graded_as_if_it_were_so(world: World, data: st.DataObject, shift: int) -> None:
    """Marks replaced, boundaries multiplied: the scalar engine gives the same."""
    specification, boundaries = world
    marks = data.draw(mixed_marks(specification))
    other = data.draw(mixed_marks(specification))
    named = data.draw(st.sets(st.sampled_from([part.code for part in specification.components])))
    supposed = {code: other[code] for code in sorted(named)}
    papers = frozenset(
        Paper(part.code, _decimal(part.max_raw), _decimal(part.step)) for part in specification.components
    )
    case = Case(
        Contents(specification_content(specification), boundary_content(boundaries)),
        papers,
        {code: [mark] for code, mark in marks.items()},
        RuleFamily(),
    )
    actual, [found] = what_if(case, [Overlay("x", supposed, shift=shift)])
    assert isinstance(actual, Outcome)
    assert actual.columns == grade_columns(grade(specification, boundaries, marks))
    rows = tuple(replace(row, mark=row.mark * (100 + shift) / 100) for row in boundaries.rows)
    assert isinstance(found, Outcome)
    # A shifted boundary may be above the maximum, which a published one may not.
    roomy = replace(specification, max_mark=specification.max_mark * 2)
    again = grade_columns(grade(roomy, replace(boundaries, rows=rows), {**marks, **supposed}))
    assert found.columns == again._replace(shift=shift)
    assert ("value" in found.changed) == (found.columns.value != actual.columns.value)


@checked
@given(ANY, st.data(), st.integers(-10, 10))
def test_what_is_stored_under_a_shift_is_what_the_what_if_said(world: World, data: st.DataObject, shift: int) -> None:
    """One learner's road and the matrices' give every column of the overlay; and that shift is then the actual result."""
    specification, boundaries = world
    marks = data.draw(mixed_marks(specification))
    papers = frozenset(
        Paper(part.code, _decimal(part.max_raw), _decimal(part.step)) for part in specification.components
    )
    contents = Contents(specification_content(specification), boundary_content(boundaries))
    case = Case(contents, papers, {code: [mark] for code, mark in marks.items()}, RuleFamily())
    _, [supposed] = what_if(case, [Overlay("x", shift=shift)])
    assert isinstance(supposed, Outcome)
    [stored] = grade_learners(contents, papers, [marks], shift)
    assert stored == supposed.columns
    assert grade_learner(contents, papers, marks, shift) == stored
    actual, [plain] = what_if(replace(case, shift=shift), [Overlay("plain", shift=0)])
    assert isinstance(actual, Outcome)
    assert actual.columns == stored
    assert isinstance(plain, Outcome)
    assert plain.columns.shift == 0


@checked
@given(ANY, st.data())
def test_what_is_needed_reaches_the_grade_and_one_mark_less_does_not(world: World, data: st.DataObject) -> None:
    """With the other open components at nothing, and at full marks."""
    specification, boundaries = world
    marks = {part.code: data.draw(st.one_of(scored(part), st.just(NOT_ENTERED))) for part in specification.components}
    table = prepare(specification, boundaries)
    full = {part.code: Mark(MarkState.SCORED, part.max_hundredths) for part in specification.components}
    still = [code for code, mark in marks.items() if mark is NOT_ENTERED]
    found = needed(table, tally(table, marks))
    for each in found:
        rank = order(boundaries, each.grade)
        helped = {**marks, **{code: full[code] for code in still if code != each.component}}
        for others, raw in ((marks, each.marks), (helped, each.least)):
            if raw is None:
                assert floor(world, {**marks, each.component: full[each.component]}) < rank
                continue
            assert floor(world, {**others, each.component: _mark(raw)}) >= rank
            if raw >= 1:
                assert floor(world, {**others, each.component: _mark(raw - 1)}) < rank
    ceiling = order(boundaries, _ceiling(world, marks))
    assert {each.component for each in found} == (set(still) if ceiling > floor(world, marks) else set())


def _ceiling(world: World, marks: Mapping[str, Mark]) -> str:
    found = grade(*world, marks)
    assert found.ceiling is not None
    return found.ceiling.grade


def _mark(raw: Fraction) -> Mark:
    return Mark(MarkState.SCORED, int(raw * 100))


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)
