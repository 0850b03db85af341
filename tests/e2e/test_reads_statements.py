"""How many statements a read is, counted from the server's side."""

from collections.abc import AsyncGenerator
from datetime import date
from typing import Any

import pytest
import pytest_asyncio

from server import tables
from server.database.pool import Pool
from server.register.upn import make_upn
from tests.oracle.answering import TABLES
from tests.oracle.desk import Desk
from tests.oracle.documents import DOCUMENTS
from tests.oracle.served import Served
from tests.oracle.values import IDS
from tests.wire_tap import WireTap
from tests.worlds import World, insert_world, small_school

STANDING = "FROM usher.access_profile p JOIN usher.policy_head h"
NOBODY = "0190" + "0" * 24 + "dead"
DEEP = """{ learners(first: 3) { nodes { classes(first: 2) { teachers { id } learners(first: 3) { guardians(first: 2) {
  learner { marks(first: 2) { nodes { assessment { course { classes(first: 2) { name } } }
  parts(first: 2) { score } } } } } } } } } }"""


@pytest.fixture(scope="module")
def worlds(owner_url: str, today: date) -> tuple[World, World]:
    made = small_school("statements", today), small_school("statements elsewhere", today)
    for serial, row in enumerate(made[1].rows[tables.LearnerRow]):
        row.update(upn=make_upn(301, 4001, 21, serial), mis_id=f"E{serial}")
    for world in made:
        insert_world(owner_url, world)
    return made


@pytest_asyncio.fixture
async def desk(wire_tap: WireTap, worlds: tuple[World, World], monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Desk]:
    async with Pool(wire_tap.url, min_size=1, max_size=1) as pool:
        yield Desk(Served(pool, monkeypatch, worlds[0]), worlds[0])


@pytest.mark.parametrize("name", [*DOCUMENTS, "deep"])
async def test_a_read_is_one_statement_and_its_audit(desk: Desk, wire_tap: WireTap, name: str) -> None:
    """Whatever its depth and breadth: one, or two where something was logged; the transaction's own apart."""
    world = desk.world
    document = DOCUMENTS[name](world) if name in DOCUMENTS else DEEP
    handles = {key: handle for handle, key in world.ids.items()}
    for row in world.rows[tables.AccessProfileRow]:
        if row["capacity"] == "LEARNER" and handles[row["person_id"]] not in ("ann", "eve"):
            continue  # equals of the two
        asked = handles[row["person_id"]], document
        await desk.body(*asked, capacity=row["capacity"])
        wire_tap.clear()
        body = await desk.body(*asked, capacity=row["capacity"])
        if "errors" in body:
            # A refusal runs nothing: it only makes sure that it stands under today's rules and roles.
            assert [STANDING in text for text in wire_tap.statements] == [True]
            continue
        audits = [text for text in wire_tap.statements if text.startswith("INSERT INTO usher.audit_operation")]
        assert len(audits) == bool(desk.served.log)
        assert len(wire_tap.statements) == 1 + len(audits)
        assert [text.split()[0] for text in wire_tap.control] == ["BEGIN", "SET", "SET", "SET", "SET", "COMMIT"]
        assert len(wire_tap.guards) == 1


@pytest.mark.parametrize("type_name", [name for name in IDS if name != "School"])
async def test_ids_that_lead_nowhere_are_alike(
    desk: Desk, wire_tap: WireTap, worlds: tuple[World, World], type_name: str
) -> None:
    """Nobody's, another school's and one out of a parent's scope: the same statements and the same answer."""
    here, there = worlds
    prefix, _, yearly = IDS[type_name]
    keys = (NOBODY, _row_of(there, type_name), _row_of(here, type_name))
    ids = [f"{prefix}_{here.year}_{key}" if yearly else f"{prefix}_{key}" for key in keys]
    document = "query($id: ID!) { node(id: $id) { id __typename } }"
    said = [await _told(desk, wire_tap, document, {"id": one}) for one in ids]
    assert said[0] == said[1] == said[2]
    assert said[0][0]["data"] == {"node": None}


@pytest.mark.parametrize("by", ["id", "upn", "misId"])
async def test_a_learner_who_is_out_of_reach_is_like_nobody(
    desk: Desk, wire_tap: WireTap, worlds: tuple[World, World], by: str
) -> None:
    """By id also for a parent whose child it isn't; numbers never tell a parent anything."""
    here, there = worlds
    values = {
        "id": (f"lrn_{NOBODY}", f"lrn_{there.ids['ann'].hex}", f"lrn_{here.ids['ann'].hex}"),
        "upn": ("Z999999999999", _learner(there, "ann")["upn"], _learner(here, "ann")["upn"]),
        "misId": ("nobody", _learner(there, "ann")["mis_id"], _learner(here, "ann")["mis_id"]),
    }[by]
    document = f"query($by: LearnerBy!) {{ learner(by: $by) {{ id givenName }} }}  # {by}"
    parent = [await _told(desk, wire_tap, document, {"by": {by: value}}) for value in values]
    assert parent[0] == parent[1] == parent[2]
    staff = [await _told(desk, wire_tap, document, {"by": {by: one}}, "data-manager", "STAFF") for one in values[:2]]
    assert staff[0] == staff[1]
    assert staff[0][0]["data"] == {"learner": None}


async def _told(
    desk: Desk,
    wire_tap: WireTap,
    document: str,
    variables: dict[str, object],
    handle: str = "quinn",
    capacity: str = "PARENT",
) -> tuple[dict[str, Any], list[str]]:
    """The answer to a warm operation, and the statements that it took."""
    await desk.body(handle, document, variables, capacity=capacity)
    wire_tap.clear()
    return await desk.body(handle, document, variables, capacity=capacity), wire_tap.statements


def _row_of(world: World, type_name: str) -> str:
    """The key of a row, of the learner ann where there is one."""
    rows = next(rows for table, rows in world.rows.items() if vars(table)["__tablename__"] == TABLES[type_name])
    return next((row for row in rows if row.get("learner_id") == world.ids["ann"]), rows[0])[IDS[type_name][1]].hex


def _learner(world: World, handle: str) -> dict[str, object]:
    return next(row for row in world.rows[tables.LearnerRow] if row["learner_id"] == world.ids[handle])
