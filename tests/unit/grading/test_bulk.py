"""The bulk engine's edges: mixed faults, shapes, labels, and a cohort from the published pack."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from server.demo.packs import pack_folder
from server.grading import fields
from server.grading.bulk import grade_matrix
from server.grading.errors import ErrorCode, GradingError
from server.grading.mark_matrices import STATES, matrices
from server.grading.marks import MarkState, read_mark
from server.grading.pack_cases import Case
from server.grading.packs import load_pack
from server.grading.scalar import grade
from server.grading.table import GradingTable, prepare
from tests.unit.grading.samples import computing, computing_boundaries


def table() -> GradingTable:
    return prepare(computing(), computing_boundaries())


def states(*rows: tuple[MarkState, ...]) -> np.ndarray[tuple[int, ...], np.dtype[np.int8]]:
    return np.array([[STATES.index(state) for state in row] for row in rows], dtype=np.int8)


S, A, N, E = MarkState.SCORED, MarkState.ABSENT, MarkState.NOT_ENTERED, MarkState.EXEMPT


def test_a_fault_concerns_its_own_learner_only() -> None:
    """Full marks beside a mark above the maximum stand; the faulty mark adds nothing anywhere."""
    marks = np.array([[10_000, 10_000, 7_500], [10_050, 2**62, -100], [25, 5, 150]], dtype=np.int64)
    bulk = grade_matrix(table(), marks, states((S, S, S), (S, S, S), (S, S, S)))
    assert bulk.grades() == ["A*", None, None]
    assert bulk.faults.tolist() == [[0, 0, 0], [2, 2, 1], [3, 3, 3]]
    assert bulk.units.tolist() == [375 * table().scale, 0, 0]
    with pytest.raises(GradingError) as caught:
        bulk.result(1)
    assert (caught.value.code, caught.value.component) == (ErrorCode.MARK_ABOVE_MAXIMUM, "1")


def test_a_number_in_another_state_is_no_mark() -> None:
    """Only a scored cell is read."""
    marks = np.full((4, 3), 99_999, dtype=np.int64)
    bulk = grade_matrix(table(), marks, states((A, A, A), (N, A, A), (E, N, A), (A, A, N)))
    assert bulk.grades() == ["X", None, None, None]
    assert [str(bulk.result(row).status) for row in range(4)] == [
        "not_attempted",
        "incomplete",
        "not_gradable",
        "incomplete",
    ]


def test_an_empty_cohort_is_no_fault() -> None:
    """No learners, no grades."""
    bulk = grade_matrix(table(), *matrices(table(), []))
    assert (len(bulk), bulk.grades()) == (0, [])


def test_matrices_must_fit_the_table() -> None:
    """Shape, number types and states are checked before anything is computed."""
    marks, scored = np.zeros((2, 3), dtype=np.int64), np.zeros((2, 3), dtype=np.int8)
    for bad_marks, bad_states in (
        (marks[:, :2], scored[:, :2]),
        (marks, scored[:1]),
        (marks.astype(np.int32), scored),
        (marks, scored + np.int8(9)),
    ):
        with pytest.raises(GradingError) as caught:
            grade_matrix(table(), bad_marks, bad_states)  # pyright: ignore[reportArgumentType]
        assert caught.value.code is ErrorCode.BAD_CONTENT
    with pytest.raises(GradingError) as caught:
        matrices(table(), [{"9": read_mark(table().components[0], 1)}])
    assert caught.value.code is ErrorCode.UNKNOWN_COMPONENT


def test_the_bare_product_is_what_the_engine_computes() -> None:
    """What a benchmark compares with gives the same ranks on clean marks."""
    weights, thresholds = np.array(table().weights), np.array(table().thresholds)
    marks = np.arange(0, 7_500, 50, dtype=np.int64).repeat(3).reshape(-1, 3)
    marks -= marks % 100
    bulk = grade_matrix(table(), marks, np.zeros(marks.shape, dtype=np.int8))
    assert bulk.rank.tolist() == np.searchsorted(thresholds, marks @ weights, side="right").tolist()


def test_every_published_case_with_marks_is_graded_alike_in_bulk() -> None:
    """All learners of a qualification at once give what each gives alone."""
    pack = load_pack(pack_folder())
    seen = 0
    for row in pack.rows.values():
        if not row.specification.components:
            continue
        prepared = prepare(row.specification, row.boundaries)
        raw = [marks_of(prepared, case) for case in pack.cases if case.spec == row.row_id and case.kind != "invalid"]
        raw = [marks for marks in raw if marks is not None]
        components = {component.code: component for component in prepared.components}
        learners = [{code: read_mark(components[code], value) for code, value in marks.items()} for marks in raw]
        bulk = grade_matrix(prepared, *matrices(prepared, learners))
        for number, marks in enumerate(raw):
            assert bulk.result(number) == grade(row.specification, row.boundaries, marks)
        seen += len(raw)
    assert seen == 1508 + 763


def marks_of(prepared: GradingTable, case: Case) -> Mapping[str, object] | None:
    """Raw marks by component, or of the one unit."""
    if "raw" in case.input:
        return {prepared.components[0].code: case.input["raw"]}
    return fields.as_object(case.input["marks"], "marks") if "marks" in case.input else None
