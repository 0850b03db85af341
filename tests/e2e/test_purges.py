"""What a program is to delete when a scope ends: told to it, acknowledged by it, and watched by the school."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.e2e.access_desk import AccessDesk
from tests.e2e.programs import Program, registered
from tests.e2e.serving import Server
from tests.e2e.test_client_grants import OVER, granted
from tests.e2e.test_grant_list import listed, vendor_token


@pytest.fixture
def program(app_url: str, server: Server) -> Program:
    return registered(app_url, server.http)


def acknowledged(program: Program, school: str, purge: str, token: str | None = None) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token or vendor_token(program)}"}
    return program.http.post(f"/oauth/purges/{school}/{purge}", headers=headers)


def purges(program: Program) -> list[dict[str, Any]]:
    [school] = listed(program, vendor_token(program))
    return list(school["purges"])


async def told(desk: AccessDesk, key: str) -> dict[str, tuple[Any, Any]]:
    """What officers read, by scope."""
    document = "query($p: ID) { clientGrants(program: $p) { scope purgeDueOn purgedAt } }"
    rows = (await desk.ask("dpo", document, p=key))["data"]["clientGrants"]
    return {row["scope"]: (row["purgeDueOn"], row["purgedAt"]) for row in rows}


async def test_a_scope_that_ends_is_purged(desk: AccessDesk, program: Program, app_url: str, server: Server) -> None:
    """A scope that reads; not one that only writes. The program's word is stored once, and officers read it."""
    scopes = ("roster-core.readonly", "roster-core.createput", "gradebook.readonly")
    key = await granted(desk, "head", program, *scopes)
    assert purges(program) == []
    for scope in scopes[:2]:
        await desk.do("dpo", "endClientGrant", program=key, scope=scope, reason=OVER)
    [purge] = purges(program)
    assert {name: purge[name] for name in purge if name != "id"} == {
        "scope": "roster-core.readonly", "endedOn": desk.day(), "dueOn": desk.day(30), "status": "DUE",
    }  # fmt: skip
    assert await told(desk, key) == {
        "roster-core.readonly": (desk.day(30), None),
        "roster-core.createput": (None, None),
        "gradebook.readonly": (None, None),
    }
    school = desk.id("mis", "sch").replace(desk.world.ids["mis"].hex, desk.world.school_id.hex)
    other = registered(app_url, server.http)
    for answer in (
        acknowledged(other, school, purge["id"]),
        acknowledged(program, school, str(uuid4())),
        acknowledged(program, f"sch_{uuid4().hex}", purge["id"]),
        acknowledged(program, "nowhere", purge["id"]),
    ):
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert acknowledged(program, school, purge["id"], "no-token").status_code == 401
    assert [one["status"] for one in purges(program)] == ["DUE"]
    first, second = (acknowledged(program, school, purge["id"]) for _ in range(2))
    assert (first.status_code, first.json()) == (200, second.json())
    assert [one["status"] for one in purges(program)] == ["ACKNOWLEDGED"]
    assert (await told(desk, key))["roster-core.readonly"][1] is not None


async def test_what_is_granted_again_is_kept(desk: AccessDesk, program: Program) -> None:
    key = await granted(desk, "head", program, "roster-core.readonly")
    await desk.do("dpo", "endClientGrant", program=key, reason=OVER)
    await granted(desk, "head", program, "roster-core.readonly")
    assert [one["status"] for one in purges(program)] == ["GRANTED_AGAIN"]
