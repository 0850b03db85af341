"""The set-based form of each scope is the scope: for every person, family, relation and row of uneven schools."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from typing import Any, Final
from uuid import UUID

import pytest
from sqlalchemy import select

from server.database.pool import Pool, PoolConnection
from server.queries.binds import SCHOOL
from server.queries.noun import alias
from server.queries.reach.masks import positions
from server.queries.reach.relations import ATOMS, relations_of
from server.queries.reach.school import COLUMNS
from server.queries.reach.statements import compiled, fetched
from server.queries.scopes import OWNER, relation
from server.tables import EnrolmentRow, GuardianLinkRow, LearnerRow, ReportLineRow, ReportRow, SchoolRow, StaffRow
from tests.properties.reach.officers import Everything, at_the_desk, everything
from tests.worlds import World, insert_world, varied_school

TABLES: Final[dict[str, Any]] = {
    "learner": LearnerRow,
    "course": EnrolmentRow,
    "report": ReportRow,
    "report_line": ReportLineRow,
    "guardian": GuardianLinkRow,
    "staff": StaffRow,
    "home": SchoolRow,
    "school": SchoolRow,
}
FAMILY_ATOMS: Final = tuple(sorted(ATOMS))


@pytest.mark.parametrize("number", [1, 2])
async def test_everybodys_relations_are_each_viewers_own(
    pool: Pool, owner_url: str, today: date, number: int, part: int
) -> None:
    """Row by row, against the predicate that a compiled statement asks for one viewer."""
    world = varied_school(f"reach {number + 10 * part}", today)
    insert_world(owner_url, world)
    held = 0
    async with at_the_desk(pool, world) as connection:
        known = await everything(connection, world)
        for person in {one.person_id: one for one in known.people}.values():
            view = known.view(person)
            for family, columns in COLUMNS.items():
                told = {
                    values: {atom for atom in FAMILY_ATOMS if view.held(family, atom) >> row & 1}
                    for row, values in enumerate(_rows(known, family, columns))
                }
                async for values, atoms in _asked(connection, world, family, columns, person.person_id):
                    assert told[values] == atoms, (person, family, values)
                    held += len(atoms)
    assert held > 2000


async def test_a_few_people_are_told_alone(pool: Pool, owner_url: str, today: date, part: int) -> None:
    """Asked about some, the relations are those of asking about all."""
    world = varied_school(f"reach few {part}", today)
    insert_world(owner_url, world)
    async with at_the_desk(pool, world) as connection:
        known = await everything(connection, world)
        teacher = world.ids["teacher"]
        keys = sorted(known.relations.personal)
        some = await relations_of(connection, world.school_id, today, keys, [teacher])
    for key in keys:
        assert set(some.personal[key]) <= {teacher}
        assert set(some.reached(teacher, key)) == set(known.relations.reached(teacher, key))


def _rows(known: Everything, family: str, columns: tuple[str, ...]) -> list[tuple[Any, ...]]:
    rows = known.school.families[family]
    assert list(positions(rows.all)) == list(range(rows.size))
    return list(zip(*(rows.columns[name] for name in columns), strict=True)) if columns else [()]


async def _asked(
    connection: PoolConnection, world: World, family: str, columns: tuple[str, ...], viewer: UUID
) -> AsyncIterator[tuple[tuple[Any, ...], set[str]]]:
    """(the row's values, the relations that hold) as the viewer's own statement finds them."""
    row: Any = alias(TABLES[family])
    owner: Any = row.c.learner_id if OWNER in columns else None
    values: list[Any] = [owner if name == OWNER else row.c[name] for name in columns]
    flags = [relation(family, atom, row, owner).is_(True).label(atom.replace("&", "_")) for atom in FAMILY_ATOMS]
    chosen: Any = select(*values, *flags)
    statement = compiled(chosen.where(row.c.school_id == SCHOOL))
    given = {"school": world.school_id, "viewer": viewer, "today": world.today}
    async for found in fetched(connection, statement, given):
        holding = {atom for atom, holds in zip(FAMILY_ATOMS, found[len(columns) :], strict=True) if holds}
        yield tuple(str(value) for value in found[: len(columns)]), holding
