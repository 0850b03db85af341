"""A program lists what schools granted it, with a token that is good for nothing else."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest

from server.identity.issuer import Issuer
from server.identity.oauth import grant_list
from server.identity.oauth.clients import end_client
from server.identity.oauth.grant_list import list_grants
from tests.e2e.access_desk import AccessDesk
from tests.e2e.programs import Program, registered
from tests.e2e.serving import Server
from tests.e2e.test_client_grants import DECLARED, OVER, PURPOSE, granted
from tests.worlds import insert_world, small_school

ASKED: Final = {"grant_type": "client_credentials"}


@pytest.fixture(params=["secret", "key"])
def program(request: pytest.FixtureRequest, app_url: str, server: Server) -> Program:
    return registered(app_url, server.http, by_key=request.param == "key")


def vendor_token(program: Program) -> str:
    answer = program.proved("/oauth/token", **ASKED, resource=f"{program.issuer}/vendor")
    assert answer.status_code == 200, answer.text
    assert set(answer.json()) == {"access_token", "token_type", "expires_in"}
    return str(answer.json()["access_token"])


def asked(program: Program, token: str, **query: str) -> httpx.Response:
    return program.http.get("/oauth/grants", params=query, headers={"Authorization": f"Bearer {token}"})


def listed(program: Program, token: str) -> list[dict[str, Any]]:
    answer = asked(program, token)
    assert (answer.status_code, answer.json()["next"]) == (200, None), answer.text
    assert answer.headers["cache-control"] == "no-store"
    found: list[dict[str, Any]] = answer.json()["grants"]
    return found


async def test_a_program_lists_its_grants(
    desk: AccessDesk, program: Program, app_url: str, server: Server, pool: Any
) -> None:
    """At each school its scopes, with their dates and what became of them; nothing that people said, and no other's."""
    elsewhere = AccessDesk(small_school(f"elsewhere {uuid4()}", desk.now.date()), pool, desk.owner_url)
    insert_world(app_url, elsewhere.world)
    assert listed(program, vendor_token(program)) == []
    key = await granted(desk, "head", program, "roster-core.readonly", "gradebook.readonly")
    await desk.do("dpo", "endClientGrant", program=key, scope="gradebook.readonly", reason=OVER)
    other = await granted(elsewhere, "head", program, "attendance")
    await elsewhere.do("head", "endClientGrant", program=other, reason=OVER)
    token = vendor_token(program)
    told = {one["school"]: one for one in listed(program, token)}
    schools = [f"sch_{one.world.school_id.hex}" for one in (desk, elsewhere)]
    assert set(told) == set(schools)
    here = told[schools[0]]
    assert (here["resource"], here["status"]) == (program.resource(desk.world.school_id), "IN_FORCE")
    assert here["name"] == desk.rows("SELECT name FROM usher.school WHERE school_id = %s")[0][0]
    since = {"purpose": PURPOSE, "since": desk.day()}
    assert here["scopes"] == [
        {"scope": "gradebook.readonly", **since, "until": desk.day(), "status": "ENDED"},
        {"scope": "roster-core.readonly", **since, "until": desk.day(90), "status": "IN_FORCE"},
    ]
    assert told[schools[1]]["status"] == "ENDED"
    assert DECLARED not in asked(program, token).text
    assert listed(registered(app_url, server.http), vendor_token(registered(app_url, server.http))) == []


async def test_the_token_opens_nothing_of_a_school(desk: AccessDesk, program: Program) -> None:
    """Neither its data nor its streams; and a school's token doesn't list grants."""
    await granted(desk, "head", program, "roster-core.readonly")
    answer = program.ask(vendor_token(program), "{ learners { nodes { givenName } } }")
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (401, "UNAUTHENTICATED")
    assert asked(program, program.token(desk.world.school_id)).status_code == 401


async def test_officers_see_when_it_last_had_a_token(desk: AccessDesk, program: Program) -> None:
    """Null until it has one; a list of grants is none of the school's."""
    document = "query($p: ID) { clientGrants(program: $p) { lastTokenAt } }"
    key = await granted(desk, "head", program, "roster-core.readonly")
    vendor_token(program)
    assert (await desk.ask("dpo", document, p=key))["data"]["clientGrants"] == [{"lastTokenAt": None}]
    before = datetime.now(UTC)
    program.token(desk.world.school_id)
    [row] = (await desk.ask("dpo", document, p=key))["data"]["clientGrants"]
    assert before <= datetime.fromisoformat(row["lastTokenAt"]) <= datetime.now(UTC)


def test_an_ended_token_and_an_ended_program_list_nothing(program: Program, app_url: str, server: Server) -> None:
    """By its own word, or the operator's; by nobody else's."""
    token, further = vendor_token(program), vendor_token(program)
    stranger = registered(app_url, server.http)
    assert stranger.proved("/oauth/introspect", token=token).json() == {"active": False}
    assert stranger.proved("/oauth/revoke", token=token).status_code == 400
    told = program.proved("/oauth/introspect", token=token).json()
    assert (told["active"], told["aud"], told["client_id"]) == (True, f"{program.issuer}/vendor", program.client_id)
    assert program.proved("/oauth/revoke", token=token).status_code == 200
    assert program.proved("/oauth/introspect", token=token).json() == {"active": False}
    assert (asked(program, token).status_code, asked(program, further).status_code) == (401, 200)
    with psycopg.connect(app_url) as connection:
        end_client(connection, program.client_id, datetime.now(UTC))
    assert asked(program, further).status_code == 401


def test_what_is_no_token_of_a_vendor_is_refused(program: Program) -> None:
    """In one answer, with the challenge of RFC 6750."""
    token = vendor_token(program)
    for text in ("x", "a.b.c", token + "x", token[:-1], "x" * 5000, "\u00e9"):
        header = f"Bearer {text}".encode()
        answer = program.http.get("/oauth/grants", headers={b"Authorization": header})
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
        assert answer.headers["www-authenticate"].startswith("Bearer")
    assert program.http.get("/oauth/grants").status_code == 401
    assert asked(program, token, after="nonsense").status_code == 400
    scoped = program.proved("/oauth/token", **ASKED, resource=f"{program.issuer}/vendor", scope="roster-core.readonly")
    assert scoped.json()["error"] == "invalid_scope"


async def test_hundreds_of_schools_come_in_pages(
    desk: AccessDesk, program: Program, app_url: str, pool: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each school once."""
    monkeypatch.setattr(grant_list, "PAGE", 1)
    elsewhere = AccessDesk(small_school(f"elsewhere {uuid4()}", desk.now.date()), pool, desk.owner_url)
    insert_world(app_url, elsewhere.world)
    for one in (desk, elsewhere):
        await granted(one, "head", program, "roster-core.readonly")
    issuer, seen = Issuer("https://usher.example"), list[str]()
    with psycopg.connect(app_url) as connection:
        page = list_grants(connection, issuer, program.client_id, desk.now, None)
        seen += [one["school"] for one in page["grants"]]
        page = list_grants(connection, issuer, program.client_id, desk.now, UUID(page["next"]))
        seen += [one["school"] for one in page["grants"]]
    assert page["next"] is None
    assert sorted(seen) == sorted(f"sch_{one.world.school_id.hex}" for one in (desk, elsewhere))
