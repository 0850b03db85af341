"""A token of one factor opens nothing that demands two: on requests, on open streams, and whenever the role came."""

from __future__ import annotations

import pytest

from tests.e2e.access_desk import NAMES, WATCHED, AccessDesk, codes
from tests.e2e.live import follower, socket
from tests.e2e.serving import Server
from tests.worlds import World

DEMANDED = ["SECOND_FACTOR_REQUIRED"]
GRADES = "subscription { gradeUpdated { id } }"
TRANSPORTS = pytest.mark.parametrize("transport", ["websocket", "sse"])


@pytest.mark.parametrize("handle", ["head", "dpo", "data-manager", "senco", "dsl"])
async def test_officers_and_whoever_is_trained_need_two(quiet_desk: AccessDesk, handle: str) -> None:
    """For whatever they ask, also what others may ask with one."""
    for document in (NAMES, "{ viewer { roles } }"):
        assert codes(await quiet_desk.ask(handle, document, factor=False)) == DEMANDED
        assert codes(await quiet_desk.ask(handle, document)) == []


@pytest.mark.parametrize("handle", ["teacher", "tutor", "pat", "governor"])
async def test_others_need_one(quiet_desk: AccessDesk, handle: str) -> None:
    assert codes(await quiet_desk.ask(handle, "{ viewer { roles } }", factor=False)) == []


async def test_nothing_is_changed_with_one_factor(quiet_desk: AccessDesk) -> None:
    before = quiet_desk.rows_of(*WATCHED)
    given = {"person": quiet_desk.id("tutor"), "role": "head", "from": quiet_desk.day()}
    document = "mutation($input: AssignRoleInput!) { assignRole(input: $input) { id } }"
    assert codes(await quiet_desk.ask("head", document, factor=False, input=given)) == DEMANDED
    assert quiet_desk.rows_of(*WATCHED) == before


async def test_a_role_that_came_later_demands_a_factor_at_once(desk: AccessDesk) -> None:
    """On the worker that knew the account without it; and no more, on either, once the role has ended."""
    assert await desk.names("tutor") != set()
    assert codes(await desk.ask("tutor", NAMES, factor=False)) == []
    await desk.do("head", "assignRole", person=desk.id("tutor"), role="attendance_officer", **{"from": desk.day()})
    assert codes(await desk.ask("tutor", NAMES, factor=False)) == []
    await desk.do("head", "assignRole", person=desk.id("tutor"), role="dsl", **{"from": desk.day()})
    for worker in (0, 1):
        assert codes(await desk.ask("tutor", NAMES, worker, factor=False)) == DEMANDED
        assert codes(await desk.ask("tutor", NAMES, worker)) == []
    await desk.do("head", "endRole", assignment=desk.role("tutor", "dsl"))
    for worker in (0, 1):
        assert codes(await desk.ask("tutor", NAMES, worker, factor=False)) == []


@TRANSPORTS
async def test_an_open_stream_ends_when_a_factor_is_demanded(desk: AccessDesk, server: Server, transport: str) -> None:
    """With the code that says why; with two factors it goes on."""
    one = server.client(desk.world, "teacher", factor=False)
    with follower(transport, server, one, GRADES) as live:
        await desk.do("head", "assignRole", person=desk.id("teacher"), role="dsl", **{"from": desk.day()})
        assert live.ended() == DEMANDED[0]
    with follower(transport, server, server.client(desk.world, "teacher"), GRADES):
        pass


def test_a_stream_that_demands_two_does_not_begin_with_one(server: Server, quiet: World) -> None:
    with socket(server, server.client(quiet, "head", factor=False)) as live:
        live.send({"type": "subscribe", "id": "1", "payload": {"query": GRADES}})
        frame = live.receive()
        assert frame["type"] == "error"
        assert [error["extensions"]["code"] for error in frame["payload"]] == DEMANDED
