"""Grades as they stand, or as they stood at a moment: the newest result, or one that another has replaced since."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    DateTime,
    Integer,
    Select,
    Subquery,
    Uuid,
    bindparam,
    cast,
    func,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import distinct_on

from server.queries.analysis.sight import Sight
from server.queries.binds import SCHOOL
from server.queries.constants import inline, number
from server.queries.noun import alias
from server.tables import AssessmentWindowRow, GradeRow, GradeVersionRow

WINDOW: Final = bindparam("window", type_=Uuid(), required=False)
_COLUMNS: Final = (
    "learner_id", "course_id", "kind", "value", "points", "fine", "next_grade", "marks_to_next", "specification_id",
    "boundary_set_id", "shift", "rounding", "confidence",
)  # fmt: skip

Window = ColumnElement[Any]
Of = Callable[[Any], ColumnElement[bool]]
"""From rows with course_id and learner_id to the condition that chooses among them."""


def moment(name: str) -> ColumnElement[Any]:
    """The parameter that holds a moment."""
    return bindparam(name, type_=DateTime(timezone=True), required=False)


def year_of(window: Window) -> ColumnElement[Any]:
    """The school year that the window lies in."""
    row = alias(AssessmentWindowRow)
    return select(row.c.academic_year).where(row.c.school_id == SCHOOL, row.c.window_id == window).scalar_subquery()


def standing(sight: Sight, of: Of, window: Window, at: ColumnElement[Any] | None = None) -> Subquery:
    """One grade for each learner and course where the asker may read it; the computed one where there are others.

    `at`: as it stood then, and not as it stands now.
    """
    found = as_it_stood(of, window, at).subquery()
    return (
        select(*found.c)
        .ext(distinct_on(found.c.learner_id, found.c.course_id))
        .where(sight.of_row(("grade",), found))
        .order_by(found.c.learner_id, found.c.course_id, (found.c.kind == inline("CURRENT")).desc(), found.c.kind)
        .subquery()
    )


def as_it_stood(
    of: Of, window: Window, at: ColumnElement[Any] | None
) -> Select[*tuple[Any, ...]] | CompoundSelect[Any]:
    """Whoever may read them: for `standing`, and for counts that are suppressed."""
    current, replaced = alias(GradeRow), alias(GradeVersionRow)
    if at is None:
        return _rows(current, of, window)
    return union_all(
        _rows(current, of, window).where(current.c.computed_at < at),
        _rows(replaced, of, window).where(replaced.c.computed_at < at, replaced.c.replaced_at >= at),
    )


def _rows(row: Any, of: Of, window: Window) -> Select[*tuple[Any, ...]]:
    return select(*(row.c[name] for name in _COLUMNS)).where(
        row.c.school_id == SCHOOL,
        row.c.academic_year == year_of(window),
        row.c.window_id == window,
        of(row),
    )


def beside_others(every: Subquery, of: Of) -> Subquery:
    """Of grades of all courses those that `of` chooses, each with the `total` and `number` of the learner's points in
    the other courses."""
    points = every.c.points
    learner = every.c.learner_id
    total = func.sum(points).over(partition_by=learner) - func.coalesce(points, number(0))
    others = func.count(points).over(partition_by=learner) - cast(points.is_not(None), Integer)
    reckoned = select(*every.c, total.label("total"), others.label("number")).subquery()
    return select(*reckoned.c).where(of(reckoned)).subquery()
