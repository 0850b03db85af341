"""Who is in a class today, as far as the asker may know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Select, Uuid, any_, bindparam, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from server.database.pool import PoolConnection
from server.queries.analysis.asking import CLASS, Asking, seated
from server.queries.analysis.sight import Sight
from server.queries.binds import SCHOOL
from server.queries.constants import inline
from server.queries.noun import alias
from server.tables import ClassRow, LearnerRow


@dataclass(frozen=True, slots=True)
class ClassList:
    """In order of names. `reveals` is the element that the class tells of those in it."""

    learners: tuple[UUID, ...] = ()
    reveals: str | None = None


async def class_list(connection: PoolConnection, asking: Asking) -> ClassList:
    """Of the class `class`; of the `learners` alone where they are given, and of `most`. Nobody where there is no such
    class for the asker. Raises psycopg.Error."""
    rows = await asking.rows(connection, "class list", lambda: _statement(asking.sight))
    return ClassList(tuple(row[0] for row in rows), rows[0][1]) if rows else ClassList()


def _statement(sight: Sight) -> Select[*tuple[Any, ...]]:
    group, learner = alias(ClassRow), alias(LearnerRow)
    named = bindparam("learners", type_=ARRAY(Uuid()), required=False)
    return (
        select(learner.c.learner_id, func.nullif(group.c.reveals, inline("")))
        .select_from(group.join(learner, learner.c.school_id == SCHOOL))
        .where(
            group.c.school_id == SCHOOL,
            group.c.class_id == CLASS,
            sight.of_class(group),
            seated(sight, learner),
            or_(named.is_(None), learner.c.learner_id == any_(named)),
        )
        .order_by(learner.c.sort_key, learner.c.learner_id)
        .limit(bindparam("most", type_=Integer(), required=False))
    )
