"""Feeds of changes: whoever follows one, from wherever, keeps exactly what queries show; and what is hidden moves nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from random import Random
from typing import Any, Final
from uuid import UUID

import psycopg

from server import tables
from server.database.pool import Pool
from tests.e2e.access_desk import AccessDesk
from tests.leaks.hidden import Account, Hidden
from tests.worlds import World, insert_world, varied_school

STEPS: Final = 12
PEOPLE: Final = ("ann", "bob", "cat", "dan", "eve", "hal")
REASON: Final = "Said so at the meeting of the governors"
FEED: Final = """query($since: String) { changes(since: $since, first: 11) {
    changes { kind id happened } cursor more resyncRequired } }"""
CONTENT: Final = """query($ids: [ID!]!) { nodes(ids: $ids) { __typename id
    ... on Learner { givenName familyName dateOfBirth gender upn misId leftOn contact { email address }
        tutorGroup { id } classes { id } guardians { id } grades { id value } marks(first: 50) { nodes { id version } } }
    ... on Guardian { givenName familyName relationship contact { phone } learner { id } }
    ... on Class { name teachers { id } learners { id } course { id } }
    ... on Staff { givenName jobTitle contact { email } } } }"""
KINDS: Final = ("Learner", "Guardian", "Class", "Staff")
Copy = dict[str, Any]


class Follower:
    """A program's copy: what it was told of, as it read it then."""

    def __init__(self, desk: AccessDesk) -> None:
        self.desk = desk
        self.copy: Copy = {}
        self.since: str | None = None
        self.told: list[tuple[str, str, str]] = []

    async def follow(self) -> None:
        while True:
            body = await self.desk.ask("mis", FEED, since=self.since)
            if "errors" in body:  # nothing is granted: whoever follows waits
                return
            page = body["data"]["changes"]
            assert not page["resyncRequired"]
            changes = [(one["kind"], one["id"], one["happened"]) for one in page["changes"]]
            self.told += changes
            for _, id_, happened in changes:
                if happened == "CLOSED":
                    assert id_ in self.copy or self.since is not None
                    self.copy.pop(id_, None)
            await self._read([id_ for kind, id_, happened in changes if happened == "CHANGED" and kind in KINDS])
            self.since = page["cursor"]
            if not page["more"]:
                return

    async def _read(self, ids: list[str]) -> None:
        if ids:
            self.copy |= await content(self.desk, ids)


async def content(desk: AccessDesk, ids: list[str]) -> Copy:
    found: Copy = {}
    for start in range(0, len(ids), 100):
        some = ids[start : start + 100]
        nodes = (await desk.ask("mis", CONTENT, ids=some))["data"]["nodes"]
        found |= {id_: node for id_, node in zip(some, nodes, strict=True) if node is not None}
    return found


async def readable(desk: AccessDesk) -> Copy:
    """The naive twin: everything that lists show, read afresh."""
    ids: list[str] = []
    for part in ("learners(first: 500) { nodes { id guardians { id } } }", "classes(first: 500) { nodes { id } }",
                 "staff(first: 500) { nodes { id } }"):  # fmt: skip
        body = await desk.ask("mis", f"{{ {part} }}")
        if "errors" in body:
            continue
        [connection] = body["data"].values()
        for node in connection["nodes"]:
            ids += [node["id"], *(one["id"] for one in node.get("guardians") or ())]
    return await content(desk, ids)


class School:
    """What happens at one: behind the writers' backs, so that an event is written for them."""

    def __init__(self, desk: AccessDesk, drawn: Random) -> None:
        self.desk = desk
        self.drawn = drawn
        self.opted_out: dict[str, str] = {}

    async def moves(self) -> None:
        learner = self.drawn.choice(PEOPLE)
        steps: list[Callable[[str], Any]] = [
            self.rename, self.protect, self.leave, self.unlink, self.move, self.opt_out, self.opt_out, self.grant,
        ]  # fmt: skip
        await self.drawn.choice(steps)(learner)

    async def rename(self, learner: str) -> None:
        name = self.drawn.choice(("Zed", "Una"))
        self.write("UPDATE usher.learner SET given_name = %s WHERE school_id = %s AND learner_id = %s", name, learner)

    async def leave(self, learner: str) -> None:
        left = self.drawn.choice((None, self.desk.world.days(-1)))
        self.write("UPDATE usher.learner SET left_on = %s WHERE school_id = %s AND learner_id = %s", left, learner)

    async def unlink(self, learner: str) -> None:
        end = self.drawn.choice((None, self.desk.world.today))
        self.write(
            "UPDATE usher.guardian_link SET valid_to = %s WHERE school_id = %s AND learner_id = %s", end, learner
        )

    async def move(self, learner: str) -> None:
        end = self.drawn.choice((None, self.desk.world.today))
        self.write("UPDATE usher.enrolment SET valid_to = %s WHERE school_id = %s AND learner_id = %s", end, learner)

    async def protect(self, learner: str) -> None:
        kind = self.drawn.choice(("PROTECTED", "OPTED_OUT", "RESTRICTED"))
        self.write(
            "INSERT INTO usher.learner_flag (kind, school_id, learner_id, flag_id, valid_from, decided_by)"
            " SELECT %s, s.school_id, l.learner_id, gen_random_uuid(), current_date - 1, l.learner_id"
            " FROM usher.school s JOIN usher.learner l ON l.school_id = s.school_id"
            " WHERE s.school_id = %s AND l.learner_id = %s",
            kind,
            learner,
        )

    async def opt_out(self, learner: str) -> None:
        if learner in self.opted_out:
            ended = await self.desk.do("head", "endClientOptOut", optOut=self.opted_out.pop(learner), reason=REASON)
            assert ended["userErrors"] == []
            return
        who = {"program": self.desk.id("mis", "prg"), "learner": self.desk.id(learner, "lrn")}
        made = await self.desk.do("head", "optOutOfClient", **who, askedBy="SCHOOL", reason=REASON)
        if made["id"]:
            self.opted_out[learner] = made["id"]

    async def grant(self, _: str) -> None:
        """A scope ends, or is granted again."""
        scope, ends = self.drawn.choice(("roster-core", "roster-demographics", "gradebook")), self.drawn.choice((0, 30))
        with psycopg.connect(self.desk.owner_url) as connection:
            who = [self.desk.world.school_id, self.desk.world.ids["mis"]]
            connection.execute(
                "UPDATE usher.client_grant SET valid_to = %s WHERE school_id = %s AND person_id = %s AND scope LIKE %s",
                [self.desk.world.days(ends), *who, f"{scope}%"],
            )
            connection.execute(
                "UPDATE usher.access_profile SET profile_version = profile_version + 1"
                " WHERE school_id = %s AND person_id = %s",
                who,
            )

    def write(self, statement: str, value: object, learner: str) -> None:
        with psycopg.connect(self.desk.owner_url) as connection:
            ids = [self.desk.world.school_id, self.desk.world.ids[learner]]
            connection.execute(statement.encode(), [value, *ids])
            told(connection, self.desk.world.school_id)


