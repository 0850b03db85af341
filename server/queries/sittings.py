"""What a learner sat in a course up to a window, for all that grades: commands, forecasts, what-ifs and explanations.

Where the course counts units, earlier windows come first, by the day on which they end; otherwise the window stands alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final, LiteralString
from uuid import UUID

from sqlalchemy import JSON, ColumnElement, Select, Text, and_, any_, cast, func, or_, select, tuple_

from server.database.pool import PoolConnection
from server.grading.marks import MarkState
from server.grading.papers import Contents, Paper
from server.grading.sittings import Sitting
from server.grading.specification import Scheme
from server.queries.binds import SCHOOL
from server.queries.constants import inline
from server.queries.noun import Row, alias
from server.queries.values import build, listed
from server.tables import AssessmentRow, AssessmentWindowRow, BoundarySetRow, GradeRow, MarkRow, SpecificationRow

NOTHING_SAT: Final = Sitting(frozenset())


@dataclass(frozen=True, slots=True)
class InWindow:
    """What was sat in a window; `under` is the boundary set of the learner's grade there, where it is an earlier one."""

    window_id: Any
    under: UUID | None
    sitting: Sitting

    def by(self, rules: Mapping[UUID, Contents]) -> Sitting:
        """With what converts it; `rules` by boundary set."""
        return self.sitting if self.under is None else replace(self.sitting, by=rules[self.under])


@dataclass(frozen=True, slots=True)
class UpTo:
    """What a learner sat in a course up to a window: in it alone, or `in_units` in those before, too."""

    learner_id: UUID
    course_id: UUID
    window_id: UUID
    in_units: bool


# All attempts, oldest first: which of them counts is for the specification to say.
_SITTINGS: Final[LiteralString] = """\
SELECT given.place, w.window_id, w.name, g.boundary_set_id, a.component_code, a.maximum, a.step, m.state, m.score
FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::bool[])
    WITH ORDINALITY AS given(learner_id, course_id, window_id, in_units, place)
JOIN usher.assessment_window AS own ON own.school_id = $1::uuid AND own.window_id = given.window_id
JOIN usher.assessment AS a ON a.school_id = $1::uuid AND a.course_id = given.course_id
    AND (a.window_id = given.window_id OR given.in_units)
JOIN usher.assessment_window AS w ON w.school_id = $1::uuid AND w.window_id = a.window_id
    AND (w.ends_on, w.window_id) <= (own.ends_on, own.window_id)
LEFT JOIN usher.grade AS g
    ON g.school_id = $1::uuid AND g.academic_year = a.academic_year AND g.learner_id = given.learner_id
    AND g.course_id = given.course_id AND g.window_id = w.window_id AND w.window_id <> given.window_id
    AND g.kind = 'CURRENT'
LEFT JOIN usher.mark AS m
    ON m.school_id = $1::uuid AND m.academic_year = a.academic_year AND m.learner_id = given.learner_id
    AND m.assessment_id = a.assessment_id
ORDER BY given.place, w.ends_on, w.window_id, a.component_code, m.attempt"""


async def sittings(connection: PoolConnection, school_id: UUID, wanted: Sequence[UpTo]) -> list[list[InWindow]]:
    """Of each wanted, in order, oldest first; NOTHING_SAT where the course has no paper. Raises psycopg.Error."""
    given = [[one.learner_id, one.course_id, one.window_id, one.in_units] for one in wanted]
    cursor = connection.reader
    values = [school_id, *([row[place] for row in given] for place in range(4))]
    await cursor.execute(_SITTINGS.encode(), values)
    rows: Sequence[tuple[Any, ...]] = await cursor.fetchall()
    found: dict[int, list[tuple[Any, ...]]] = {}
    for place, *row in rows:
        found.setdefault(place, []).append(tuple(row))
    return [_sittings(found.get(place, ())) for place in range(1, len(wanted) + 1)]


def sittings_of(inputs: Mapping[str, Any]) -> list[Sitting]:
    """From what `papers_of` and `series_of_units` give, in any order, as `papers` and `series`."""
    rules = {UUID(one["key"]): Contents(one["specification"], one["boundaries"]) for one in inputs["series"]}
    found = _sittings(
        (
            paper["key"],
            paper["window"],
            paper["under"] and UUID(paper["under"]),
            paper["component"],
            Decimal(paper["maximum"]),
            Decimal(paper["step"]),
            *attempt,
        )
        for paper in sorted(inputs["papers"], key=lambda each: (each["ends"], each["key"]))
        for attempt in [(one["state"], one["score"]) for one in paper["attempts"]] or [(None, None)]
    )
    return [each.by(rules) for each in found]


