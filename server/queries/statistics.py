"""The rows behind statistics: learners with what groups and measures them, and the figures that a census told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Numeric, and_, cast, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from server.compliance.disclosure.family import Cell
from server.database.pool import PoolConnection
from server.queries.binds import SCHOOL, TODAY
from server.queries.conditions import all_of, when
from server.queries.constants import inline, number
from server.queries.noun import alias
from server.queries.reading import DIALECT
from server.queries.scopes import relation
from server.queries.special import newest
from server.queries.statistic_groups import AVERAGE_ATTENDANCE, AVERAGE_POINTS
from server.tables import AssessmentWindowRow, AttendanceRow, GradeRow, LearnerRow, SchoolRow

COLUMNS: Final = ("year_group", "gender", "first_language")
Readable = Callable[[Any], Iterable[ColumnElement[bool]]]
"""From the learner's row to the conditions under which the asker may read every value that is asked for."""

_CENSUS = """\
SELECT school_year, threshold, taken_at FROM usher.statistic_census
WHERE school_id = $1::uuid AND measure = $2::text ORDER BY school_year DESC LIMIT 1"""
_FIGURES = """\
SELECT dimension, level, year_group, figure FROM usher.statistic_figure
WHERE school_id = $1::uuid AND school_year = $2::int AND measure = $3::text AND audience = $4::text"""
_SETTINGS = """\
SELECT academic_year, suppression_threshold FROM usher.school WHERE school_id = $1::uuid"""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who looks, in which school, on which day."""

    school_id: UUID
    person_id: UUID
    today: date


@dataclass(frozen=True, slots=True)
class Learner:
    """Values by source and measure; of a learner who is not `readable` none was read."""

    learner_id: UUID
    readable: bool
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Census:
    school_year: int
    threshold: int
    taken_at: datetime


async def learners(
    connection: PoolConnection, asker: Asker, sources: Sequence[str], measures: Sequence[str], readable: Readable
) -> list[Learner]:
    """Everybody on roll today, but those whose data is restricted and closed to the asker: it is kept, and not used.

    Raises psycopg.Error.
    """
    learner = alias(LearnerRow)
    may = all_of(readable(learner))
    restricted = relation("learner", "restricted", learner, learner.c.learner_id)
    wanted = {source: _source(learner, source) for source in sources}
    wanted |= {measure: _measure(learner, measure) for measure in measures}
    # What may not be read never leaves the database.
    columns = [when(may, value).label(f"v{place}") for place, value in enumerate(wanted.values())]
    statement = select(learner.c.learner_id, may.label("may"), *columns).where(
        learner.c.school_id == SCHOOL,
        learner.c.admitted_on <= TODAY,
        or_(learner.c.left_on.is_(None), learner.c.left_on > TODAY),
        or_(may, restricted.is_not(True)),
    )
    rows = await _run(connection, statement, asker)
    return [Learner(row[0], bool(row[1]), dict(zip(wanted, row[2:], strict=True))) for row in rows]


async def newest_census(connection: PoolConnection, school_id: UUID, measure: str) -> Census | None:
    found = await _fetch(connection, _CENSUS, [school_id, measure])
    return Census(*found[0]) if found else None


async def figures(
    connection: PoolConnection, school_id: UUID, school_year: int, measure: str, audience: str
) -> dict[Cell, Decimal]:
    """What was told by the census of that year; `audience` is SCHOOL or PUBLISHED."""
    found = await _fetch(connection, _FIGURES, [school_id, school_year, measure, audience])
    return {Cell(dimension, level, year_group): figure for dimension, level, year_group, figure in found}


async def settings_of(connection: PoolConnection, school_id: UUID) -> tuple[int, int]:
    """The current school year, and the school's own threshold."""
    [(year, threshold)] = await _fetch(connection, _SETTINGS, [school_id])
    return year, threshold


def _source(learner: Any, source: str) -> ColumnElement[Any]:
    return learner.c[source] if source in COLUMNS else newest(source)(_Row(learner))


def _measure(learner: Any, measure: str) -> ColumnElement[Any]:
    return {AVERAGE_ATTENDANCE: _attendance, AVERAGE_POINTS: _points}[measure](learner)


def _year() -> ColumnElement[Any]:
    school = alias(SchoolRow)
    return select(school.c.academic_year).where(school.c.school_id == SCHOOL).scalar_subquery()


def _attendance(learner: Any) -> ColumnElement[Any]:
    held = alias(AttendanceRow)
    return (
        select(cast(held.c.attended * number(100), Numeric) / func.nullif(held.c.possible, number(0)))
        .where(
            held.c.school_id == SCHOOL,
            held.c.academic_year == _year(),
            held.c.learner_id == learner.c.learner_id,
        )
        .scalar_subquery()
    )


def _points(learner: Any) -> ColumnElement[Any]:
    grade, window = alias(GradeRow), alias(AssessmentWindowRow)
    newest_of_course = (
        select(grade.c.points)
        .ext(distinct_on(grade.c.course_id))
        .select_from(grade.join(window, and_(window.c.school_id == SCHOOL, window.c.window_id == grade.c.window_id)))
        .where(
            grade.c.school_id == SCHOOL,
            grade.c.academic_year == _year(),
            grade.c.learner_id == learner.c.learner_id,
            grade.c.kind == inline("CURRENT"),
            grade.c.points.is_not(None),
        )
        .order_by(grade.c.course_id, window.c.ends_on.desc(), window.c.window_id)
        .correlate(learner)
        .subquery("newest_of_course")
    )
    return select(func.avg(newest_of_course.c.points)).correlate(learner).scalar_subquery()


@dataclass(frozen=True, slots=True)
class _Row:
    """A learner's row as a declaration's SQL sees it."""

    table: Any

    @property
    def c(self) -> Any:
        return self.table.c

    @property
    def parent(self) -> Any:
        raise LookupError("a learner of a census has no parent row")

    @property
    def asked(self) -> Any:
        raise LookupError("a census has no arguments")

    def side(self, name: str) -> Any:
        raise LookupError(f"a census has no side join {name}")


async def _run(connection: PoolConnection, statement: Any, asker: Asker) -> list[tuple[Any, ...]]:
    built = statement.compile(dialect=DIALECT, compile_kwargs={"render_postcompile": True})
    given = {"school": asker.school_id, "viewer": asker.person_id, "today": asker.today}
    values = [given[name] if name in given else built.params[name] for name in built.positiontup or ()]
    return await _fetch(connection, str(built), values)


async def _fetch(connection: PoolConnection, text: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
    cursor = connection.reader
    await cursor.execute(text.encode(), values)
    return await cursor.fetchall()
