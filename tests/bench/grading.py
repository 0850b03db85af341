"""Marks graded per second by the bulk engine, against the plain product and search that any such engine must do."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

import numpy as np

from server.demo.packs import pack_folder
from server.grading.bulk import grade_matrix
from server.grading.packs import load_pack
from server.grading.table import GradingTable, prepare

_LEARNERS = 200_000
_ROUNDS = 41


@dataclass(frozen=True, slots=True)
class Grading:
    """Marks per second. `plain` is `marks @ weights` and numpy's searchsorted alone: no checks, states, rounding."""

    specification: str
    marks: int
    engine: float
    plain: float
    with_absences: float

    def data(self) -> dict[str, object]:
        return {
            "specification": self.specification,
            "marks": self.marks,
            "marks_per_second": self.engine,
            "plain_marks_per_second": self.plain,
            "with_absences_marks_per_second": self.with_absences,
            "plain_over_engine": self.plain / self.engine,
        }


def grading() -> Grading:
    """A cohort drawn with a fixed seed against a published specification of three components."""
    table = _table()
    draw = np.random.default_rng(2026)
    columns = [
        draw.integers(0, each.max_hundredths // each.step_hundredths + 1, _LEARNERS) * each.step_hundredths
        for each in table.components
    ]
    marks = np.stack(columns, axis=1).astype(np.int64)
    scored = np.zeros(marks.shape, dtype=np.int8)
    mixed = (draw.random(marks.shape) < 0.02).astype(np.int8)
    weights, thresholds = np.array(table.weights, dtype=np.int64), np.array(table.thresholds, dtype=np.int64)

    def plain() -> object:
        return np.searchsorted(thresholds, marks @ weights, side="right")

    engine, bare, absent = _side_by_side(
        lambda: grade_matrix(table, marks, scored), plain, lambda: grade_matrix(table, marks, mixed)
    )
    return Grading(table.specification.title, marks.size, marks.size / engine, marks.size / bare, marks.size / absent)


def _table() -> GradingTable:
    rows = load_pack(pack_folder()).rows
    tables = [prepare(rows[row].specification, rows[row].boundaries) for row in sorted(rows)]
    return next(table for table in tables if len(table.components) == 3)


def _side_by_side(*works: Callable[[], object]) -> list[float]:
    """Median seconds of each, in turns, after one round that isn't counted."""
    times: list[list[float]] = [[] for _ in works]
    # As in a server, what was made stays a while: else each round asks the system for its memory anew, page by page.
    kept: list[object] = [None for _ in works]
    for number in range(_ROUNDS + 1):
        for place, (work, taken) in enumerate(zip(works, times, strict=True)):
            begun = time.perf_counter()
            kept[place] = work()
            if number:
                taken.append(time.perf_counter() - begun)
    return [median(taken) for taken in times]