def told(connection: psycopg.Connection[Any], school_id: UUID) -> None:
    """Feeds look again, as after any event of the school."""
    connection.execute("UPDATE usher.change_feed SET mark = '' WHERE school_id = %s", [school_id])


def a_desk(part: int, word: str, pool: Pool, app_url: str, owner_url: str, today: date) -> AccessDesk:
    world = varied_school(f"feeds {word} {part}", today)
    _let_the_head_be(world)
    grants = world.rows[tables.ClientGrantRow]
    given = next(row for row in grants if row["person_id"] == world.ids["mis"])
    if part % 2 == 0:  # marks and grades as well
        grants.append({**given, "grant_id": world.new_id(), "scope": "gradebook.readonly"})
    insert_world(app_url, world)
    return AccessDesk(world, pool, owner_url)


def _let_the_head_be(world: World) -> None:
    for row in world.rows[tables.RoleAssignmentRow]:
        if row["role"] == "head":
            row.update(valid_from=world.days(-400), valid_to=None)
    for row in world.rows[tables.AccessProfileRow]:
        if row["person_id"] in (world.ids["head"], world.ids["mis"]):
            row.update(valid_from=world.days(-400), valid_to=None)


async def test_whoever_follows_keeps_what_queries_show(
    part: int, pool: Pool, app_url: str, owner_url: str, today: date
) -> None:
    """Random histories; three followers, one of each step, one of some, one of the end; against a fresh full read."""
    desk, drawn = a_desk(part, "followed", pool, app_url, owner_url, today), Random(part)
    school = School(desk, drawn)
    always, sometimes, late = (Follower(desk) for _ in range(3))
    await sometimes.follow()
    for _ in range(STEPS):
        await school.moves()
        await always.follow()
        if drawn.random() < 0.3:
            await sometimes.follow()
        if (await desk.ask("mis", FEED))["data"] is not None:
            assert always.copy == await readable(desk)
    with psycopg.connect(owner_url) as connection:
        connection.execute(
            "UPDATE usher.client_grant SET valid_to = %s WHERE school_id = %s AND person_id = %s",
            [desk.world.days(30), desk.world.school_id, desk.world.ids["mis"]],
        )
        connection.execute(
            "UPDATE usher.access_profile SET profile_version = profile_version + 1 WHERE school_id = %s AND person_id = %s",
            [desk.world.school_id, desk.world.ids["mis"]],
        )
    fresh = await readable(desk)
    assert fresh
    for follower in (always, sometimes, late):
        await follower.follow()
        assert follower.copy == fresh


async def test_what_is_hidden_moves_no_feed(part: int, pool: Pool, app_url: str, owner_url: str, today: date) -> None:
    """Every hidden value another, or hidden rows gone: nothing is told of it, and whoever begins is told the same."""
    desk = a_desk(part, "hidden", pool, app_url, owner_url, today)
    first = Follower(desk)
    await first.follow()
    before = list(first.told)
    hidden = Hidden(desk.world, Account("mis", "CLIENT"))
    assert len(hidden) > 0
    with psycopg.connect(owner_url) as owner:
        for behind in (hidden.changed, hidden.removed):
            with behind(owner):
                told(owner, desk.world.school_id)
                owner.commit()
                await first.follow()
                assert first.told == before
                owner.execute("DELETE FROM usher.feed_row WHERE school_id = %s", [desk.world.school_id])
                owner.execute("DELETE FROM usher.change_feed WHERE school_id = %s", [desk.world.school_id])
                owner.commit()
                again = Follower(desk)
                await again.follow()
                assert json.dumps(again.told) == json.dumps(before)
