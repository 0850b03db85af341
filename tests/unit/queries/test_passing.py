"""A plan as a condition of SQL passes exactly the rows that the plan itself passes."""

from datetime import date
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st
from sqlalchemy import ColumnElement, select, true

from server.commands.statements import compiled
from server.policies.plan import Gate, Plan
from server.policies.vocabulary import relations
from server.queries.binds import SCHOOL
from server.queries.passing import passes
from server.queries.scopes import relation
from server.tables import CourseRow, LearnerRow
from tests.worlds import acting, insert_world, small_school
from tests.worlds.world import World

ATOMS = ("taught_course", "department_course", "assigned", "taught", "restricted", "self_family", "protected", "left")
gates = st.builds(Gate, st.frozensets(st.sampled_from(("school", *ATOMS))), st.frozensets(st.sampled_from(ATOMS)))


@pytest.fixture(scope="module")
def world(app_url: str, today: date) -> World:
    world = small_school("permission", today)
    insert_world(app_url, world)
    return world


def _cells(connection: psycopg.Connection[Any], world: World, viewer: str, *shown: ColumnElement[Any]) -> list[Any]:
    """`shown` for every learner and course of the school."""
    learner, course = LEARNER, COURSE
    statement = compiled(
        select(learner.c.learner_id, course.c.course_id, *shown)
        .select_from(learner.join(course, true()))
        .where(learner.c.school_id == SCHOOL, course.c.school_id == SCHOOL)
        .order_by(learner.c.learner_id, course.c.course_id)
    )
    values = statement.values({"school": world.school_id, "viewer": world.ids[viewer], "today": world.today})
    with psycopg.RawCursor(connection) as cursor:
        return cursor.execute(statement.text.encode(), values).fetchall()


LEARNER: Any = LearnerRow.__table__.alias()  # type: ignore[attr-defined]
COURSE: Any = CourseRow.__table__.alias()  # type: ignore[attr-defined]


@pytest.mark.parametrize("viewer", ["teacher", "maths-lead", "exams-officer"])
def test_plan_and_condition_agree_on_every_learner_and_course(
    app_url: str, world: World, viewer: str, part: int
) -> None:
    """Cell by cell, for any two gates over the relations that hold for the rows."""
    with acting(app_url, world, "STAFF", viewer) as connection:
        atoms = [relation("course", atom, COURSE, LEARNER.c.learner_id).is_(True) for atom in ATOMS]
        held: dict[tuple[UUID, UUID], frozenset[str]] = {
            (row[0], row[1]): relations(atom for atom, holds in zip(ATOMS, row[2:], strict=True) if holds)
            for row in _cells(connection, world, viewer, *atoms)
        }
        assert len(set(held.values())) > 3

        @seed(part)
        @settings(max_examples=60)
        @given(gates, gates)
        def agree(upper: Gate, lower: Gate) -> None:
            plan = Plan((upper, lower))
            condition = passes(plan, "course", COURSE, LEARNER.c.learner_id)
            for learner_id, course_id, passed in _cells(connection, world, viewer, condition):
                assert passed is plan.visible(held[learner_id, course_id])

        agree()
