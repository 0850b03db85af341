"""The bulk engine equals the scalar one on every cell."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from server.grading.bulk import STATUSES, BulkGrades, grade_matrix
from server.grading.errors import ErrorCode, GradingError
from server.grading.mark_matrices import FAULTS, STATES, matrices
from server.grading.marks import Mark, MarkState
from server.grading.results import Result, Status
from server.grading.scalar import grade
from server.grading.specification import Component
from server.grading.table import GradingTable, prepare
from tests.properties.grading.worlds import World, checked, mixed_marks, scored_marks, worlds


@st.composite
def cohorts(draw: st.DrawFn) -> tuple[World, list[dict[str, Mark]]]:
    world = draw(worlds())
    learners = st.one_of(scored_marks(world[0]), mixed_marks(world[0]))
    return world, draw(st.lists(learners, max_size=12))


def graded(table: GradingTable, learners: list[dict[str, Mark]]) -> BulkGrades:
    return grade_matrix(table, *matrices(table, learners))


@checked
@given(cohorts())
def test_every_result_and_every_array_equals_the_scalar_engine(cohort: tuple[World, list[dict[str, Mark]]]) -> None:
    """Results are equal as whole values, and so is each array that the bulk engine computed by itself."""
    (specification, boundaries), learners = cohort
    table = prepare(specification, boundaries)
    bulk = graded(table, learners)
    results = [grade(specification, boundaries, marks) for marks in learners]
    assert [bulk.result(row) for row in range(len(bulk))] == results
    assert bulk.grades() == [result.grade for result in results]
    assert [STATUSES[code] for code in bulk.status.tolist()] == [result.status for result in results]
    for row, result in enumerate(results):
        if result.floor is None or result.ceiling is None:
            continue
        if result.status is Status.COMPLETE:
            assert table.marks(int(bulk.units[row])) == result.subject_mark
        assert table.marks(int(bulk.units[row])) == result.floor.mark
        assert table.marks(int(bulk.ceiling[row])) == result.ceiling.mark
        assert table.grade_at(int(bulk.rank[row])) == result.floor.grade
        assert table.grade_at(int(bulk.ceiling_rank[row])) == result.ceiling.grade


@checked
@given(st.data())
def test_permuting_learners_permutes_results(data: st.DataObject) -> None:
    """No learner's grade depends on another's."""
    (specification, boundaries), learners = data.draw(cohorts())
    table = prepare(specification, boundaries)
    turn = data.draw(st.permutations(range(len(learners))))
    one, two = graded(table, learners), graded(table, [learners[row] for row in turn])
    assert [one.result(row) for row in turn] == [two.result(row) for row in range(len(two))]


def fault_of(call: Callable[[], Result]) -> tuple[ErrorCode, str | None] | Result:
    """What a call gives, or the code and component of its error."""
    try:
        return call()
    except GradingError as problem:
        return problem.code, problem.component


def bad_marks(component: Component) -> st.SearchStrategy[int]:
    top = component.max_hundredths
    return st.one_of(st.integers(-300, top + 300), st.sampled_from([-(2**62), 2**62, top + 1, -1, 1]))


@checked
@given(st.data())
def test_a_fault_is_the_one_that_the_scalar_engine_raises(data: st.DataObject) -> None:
    """Any whole hundredths at all: bulk and scalar agree on what is wrong, or on the grade, and nothing overflows."""
    specification, boundaries = data.draw(worlds())
    table = prepare(specification, boundaries)
    raw = [data.draw(bad_marks(component)) for component in specification.components]
    states = [data.draw(st.sampled_from([0, 0, 0, 1, 2])) for _ in raw]
    matrix = np.array([raw], dtype=np.int64)
    bulk = grade_matrix(table, matrix, np.array([states], dtype=np.int8))
    marks = {
        component.code: Mark(STATES[state], value if STATES[state] is MarkState.SCORED else 0)
        for component, value, state in zip(specification.components, raw, states, strict=True)
    }
    expected = fault_of(lambda: grade(specification, boundaries, marks))
    assert fault_of(lambda: bulk.result(0)) == expected
    codes: list[int] = bulk.faults[0].tolist()
    faults = [
        (FAULTS[code], component.code) for code, component in zip(codes, specification.components, strict=True) if code
    ]
    assert isinstance(expected, Result) != bool(faults)
    if faults:
        assert faults[0] == expected
        assert bulk.grades() == [None]
