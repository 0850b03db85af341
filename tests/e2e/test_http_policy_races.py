"""Publishing against what ends it: a submission is published or withdrawn, never both, and each loser is told why.

Nor does anybody put rules in force who lost that right while they were being checked.
"""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from server.commands.policy import narrowing, publication
from server.commands.policy.due import publish_due
from server.commands.policy.judging import compare, judge
from server.database.pool import Pool
from tests.e2e.access_desk import AccessDesk, codes
from tests.e2e.policy_desk import LESS, WHY, Desk, Given, document, give, nothing_changes
from tests.e2e.serving import Server
from tests.worlds import insert_world, small_school

RULES = ("r116", "r117", "r118", "r113", "r114", "r111", "r301", "r305", "r306", "r307")
LATER = timedelta(days=3)
BOTH = """\
SELECT e.submission_id FROM usher.policy_end AS e JOIN usher.policy_version AS v USING (school_id, submission_id)
WHERE e.school_id = %s"""


@pytest.fixture
def desks(servers: list[Server], app_url: str, owner_url: str, today: date) -> list[Desk]:
    """Two schools; each is asked through either of two servers."""
    worlds = [small_school(f"races {uuid4()}", today) for _ in range(2)]
    for world in worlds:
        insert_world(app_url, world)
    return [Desk(servers[0], world, owner_url) for world in worlds]


@pytest.fixture
def desk(desks: list[Desk]) -> Desk:
    return desks[0]


def outcome(desk: Desk, line: threading.Barrier, handle: str, mutation: str, submission: Given) -> list[str]:
    """The codes of the refusals; none of a success."""
    line.wait(30)
    answer = desk.try_(handle, mutation, {"submission": submission["id"]})
    return answer.codes or [error["code"] for error in answer.data[mutation]["userErrors"]]


def race(desk: Desk, other: Desk, submission: Given) -> tuple[list[str], list[str]]:
    """Published through a server that has to judge the book anew, and withdrawn meanwhile."""
    line = threading.Barrier(2)
    with ThreadPoolExecutor(2) as threads:
        published = threads.submit(outcome, other, line, "dpo", "publishPolicy", submission)
        withdrawn = threads.submit(outcome, desk, line, "head", "withdrawPolicy", submission)
        return published.result(60), withdrawn.result(60)


def test_a_submission_is_published_or_withdrawn(desks: list[Desk], servers: list[Server]) -> None:
    """Twenty rounds through two servers: one wins, the other hears what has become of it."""
    for desk in desks:
        other = Desk(servers[1], desk.world, desk.owner_url)
        for rule in RULES:
            submission, before = desk.approved({"remove": rule}), desk.in_force()
            found = race(desk, other, submission)
            assert found in (([], ["ALREADY_PUBLISHED"]), (["WITHDRAWN"], []))
            assert desk.in_force() == before + (found[0] == [])
        assert desk.rows(BOTH) == []


def end(desk: Desk, submission: Given) -> None:
    """Withdrawn by something that doesn't wait for anybody."""
    with psycopg.connect(desk.owner_url) as connection:
        connection.execute(
            "INSERT INTO usher.policy_end (school_id, submission_id, outcome, ended_by, ended_at)"
            " VALUES (%s, %s, 'WITHDRAWN', %s, %s)",
            [desk.world.school_id, UUID(submission["id"][4:]), desk.world.ids["head"], datetime.now(UTC)],
        )


def meanwhile(monkeypatch: pytest.MonkeyPatch, school_id: UUID, act: Any) -> None:
    """`act` happens once a book of the school was judged, before it is put in force."""

    async def judged(connection: Any, school: UUID, book: Any) -> Any:
        found = await judge(connection, school, book)
        if school == school_id:
            await act()
        return found

    monkeypatch.setattr(publication, "judge", judged)


