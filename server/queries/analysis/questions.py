"""The marks of one assessment by question, of the learners whose marks the asker may read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, Uuid, bindparam, func, select, true
from sqlalchemy.dialects.postgresql import aggregate_order_by, distinct_on

from server.database.pool import PoolConnection
from server.queries.analysis.asking import COURSE, Asking, called, class_of, probed, seated
from server.queries.analysis.sight import Sight
from server.queries.binds import SCHOOL
from server.queries.conditions import ALWAYS
from server.queries.constants import inline
from server.queries.noun import alias
from server.tables import AssessmentRow, LearnerRow, MarkPartRow, MarkRow

ASSESSMENT: Final = bindparam("assessment", type_=Uuid(), required=False)


@dataclass(frozen=True, slots=True)
class Part:
    """`score` is None where the question has none."""

    question: str
    topic: str
    position: int
    score: Decimal | None
    maximum: Decimal


@dataclass(frozen=True, slots=True)
class Sitting:
    """One learner's last scored attempt. `inside` says that the learner is of the class or course asked for."""

    learner_id: UUID
    name: str
    inside: bool
    score: Decimal
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """`reveals` is the element that the class asked for tells of its learners. Sittings in order of names."""

    name: str
    maximum: Decimal
    reveals: str | None
    sittings: tuple[Sitting, ...]


async def paper(connection: PoolConnection, asking: Asking, *, of_class: bool) -> Paper | None:
    """None where there is no such assessment of the class or course for the asker. Raises psycopg.Error."""
    found = await asking.rows(connection, ("questions", of_class), lambda: _statement(asking.sight, of_class=of_class))
    if not found:
        return None
    name, maximum, reveals = found[0][:3]
    return Paper(name, maximum, reveals, tuple(_sitting(row[3:]) for row in found if row[3] is not None))


def _sitting(row: Sequence[Any]) -> Sitting:
    learner_id, name, inside, score, *columns = row
    rows = zip(*(column or () for column in columns), strict=True)
    return Sitting(learner_id, name, inside, score, tuple(Part(*one) for one in rows))


def _statement(sight: Sight, *, of_class: bool) -> Select[*tuple[Any, ...]]:
    held = alias(AssessmentRow)
    base: Any = select(held.c.name, held.c.maximum, held.c.academic_year, held.c.course_id).where(
        held.c.school_id == SCHOOL, held.c.assessment_id == ASSESSMENT, sight.of_structure(held)
    )
    base = base if of_class else base.where(held.c.course_id == COURSE)
    base = base.subquery("held")
    reveals: Any = inline("").label("reveals")
    joined = base
    if of_class:
        group = class_of(sight, base.c.course_id).lateral("group")
        joined, reveals = joined.join(group, true()), group.c.reveals
    marks = _marks(sight, base, of_class=of_class).lateral("marks")
    parts = _parts(marks).lateral("parts")
    return (
        select(
            base.c.name,
            base.c.maximum,
            func.nullif(reveals, inline("")),
            marks.c.learner_id,
            marks.c.called,
            marks.c.inside,
            marks.c.score,
            *parts.c,
        )
        .select_from(joined.outerjoin(marks, true()).outerjoin(parts, true()))
        .order_by(marks.c.sort_key, marks.c.learner_id)
    )


def _marks(sight: Sight, base: Any, *, of_class: bool) -> Select[*tuple[Any, ...]]:
    """Each learner's last attempt that was scored."""
    mark, learner = alias(MarkRow), alias(LearnerRow)
    inside = seated(sight, learner) if of_class else ALWAYS
    who = probed(
        select(learner.c.sort_key, called(learner).label("called"), inside.label("inside")).where(
            learner.c.school_id == SCHOOL,
            learner.c.learner_id == mark.c.learner_id,
            sight.of_learner((), learner),
        )
    )
    columns = (mark.c.academic_year, mark.c.mark_id, mark.c.score, mark.c.learner_id)
    return (
        select(*columns, who.c.sort_key, who.c.called, who.c.inside)
        .ext(distinct_on(mark.c.learner_id))
        .select_from(mark.join(who, true()))
        .where(
            mark.c.school_id == SCHOOL,
            mark.c.academic_year == base.c.academic_year,
            mark.c.assessment_id == ASSESSMENT,
            mark.c.state == inline("SCORED"),
            sight.of_row(("mark",), mark),
        )
        .order_by(mark.c.learner_id, mark.c.attempt.desc())
    )


def _parts(marks: Any) -> Select[*tuple[Any, ...]]:
    part = alias(MarkPartRow)
    columns = (part.c.question, part.c.topic, part.c.position, part.c.score, part.c.maximum)
    ordered = (
        func.array_agg(aggregate_order_by(one, part.c.position, part.c.question)).label(one.name) for one in columns
    )
    return select(*ordered).where(
        part.c.school_id == SCHOOL, part.c.academic_year == marks.c.academic_year, part.c.mark_id == marks.c.mark_id
    )