def _sittings(rows: Iterable[tuple[Any, ...]]) -> list[InWindow]:
    """Rows of window, its name, boundary set, component, maximum, step, state and score; no state: no attempt."""
    found: dict[Any, tuple[str, UUID | None, set[Paper], dict[str, list[object]]]] = {}
    for window, name, under, component, maximum, step, state, score in rows:
        _, _, papers, marks = found.setdefault(window, (name, under, set(), {}))
        papers.add(Paper(component, maximum, step))
        attempts = marks.setdefault(component, [])
        if state is not None:
            attempts.append(score if state == MarkState.SCORED else MarkState(state))
    return [
        InWindow(window, under, Sitting(frozenset(papers), marks, name))
        for window, (name, under, papers, marks) in found.items()
    ] or [InWindow(None, None, NOTHING_SAT)]


def papers_of(row: Row) -> Any:
    """[{key, window, under, ends, component, maximum, step, attempts}] of a grade's row: what `sittings` reads, as JSON."""
    paper, window = alias(AssessmentRow), alias(AssessmentWindowRow)
    held = paper.join(window, and_(window.c.school_id == SCHOOL, window.c.window_id == paper.c.window_id))
    members = {
        "key": paper.c.window_id,
        "window": window.c.name,
        "under": _under(row, paper.c.window_id),
        "ends": window.c.ends_on,
        "component": paper.c.component_code,
        "maximum": cast(paper.c.maximum, Text),
        "step": cast(paper.c.step, Text),
        "attempts": _attempts(row, paper),
    }
    return (
        select(listed(build(list(members.items())), paper.c.component_code))
        .select_from(held)
        .where(
            paper.c.school_id == SCHOOL,
            paper.c.course_id == row.c.course_id,
            or_(paper.c.window_id == row.c.window_id, paper.c.window_id == any_(_earlier(row))),
        )
        .scalar_subquery()
    )


def series_of_units(row: Row) -> Any:
    """[{key, specification, boundaries}]: what the learner's grades in earlier windows of the course are of, once each."""
    series, rules = alias(BoundarySetRow), alias(SpecificationRow)
    members = {
        "key": cast(series.c.boundary_set_id, Text),
        "specification": rules.c.content,
        "boundaries": series.c.content,
    }
    return (
        select(listed(build(list(members.items())), series.c.boundary_set_id))
        .select_from(series.join(rules, rules.c.specification_id == series.c.specification_id))
        .where(series.c.boundary_set_id == any_(sets_of_units(row)))
        .scalar_subquery()
    )


def sets_of_units(row: Row) -> ColumnElement[Any]:
    """Their keys, as an array."""
    grade = alias(GradeRow)
    found: Select[Any] = select(grade.c.boundary_set_id).where(
        *_of_learner(grade, row), grade.c.window_id == any_(_earlier(row))
    )
    return func.array(found.scalar_subquery())


def _under(row: Row, window_id: Any) -> Any:
    """The boundary set of the learner's grade in a window, as text; NULL in the grade's own."""
    grade = alias(GradeRow)
    return (
        select(cast(grade.c.boundary_set_id, Text))
        .where(*_of_learner(grade, row), grade.c.window_id == window_id, grade.c.window_id != row.c.window_id)
        .correlate_except(grade)
        .scalar_subquery()
    )


def _of_learner(grade: Any, row: Row) -> list[Any]:
    return [
        grade.c.school_id == SCHOOL,
        grade.c.academic_year == row.c.academic_year,
        grade.c.learner_id == row.c.learner_id,
        grade.c.course_id == row.c.course_id,
        grade.c.kind == inline("CURRENT"),
    ]


def _earlier(row: Row) -> ColumnElement[Any]:
    """The windows before the grade's, where its specification counts units."""
    own, before, rules = alias(AssessmentWindowRow), alias(AssessmentWindowRow), alias(SpecificationRow)
    earlier: Select[Any] = (
        select(before.c.window_id)
        .select_from(
            own.join(before, before.c.school_id == SCHOOL).join(
                rules, rules.c.specification_id == row.c.specification_id
            )
        )
        .where(
            own.c.school_id == SCHOOL,
            own.c.window_id == row.c.window_id,
            tuple_(before.c.ends_on, before.c.window_id) < tuple_(own.c.ends_on, own.c.window_id),
            cast(rules.c.content, JSON)["scheme"].as_string() != inline(Scheme.LINEAR.value),
        )
    )
    return func.array(earlier.scalar_subquery())


def _attempts(row: Row, paper: Any) -> Any:
    """[{state, score}], oldest first."""
    mark = alias(MarkRow)
    return (
        select(listed(build([("state", mark.c.state), ("score", cast(mark.c.score, Text))]), mark.c.attempt))
        .where(
            mark.c.school_id == SCHOOL,
            mark.c.academic_year == row.c.academic_year,
            mark.c.assessment_id == paper.c.assessment_id,
            mark.c.learner_id == row.c.learner_id,
        )
        .correlate(paper)
        .scalar_subquery()
    )