@pytest.mark.parametrize("planned", [False, True])
async def test_the_wall_s_refusal_is_told(
    desk: Desk, pool: Pool, monkeypatch: pytest.MonkeyPatch, planned: bool
) -> None:
    """What is ended in the middle of its publication isn't published, by a person or by the job, nor ends it in an error."""
    at = {"at": (datetime.now(UTC) + LATER).isoformat()} if planned else {}
    submission = desk.approved()
    if planned:
        desk.publish(submission, **at)

    async def act() -> None:
        await asyncio.to_thread(end, desk, submission)

    meanwhile(monkeypatch, desk.world.school_id, act)
    if planned:
        found = await publish_due(pool, datetime.now(UTC) + 2 * LATER)
        assert [one for one in found if one.school_id == desk.world.school_id] == []
    else:
        asked = AccessDesk(desk.world, pool, desk.owner_url)
        body = await asked.ask("dpo", document("publishPolicy"), i={"submission": submission["id"]})
        assert [error["code"] for error in body["data"]["publishPolicy"]["userErrors"]] == ["WITHDRAWN"]
    assert (desk.in_force(), desk.state(submission)) == (1, "WITHDRAWN")
    with nothing_changes(desk):
        assert desk.codes("dpo", "publishPolicy", {"submission": submission["id"]}) == ["WITHDRAWN"]


def dismiss(desk: Desk) -> None:
    """The officer's role ends; another has it too."""
    held = desk.ask("head", "{ roleAssignments { id person role } }")["roleAssignments"]
    officer = ("dpo", f"per_{desk.world.ids['dpo'].hex}")
    [role] = [one["id"] for one in held if (one["role"], one["person"]) == officer]
    ended = "mutation($i: EndRoleInput!) { endRole(input: $i) { id userErrors { code } } }"
    assert desk.ask("head", ended, {"i": {"assignment": role}})["endRole"]["userErrors"] == []


@pytest.mark.parametrize("mutation", ["publishPolicy", "narrowPolicy"])
async def test_nobody_puts_rules_in_force_whose_role_ended_meanwhile(
    desk: Desk, pool: Pool, monkeypatch: pytest.MonkeyPatch, mutation: str
) -> None:
    """The end was committed first, so it is as if the officer had asked after it."""
    give(desk, "cover", "dpo")
    submission = desk.approved()
    ended = asyncio.Event()

    async def act() -> None:
        if not ended.is_set():
            await asyncio.to_thread(dismiss, desk)
            ended.set()

    async def compared(*books: Any) -> Any:
        found = await compare(*books)
        await act()
        return found

    meanwhile(monkeypatch, desk.world.school_id, act)
    monkeypatch.setattr(narrowing, "compare", compared)
    given = {"submission": submission["id"]} if mutation == "publishPolicy" else {"edits": [LESS], "reason": WHY}
    body = await AccessDesk(desk.world, pool, desk.owner_url).ask("dpo", document(mutation), i=given)
    assert ended.is_set()
    assert codes(body) == ["FORBIDDEN"]
    assert desk.rows("SELECT version FROM usher.policy_head WHERE school_id = %s") == [(1,)]


async def test_nor_does_the_job_in_their_name(desk: Desk, pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run leaves it to the next, which finds that who scheduled it may no longer publish."""
    give(desk, "cover", "dpo")
    submission = desk.approved()
    desk.publish(submission, at=(datetime.now(UTC) + LATER).isoformat())

    async def act() -> None:
        await asyncio.to_thread(dismiss, desk)

    meanwhile(monkeypatch, desk.world.school_id, act)
    for outcomes in ([], [(None, "Who scheduled it may no longer publish rules.")]):
        found = await publish_due(pool, datetime.now(UTC) + 2 * LATER)
        assert [(one.version, one.reason) for one in found if one.school_id == desk.world.school_id] == outcomes
    assert desk.rows("SELECT version FROM usher.policy_head WHERE school_id = %s") == [(1,)]
