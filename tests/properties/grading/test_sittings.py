"""Units sat in one window or in many: the same attempts give the same grade, forecast and reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from server.grading.contents import boundary_content, specification_content
from server.grading.explained_sittings import explain_sittings
from server.grading.explanation import Explanation
from server.grading.grade_columns import GradeColumns, grade_columns
from server.grading.marks import Mark, MarkState
from server.grading.papers import Contents, Paper
from server.grading.rule_family import RuleFamily
from server.grading.scalar import grade
from server.grading.sittings import Sitting, counted, grade_many_sittings, grade_sittings
from server.grading.specification import Component, Scheme, Specification
from server.grading.what_if import Case, Outcome, Overlay, what_if
from tests.properties.grading.unit_worlds import World, any_mark, unit_worlds
from tests.properties.grading.worlds import checked

Tried = Mapping[str, Sequence[Mark]]


@st.composite
def windows(draw: st.DrawFn, specification: Specification) -> list[Tried]:
    """Up to three attempts at each unit, each in one of four windows; the order of attempts is that of the windows."""
    count = draw(st.integers(1, 4))
    found: list[dict[str, list[Mark]]] = [{} for _ in range(count)]
    for component in specification.components:
        for place in sorted(draw(st.lists(st.integers(0, count - 1), max_size=3))):
            found[place].setdefault(component.code, []).append(draw(any_mark(component)))
    return [dict(each) for each in found]


def contents(world: World) -> Contents:
    return Contents(specification_content(world[0]), boundary_content(world[1]))


def paper(component: Component, times: int = 1) -> Paper:
    return Paper(component.code, Decimal(int(component.max_raw)) * times, Decimal(times))


def papers(specification: Specification) -> frozenset[Paper]:
    return frozenset(paper(each) for each in specification.components)


def sittings(specification: Specification, tried: Sequence[Tried]) -> list[Sitting]:
    return [Sitting(papers(specification), each, f"W{place}") for place, each in enumerate(tried)]


def together(specification: Specification, tried: Sequence[Tried]) -> dict[str, list[Mark]]:
    return {
        component.code: [mark for window in tried for mark in window.get(component.code, ())]
        for component in specification.components
    }


@checked
@given(unit_worlds(), st.data())
def test_many_windows_are_one_with_the_same_attempts(world: World, data: st.DataObject) -> None:
    """By the engine for one learner, by that for many, and as an explanation and a what-if have it."""
    tried = data.draw(windows(world[0]))
    many, one = sittings(world[0], tried), [Sitting(papers(world[0]), together(world[0], tried))]
    found = grade_sittings(contents(world), many)
    assert found is not None
    assert found == grade_columns(grade(*world, together(world[0], tried)))
    assert found == grade_sittings(contents(world), one)
    assert grade_many_sittings(contents(world), [many, one, many[:1]]) == [
        found, found, grade_sittings(contents(world), many[:1]),
    ]  # fmt: skip
    assert _grades(explain_sittings(contents(world), many)) == (found.value, found.subject_mark)
    case = Case(contents(world), many[-1].papers, many[-1].marks, RuleFamily(), earlier=tuple(many[:-1]))
    actual, [same] = what_if(case, [Overlay("same")])
    assert isinstance(actual, Outcome)
    assert actual.columns == found
    assert isinstance(same, Outcome)
    assert same.columns == found


def _grades(explanation: Explanation) -> tuple[str | None, str | None]:
    return explanation.grade, explanation.subject_mark


@checked
@given(unit_worlds(), st.data())
def test_papers_of_other_maxima_count_by_their_share(world: World, data: st.DataObject) -> None:
    """A window whose papers have twice the marks, in steps of two, changes no grade; nor which attempt counts."""
    tried = data.draw(windows(world[0]))
    doubled = data.draw(st.sets(st.integers(0, len(tried) - 1)))
    plain = sittings(world[0], tried)
    scaled = [_doubled(world[0], each) if place in doubled else each for place, each in enumerate(plain)]
    before, after = grade_sittings(contents(world), plain), grade_sittings(contents(world), scaled)
    assert _unscaled(after) == before
    assert [_unscaled(each) for each in grade_many_sittings(contents(world), [scaled, plain])] == [before, before]
    for code in (component.code for component in world[0].components):
        assert _chosen(world, scaled, code) == _chosen(world, plain, code)


def _doubled(specification: Specification, sitting: Sitting) -> Sitting:
    marks = {code: [Mark(mark.state, mark.hundredths * 2) for mark in marks] for code, marks in sitting.marks.items()}
    return replace(sitting, papers=frozenset(paper(each, 2) for each in specification.components), marks=marks)


def _unscaled(columns: GradeColumns | None) -> GradeColumns | None:
    if columns is None:
        return None
    return columns._replace(flags=tuple(flag for flag in columns.flags if not flag.startswith("scaled:")))


def _chosen(world: World, tried: Sequence[Sitting], code: str) -> list[bool]:
    steps = explain_sittings(contents(world), tried).steps
    return [attempt.counts for step in steps if step.component == code for attempt in step.attempts]


@checked
@given(unit_worlds(), st.data())
def test_a_linear_course_looks_at_its_own_window_alone(world: World, data: st.DataObject) -> None:
    """Whatever was sat before."""
    linear = (replace(world[0], scheme=Scheme.LINEAR), world[1])
    tried = sittings(world[0], data.draw(windows(world[0])))
    assert grade_sittings(contents(linear), tried) == grade_sittings(contents(linear), tried[-1:])
    assert counted(contents(linear), tried) is tried[-1]


@checked
@given(unit_worlds(), st.data())
def test_a_window_without_marks_changes_nothing(world: World, data: st.DataObject) -> None:
    """Nor do blanks in it: a blank is no attempt."""
    tried = sittings(world[0], data.draw(windows(world[0])))
    blank = {component.code: [Mark(MarkState.NOT_ENTERED)] for component in world[0].components}
    later = [*tried, Sitting(papers(world[0])), Sitting(papers(world[0]), blank)]
    assert grade_sittings(contents(world), later) == grade_sittings(contents(world), tried)
