"""A program's feed of changes: everything once, then what differs, then nothing; and never a word of what it may not read."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg

from server import tables
from server.commands.feed.reckoning import KEPT
from server.database.pool import Pool
from tests.e2e.access_desk import AccessDesk, codes
from tests.e2e.programs import registered
from tests.e2e.serving import Server
from tests.worlds import insert_world, small_school
from tests.worlds.wide_school import wide_school

ASKED = """query($since: String, $first: Int) { changes(since: $since, first: $first) {
    changes { kind id happened at } cursor more resyncRequired } }"""
Change = tuple[str, str, str]


async def page(desk: AccessDesk, since: str | None = None, first: int | None = None) -> dict[str, Any]:
    body = await desk.ask("mis", ASKED, since=since, first=first)
    assert "errors" not in body, body
    return dict(body["data"]["changes"])


async def everything(desk: AccessDesk, since: str | None = None, first: int = 7) -> tuple[list[Change], str]:
    """All changes since that place, and the place behind them."""
    found: list[Change] = []
    while True:
        told = await page(desk, since, first)
        assert not told["resyncRequired"]
        assert len(told["changes"]) == first or not told["more"]
        found += [(one["kind"], one["id"], one["happened"]) for one in told["changes"]]
        since = told["cursor"]
        if not told["more"]:
            assert since is not None
            return found, since


async def readable(desk: AccessDesk) -> set[tuple[str, str]]:
    """What queries show the program of learners and their guardians."""
    body = await desk.ask("mis", "{ learners(first: 500) { nodes { id guardians { id } } } }")
    nodes = body["data"]["learners"]["nodes"]
    return {("Learner", node["id"]) for node in nodes} | {
        ("Guardian", one["id"]) for node in nodes for one in node["guardians"]
    }


async def test_everything_once_then_nothing(desk: AccessDesk) -> None:
    """The first pass tells each row that queries show, page by page, each once; then there is nothing more."""
    told, cursor = await everything(desk)
    assert len(told) == len(set(told))
    assert {happened for _, _, happened in told} == {"CHANGED"}
    assert {(kind, id_) for kind, id_, _ in told if kind in ("Learner", "Guardian")} == await readable(desk)
    assert {kind for kind, _, _ in told} == {
        "Staff", "TutorGroup", "Course", "Class", "AssessmentWindow", "Assessment", "Learner", "Guardian",
    }  # fmt: skip
    assert (await page(desk, cursor))["changes"] == []


async def test_people_follow_no_feed(desk: AccessDesk) -> None:
    for handle in ("teacher", "head", "dpo", "pat", "ann"):
        assert codes(await desk.ask(handle, ASKED)) == ["FORBIDDEN"]


async def test_a_place_whose_closings_are_forgotten_asks_to_begin_anew(desk: AccessDesk) -> None:
    """A closing is told for its days; who was there before it is told to begin again, and who began after it is not."""
    first = await page(desk, first=3)
    _, behind = await everything(desk)
    program = {"program": desk.id("mis", "prg"), "learner": desk.id("bob", "lrn"), "askedBy": "GUARDIAN"}
    assert (await desk.do("head", "optOutOfClient", **program, reason="The family asked for it."))["userErrors"] == []
    gone, _ = await everything(desk, behind)
    assert ("Learner", desk.id("bob", "lrn"), "CLOSED") in gone
    began = await page(desk, first=3)
    with psycopg.connect(desk.owner_url) as connection:
        connection.execute(
            "UPDATE usher.feed_row SET changed_at = changed_at - %s WHERE school_id = %s AND digest IS NULL",
            [KEPT + timedelta(hours=1), desk.world.school_id],
        )
        connection.execute("UPDATE usher.change_feed SET mark = '' WHERE school_id = %s", [desk.world.school_id])
    for place in (behind, first["cursor"]):
        told = await page(desk, place)
        assert (told["resyncRequired"], told["changes"], told["cursor"], told["more"]) == (True, [], None, False)
    rest, _ = await everything(desk, began["cursor"])
    assert {happened for _, _, happened in rest} == {"CHANGED"}
    again, _ = await everything(desk)
    assert desk.id("bob", "lrn") not in {id_ for _, id_, _ in again}


async def test_places_are_the_program_s_own(desk: AccessDesk) -> None:
    """Another program's, another list's and made up ones are refused; the same place is another text each time."""
    one, two = await page(desk), await page(desk)
    assert one["changes"] == two["changes"]
    assert one["cursor"] != two["cursor"]
    assert len(one["cursor"]) == len((await page(desk, first=1))["cursor"])
    listed = await desk.ask("mis", "{ learners(first: 1) { pageInfo { endCursor } } }")
    foreign = listed["data"]["learners"]["pageInfo"]["endCursor"]
    for text in ("", "x", foreign, one["cursor"][:-2]):
        assert codes(await desk.ask("mis", ASKED, since=text)) == ["BAD_CURSOR"], text
    assert codes(await desk.ask("mis-gradebook", ASKED, since=one["cursor"])) == ["BAD_CURSOR"]
    for first in (0, -1, 501):
        assert codes(await desk.ask("mis", ASKED, first=first)) == ["BAD_USER_INPUT"]


async def test_a_program_without_names_is_told_of_no_learner(desk: AccessDesk) -> None:
    """Its scopes open the school's structure alone."""
    body = await desk.ask("mis-gradebook", ASKED, first=500)
    assert not {"Learner", "Guardian", "Staff"} & {one["kind"] for one in body["data"]["changes"]["changes"]}


