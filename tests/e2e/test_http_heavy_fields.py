"""Dear reckoned fields: few in an operation, few at a time, and the others are told so at once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from server.database.pool import Pool
from server.resolvers.inquiries import INQUIRIES
from tests.e2e.access_desk import AccessDesk, codes
from tests.worlds import insert_world, small_school

CHANGES = 'accessChanges(from: "2026-09-01", to: "2026-09-02") { to }'
EXPLAIN = "query($p: ID!) { explain(person: $p, element: NAME, capacity: STAFF) { element } }"
LIGHT = "{ notices { kind } }"
HEAVY = {"policyImpact", "whoCanSee", "whatCanSee", "accessChanges", "explain", "clientDocuments"}


@pytest.fixture
def desk(pool: Pool, app_url: str, owner_url: str, today: date) -> AccessDesk:
    world = small_school(f"dear {uuid4()}", today)
    insert_world(app_url, world)
    return AccessDesk(world, pool, owner_url)


def test_the_dear_fields_are_known() -> None:
    """Those that look at all people, all learners or all rules."""
    assert {name for name, one in INQUIRIES.items() if one.heavy} == HEAVY


async def test_an_operation_holds_two_dear_fields(desk: AccessDesk) -> None:
    """A third is refused, whatever it is called."""
    for many, expected in ((2, []), (3, ["LIMIT_EXCEEDED"])):
        fields = " ".join(f"a{number}: {CHANGES}" for number in range(many))
        assert codes(await desk.ask("dpo", f"{{ {fields} }}")) == expected


async def test_few_are_reckoned_at_a_time(desk: AccessDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """One a person and two a worker: the rest are refused at once, light fields never, and a turn that ended is free."""
    release, begun = asyncio.Event(), asyncio.Semaphore(0)

    async def reckon(*_: Any) -> None:
        begun.release()
        await release.wait()

    monkeypatch.setitem(INQUIRIES, "explain", replace(INQUIRIES["explain"], ask=reckon))

    async def explained(handle: str) -> dict[str, Any]:
        return await desk.ask(handle, EXPLAIN, p=desk.id(handle))

    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        first = group.create_task(explained("dpo"))
        await begun.acquire()
        own = await explained("dpo")
        second = group.create_task(explained("head"))
        await begun.acquire()
        other = await explained("teacher")
        light = [await desk.ask(handle, LIGHT) for handle in ("dpo", "teacher")]
        release.set()
    for refused, words in ((own, "already"), (other, "busy")):
        [error] = refused["errors"]
        assert error["extensions"]["code"] == "UNAVAILABLE"
        assert words in error["message"]
        assert "try again in a moment" in error["message"]
        assert "data" not in refused
    assert [codes(body) for body in light] == [[], []]
    for body in (first.result(), second.result(), await explained("teacher"), await explained("dpo")):
        assert body["data"] == {"explain": None}
