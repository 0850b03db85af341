"""Scheduled publishing: at its hour, once, or not at all where something else came first."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from server.commands.policy import due as due_module
from server.commands.policy.due import Due, publish_due
from server.commands.policy.publication import PublishPolicy
from server.database.pool import Pool
from server.policies.shipped import starting_book
from tests.e2e.policy_desk import LESS, Desk, Given, nothing_changes
from tests.e2e.publishing import publish, without
from tests.e2e.serving import Server
from tests.publishing import publish_version
from tests.worlds import insert_world, small_school

LATER = timedelta(days=3)


@pytest.fixture
def desk(server: Server, app_url: str, owner_url: str, today: date) -> Desk:
    world = small_school(f"a schedule {uuid4()}", today)
    insert_world(app_url, world)
    return Desk(server, world, owner_url)


def scheduled(desk: Desk, *edits: Given) -> Given:
    at = datetime.now(UTC) + LATER
    submission = desk.publish(desk.approved(*(edits or (LESS,))), at=at.isoformat())["submission"]
    assert (submission["state"], datetime.fromisoformat(submission["publishAt"])) == ("SCHEDULED", at)
    return submission


async def due(desk: Desk, pool: Pool, after: timedelta = LATER) -> list[Due]:
    """What a run at that time does at this school; others' schedules may be due as well."""
    found = await publish_due(pool, datetime.now(UTC) + after + timedelta(minutes=1))
    return [one for one in found if one.school_id == desk.world.school_id]


def key_of(submission: Given) -> UUID:
    return UUID(submission["id"][4:])


async def test_it_comes_into_force_at_its_hour(desk: Desk, pool: Pool) -> None:
    """Not before; once, though two runs come at once; in the name of who scheduled it."""
    submission = scheduled(desk)
    assert await due(desk, pool, timedelta(days=2)) == []
    assert (desk.in_force(), desk.state(submission)) == (1, "SCHEDULED")
    first, second = await asyncio.gather(due(desk, pool), due(desk, pool))
    assert first + second == [Due(desk.world.school_id, key_of(submission), 2)]
    assert await due(desk, pool) == []
    assert (desk.in_force(), desk.state(submission)) == (2, "PUBLISHED")
    [row] = desk.rows(
        "SELECT person_id, operation_name, policy_version FROM usher.audit_operation"
        " WHERE school_id = %s AND details->>'act' = 'policyPublished'"
    )
    assert row == (desk.world.ids["dpo"], "policy-job", 1)
    [published] = desk.rows("SELECT published_by FROM usher.policy_version WHERE school_id = %s AND version = 2")
    assert published == (desk.world.ids["dpo"],)


async def test_it_may_still_be_published_now_or_withdrawn(desk: Desk, pool: Pool) -> None:
    """Then nothing is left to do at its hour."""
    submission = scheduled(desk)
    gone = scheduled(desk, {"remove": "r113"})
    with nothing_changes(desk):
        at = (datetime.now(UTC) + LATER).isoformat()
        assert desk.codes("dpo", "publishPolicy", {"submission": submission["id"], "at": at}) == ["ALREADY_SCHEDULED"]
    assert desk.do("head", "withdrawPolicy", {"submission": gone["id"]})["submission"]["state"] == "WITHDRAWN"
    assert desk.publish(submission)["version"]["version"] == 2
    with nothing_changes(desk):
        assert await due(desk, pool) == []


@pytest.mark.parametrize("at", ["2020-01-01T00:00:00Z", "2999-01-01T00:00:00Z"])
def test_a_schedule_lies_ahead_and_not_too_far(desk: Desk, at: str) -> None:
    """Within a year."""
    submission = desk.approved()
    with nothing_changes(desk):
        given = {"submission": submission["id"], "at": at}
        assert desk.codes("dpo", "publishPolicy", given) == ["SCHEDULE_OUT_OF_BOUNDS"]