def test_a_token_that_opens_less_follows_no_feed(app_url: str, owner_url: str, server: Server, today: date) -> None:
    """The feed tells of the whole grant; whoever is told of learners stands in the audit."""
    world = small_school(f"feeds {uuid4()}", today)
    insert_world(app_url, world)
    program = registered(app_url, server.http, world)
    narrow = program.ask(program.token(world.school_id, scope="roster-core.readonly"), "{ changes { more } }").json()
    assert codes(narrow) == ["FORBIDDEN"]
    told = program.ask(program.token(world.school_id), "{ changes(first: 500) { changes { kind id } } }").json()
    learners = {one["id"] for one in told["data"]["changes"]["changes"] if one["kind"] == "Learner"}
    with psycopg.connect(owner_url) as connection:
        rows = connection.execute(
            "SELECT elements FROM usher.audit_operation WHERE school_id = %s AND person_id = %s AND kind = 'read'",
            [world.school_id, world.ids["mis"]],
        ).fetchall()
    logged = {f"lrn_{UUID(key).hex}" for (elements,) in rows for key in elements.get("name", [])}
    assert logged == learners != set()


async def test_marks_and_grades_move_their_learner(pool: Pool, app_url: str, owner_url: str, today: date) -> None:
    """A grade that differs is told as its learner's change, to a program that reads grades."""
    world = wide_school(f"feeds of grades {uuid4()}", today)
    [grant] = [
        row
        for row in world.rows[tables.ClientGrantRow]
        if row["person_id"] == world.ids["mis"] and row["scope"] == "roster-core.readonly"
    ]
    world.rows[tables.ClientGrantRow].append({**grant, "grant_id": world.new_id(), "scope": "gradebook.readonly"})
    insert_world(app_url, world)
    desk = AccessDesk(world, pool, owner_url)
    _, cursor = await everything(desk)
    with psycopg.connect(owner_url) as connection:
        ann = [world.school_id, world.ids["ann"]]
        changed = connection.execute(
            "UPDATE usher.grade SET value = '1' WHERE school_id = %s AND learner_id = %s AND value <> '1'", ann
        )
        assert changed.rowcount > 0
        connection.execute("UPDATE usher.change_feed SET mark = '' WHERE school_id = %s", ann[:1])
    told, _ = await everything(desk, cursor)
    assert told == [("Learner", desk.id("ann", "lrn"), "CHANGED")]