async def _lapses(desk: Desk, pool: Pool, submission: Given, sentence: str) -> None:
    version = desk.rows("SELECT version FROM usher.policy_head WHERE school_id = %s")
    [done] = await due(desk, pool)
    assert (done.version, done.submission_id) == (None, key_of(submission))
    assert sentence in (done.reason or "")
    assert desk.rows("SELECT version FROM usher.policy_head WHERE school_id = %s") == version
    assert desk.events()[-1] == "policyLapsed"
    assert desk.rows("SELECT outcome, reason FROM usher.policy_end WHERE school_id = %s") == [("LAPSED", done.reason)]
    notices = desk.rows("SELECT kind, person_id FROM usher.notice WHERE school_id = %s ORDER BY posted_at, notice_id")
    assert notices[-1] == ("policyLapsed", desk.world.ids["dpo"])
    with nothing_changes(desk):
        assert await due(desk, pool) == []


async def test_it_lapses_where_other_rules_came_first(desk: Desk, pool: Pool) -> None:
    """Once and for all, with a notice to its author; the base it stood on is gone."""
    submission = scheduled(desk)
    publish(desk.owner_url, desk.world, without("r113"))
    await _lapses(desk, pool, submission, "Other rules have come into force")
    assert desk.state(submission) == "LAPSED"


async def test_it_lapses_where_it_no_longer_passes(desk: Desk, pool: Pool) -> None:
    """An example that the school added meanwhile."""
    submission = scheduled(desk)
    desk.do("dpo", "addPolicyExample", {
        "name": "Teachers see gender", "capacity": "STAFF", "roles": ["class_teacher"], "relations": ["taught"],
        "element": "gender", "action": "read", "visible": True,
    })  # fmt: skip
    await _lapses(desk, pool, submission, "gender")


@pytest.mark.parametrize("table", ["role_assignment", "access_profile"])
async def test_it_lapses_where_who_scheduled_it_may_no_longer(desk: Desk, pool: Pool, table: str) -> None:
    """Their role or their account ended before its hour."""
    submission = scheduled(desk)
    with psycopg.connect(desk.owner_url) as connection:
        statement = f"UPDATE usher.{table} SET valid_to = %s WHERE school_id = %s AND person_id = %s"
        values: list[Any] = [desk.world.days(0), desk.world.school_id, desk.world.ids["dpo"]]
        connection.execute(statement.encode(), values)
    await _lapses(desk, pool, submission, "may no longer publish")


async def test_a_school_whose_rules_cannot_be_read_is_left_alone(desk: Desk, pool: Pool) -> None:
    """Nothing is decided under a book that is not understood; the next run finds it lapsed."""
    submission = scheduled(desk)
    with psycopg.connect(desk.owner_url) as connection:
        publish_version(connection, desk.world.school_id, starting_book().content(), "0" * 64)
    with nothing_changes(desk):
        assert await due(desk, pool) == []
    publish(desk.owner_url, desk.world, starting_book())
    await _lapses(desk, pool, submission, "Other rules have come into force")


async def test_what_can_not_be_published_stops_nothing_else(
    desk: Desk, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next of the same school comes into force, also where it can't be told; each run raises the fault, one tells it."""
    faulty = scheduled(desk)
    sound = scheduled(desk, {"remove": "r113"})
    real = due_module.publish_policy

    async def failing(command: PublishPolicy, *more: Any) -> Any:
        if command.submission == key_of(faulty):
            raise LookupError("what a book says")
        return await real(command, *more)

    async def unheard(*_: Any) -> None:
        raise OSError("what telling says")

    monkeypatch.setattr(due_module, "publish_policy", failing)
    with monkeypatch.context() as while_telling_fails:
        while_telling_fails.setattr(due_module, "tell_stuck", unheard)
        with pytest.raises(LookupError):
            await due(desk, pool)
    for _ in range(2):
        with pytest.raises(LookupError):
            await due(desk, pool)
        assert (desk.in_force(), desk.state(sound)) == (2, "PUBLISHED")
    told = desk.rows("SELECT person_id FROM usher.notice WHERE school_id = %s AND kind = 'policyStuck'")
    assert sorted(told) == sorted((desk.world.ids[handle],) for handle in ("dpo", "head"))
    acts = "SELECT details FROM usher.audit_operation WHERE school_id = %s AND details->>'act' = 'policyStuck'"
    assert desk.rows(acts) == [({"act": "policyStuck", "submission": str(key_of(faulty)), "fault": "LookupError"},)]
    monkeypatch.undo()
    await _lapses(desk, pool, faulty, "Other rules have come into force")
