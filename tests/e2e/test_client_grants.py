"""A school lets a program in, reads whom it let in, and shows it out again: over HTTP, with the program's own tokens."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any, Final
from uuid import uuid4

import psycopg
import pytest

from server.commands.access.grants import LONGEST
from server.identity.oauth.client_end import end_client_and_tokens
from server.identity.oauth.clients import end_client
from tests.e2e.access_desk import AccessDesk, codes
from tests.e2e.live import follower
from tests.e2e.programs import Program, registered
from tests.e2e.serving import Client, Server
from tests.worlds import insert_world, small_school

DECLARED: Final = "Our contract of 1 September covers it."
PURPOSE: Final = "Names and classes for the timetable"
OVER: Final = "The contract is over."
NAMES: Final = "{ learners { nodes { givenName dateOfBirth } } }"
FOLLOWED: Final = "subscription { gradeUpdated { id grade { value } } }"
GRANTS: Final = """query($program: ID) { clientGrants(program: $program) {
    id program client clientName scope purpose declaration reason declaredBy declaredByName from until inForce
    endedAt endedBy ending } }"""


@pytest.fixture
def program(app_url: str, server: Server) -> Program:
    """Registered, and let in by nobody."""
    return registered(app_url, server.http)


def given(desk: AccessDesk, program: Program, *scopes: str, **changed: Any) -> dict[str, Any]:
    said = {"purpose": PURPOSE, "until": desk.day(90), "declaration": DECLARED}
    return {"client": program.client_id, "scopes": list(scopes), **said, **changed}


async def granted(desk: AccessDesk, handle: str, program: Program, *scopes: str, **changed: Any) -> str:
    """The program's id at the school."""
    payload = await desk.do(handle, "grantClient", **given(desk, program, *scopes, **changed))
    assert payload["userErrors"] == []
    return str(payload["id"])


async def listed(desk: AccessDesk, handle: str, program: str) -> list[dict[str, Any]]:
    body = await desk.ask(handle, GRANTS, program=program)
    assert "errors" not in body, body
    rows: list[dict[str, Any]] = body["data"]["clientGrants"]
    return rows


def refused_token(program: Program, desk: AccessDesk) -> bool:
    resource = program.resource(desk.world.school_id)
    answer = program.proved("/oauth/token", grant_type="client_credentials", resource=resource)
    return answer.status_code == 400 and answer.json()["error"] == "invalid_target"


def read(program: Program, token: str) -> list[tuple[str | None, str | None]]:
    """What it sees of learners; nothing, where the operation is refused."""
    body: dict[str, Any] = program.ask(token, NAMES).json()
    data: dict[str, Any] = body.get("data") or {"learners": {"nodes": []}}
    return [(node["givenName"], node["dateOfBirth"]) for node in data["learners"]["nodes"]]


async def test_a_program_is_let_in_scope_by_scope_and_shown_out(desk: AccessDesk, program: Program) -> None:
    """No token, then one for names, then one for dates of birth too; then one scope less, and at last nothing."""
    assert refused_token(program, desk)
    key = await granted(desk, "head", program, "roster-core.readonly")
    token = program.token(desk.world.school_id)
    assert {names for names, _ in read(program, token)} >= {"Ann", "Bob"}
    assert {born for _, born in read(program, token)} == {None}
    assert await granted(desk, "dpo", program, "roster-demographics.readonly") == key
    wider = program.token(desk.world.school_id)
    assert None not in {born for _, born in read(program, wider)}
    ended = await desk.do("head", "endClientGrant", program=key, scope="roster-demographics.readonly", reason=OVER)
    assert (ended["id"], ended["userErrors"]) == (key, [])
    assert {born for _, born in read(program, wider)} == {None}
    assert {names for names, _ in read(program, wider)} >= {"Ann", "Bob"}
    await desk.do("dpo", "endClientGrant", program=key, reason=OVER)
    assert read(program, wider) == read(program, token) == []
    assert refused_token(program, desk)
    await granted(desk, "head", program, "roster-core.readonly")
    assert len(read(program, program.token(desk.world.school_id))) > 0


@pytest.mark.parametrize("transport", ["websocket", "sse"])
@pytest.mark.parametrize("scope", ["gradebook.readonly", None])
async def test_streams_close_when_a_grant_ends(
    desk: AccessDesk, program: Program, server: Server, transport: str, scope: str | None
) -> None:
    """With a token of the OAuth server, and without a word of the program."""
    key = await granted(desk, "head", program, "roster-core.readonly", "gradebook.readonly")
    client = Client(server.http, program.token(desk.world.school_id))
    with follower(transport, server, client, FOLLOWED) as live:
        await desk.do("dpo", "endClientGrant", program=key, scope=scope, reason=OVER)
        assert live.ended() == "PERMISSION_ENDED"


@pytest.mark.parametrize("transport", ["websocket", "sse"])
async def test_a_stream_closes_when_its_token_is_revoked(
    desk: AccessDesk, program: Program, server: Server, transport: str
) -> None:
    """By the program itself (RFC 7009), while another token of it goes on."""
    await granted(desk, "head", program, "roster-core.readonly", "gradebook.readonly")
    revoked, kept = (program.token(desk.world.school_id) for _ in range(2))
    with follower(transport, server, Client(server.http, revoked), FOLLOWED) as live:
        assert program.proved("/oauth/revoke", token=revoked).status_code == 200
        assert live.ended() == "UNAUTHENTICATED"
    assert len(read(program, kept)) > 0


@pytest.mark.parametrize("transport", ["websocket", "sse"])
async def test_a_stream_closes_when_its_client_ends(
    desk: AccessDesk, program: Program, server: Server, transport: str
) -> None:
    await granted(desk, "head", program, "roster-core.readonly", "gradebook.readonly")
    client = Client(server.http, program.token(desk.world.school_id))
    with follower(transport, server, client, FOLLOWED) as live:
        with psycopg.connect(desk.owner_url) as connection:
            end_client_and_tokens(connection, program.client_id, desk.now)
        assert live.ended() == "UNAUTHENTICATED"


async def test_officers_read_whom_they_let_in(desk: AccessDesk, program: Program) -> None:
    """Each scope with its words, who said them, and how it ended."""
    key = await granted(desk, "head", program, "roster-core.readonly")
    await granted(desk, "dpo", program, "special-write", reason="Medical notes are kept in the MIS.")
    await desk.do("dpo", "endClientGrant", program=key, scope="roster-core.readonly", reason=OVER)
    special, core = await listed(desk, "dpo", key)
    assert special["id"].startswith("cgr_")
    assert {name: special[name] for name in special if name not in ("id", "declaredByName")} == {
        "program": key, "client": program.client_id, "clientName": "A vendor", "scope": "special-write",
        "purpose": PURPOSE, "declaration": DECLARED, "reason": "Medical notes are kept in the MIS.",
        "declaredBy": desk.id("dpo"), "from": desk.day(), "until": desk.day(90), "inForce": True,
        "endedAt": None, "endedBy": None, "ending": None,
    }  # fmt: skip
    assert (core["reason"], core["declaredBy"], core["inForce"]) == (None, desk.id("head"), False)
    assert (core["until"], core["endedBy"], core["ending"]) == (desk.day(), desk.id("dpo"), OVER)
    body = await desk.ask("head", "{ clientGrants { program client } }")
    clients = {row["program"]: row["client"] for row in body["data"]["clientGrants"]}
    assert (clients[key], clients[desk.id("mis", "prg")]) == (program.client_id, None)


async def test_who_grants_ends_and_reads(desk: AccessDesk, program: Program, app_url: str, pool: Any) -> None:
    """Head and officer of the school; nobody else, and no program for itself, and none at another school."""
    key = await granted(desk, "head", program, "roster-core.readonly")
    wanted = given(desk, program, "gradebook.readonly")
    for handle in ("teacher", "data-manager", "dsl", "governor", "pat", "ann", "mis", "support-granted"):
        await desk.forbidden(handle, "grantClient", **wanted)
        await desk.forbidden(handle, "endClientGrant", program=key, reason=OVER)
        body = await desk.ask(handle, GRANTS, program=key)
        assert codes(body) == ["FORBIDDEN"] or body["data"]["clientGrants"] == [], handle
    token = program.token(desk.world.school_id)
    document = "mutation($i: GrantClientInput!) { grantClient(input: $i) { id } }"
    answer = Client(program.http, token).ask(document, {"i": wanted})
    assert answer.codes == ["FORBIDDEN"]
    elsewhere = small_school(f"elsewhere {uuid4()}", desk.now.date())
    insert_world(app_url, elsewhere)
    other = AccessDesk(elsewhere, pool, desk.owner_url)
    assert await other.refused("head", "endClientGrant", program=key, reason=OVER) == ["NOT_FOUND"]
    assert await listed(other, "head", key) == []
    assert refused_token(program, other)
    assert len(read(program, token)) > 0


async def test_everybody_concerned_is_told_and_it_is_written_down(desk: AccessDesk, program: Program) -> None:
    """Notices to head and officer, an audit row and an event each, and a new version of the program's profile."""
    key = await granted(desk, "head", program, "roster-core.readonly", "gradebook.readonly")
    officers = {desk.world.ids["head"], desk.world.ids["dpo"]}
    assert desk.told("clientGranted") == officers
    await desk.do("dpo", "endClientGrant", program=key, reason=OVER)
    assert desk.told("clientGrantEnded") == officers
    rows = desk.rows(
        "SELECT person_id, elements, details FROM usher.audit_operation WHERE school_id = %s AND kind = 'write'"
        " AND details ->> 'change' LIKE 'client%%' ORDER BY audit_id"
    )
    person = desk.rows(
        "SELECT person_id FROM usher.login_identity WHERE school_id = %s AND identity = %s", program.client_id
    )
    [(program_id,)] = person
    named = {"program": str(program_id), "scopes": "gradebook.readonly roster-core.readonly"}
    assert [(row[0], row[1]) for row in rows] == [
        (desk.world.ids[handle], {"client_grant": []}) for handle in ("head", "dpo")
    ]
    assert rows[0][2] == {"change": "clientGranted", "client": program.client_id, **named}
    assert rows[1][2] == {"change": "clientGrantEnded", **named}
    events = [row[0] for row in desk.rows("SELECT kind FROM usher.outbox_event WHERE school_id = %s")]
    assert {events.count("clientGranted"), events.count("clientGrantEnded")} == {1}
    versions = desk.rows(
        "SELECT profile_version FROM usher.access_profile WHERE school_id = %s AND person_id = %s", program_id
    )
    assert versions == [(3,)]
    body = await desk.ask("dpo", "{ notices { kind about { name id } } }")
    told = {row["kind"]: row["about"] for row in body["data"]["notices"]}
    assert told["clientGranted"] == [{"name": "program", "id": key}]


@pytest.mark.parametrize(
    ("scopes", "changed", "code"),
    [
        ([], {}, "UNKNOWN_SCOPE"),
        (["safeguarding"], {}, "UNKNOWN_SCOPE"),
        (["roster-core.readonly", "Roster-Core"], {}, "UNKNOWN_SCOPE"),
        (["roster-core.readonly"], {"purpose": "too short"}, "WORDS_MISSING"),
        (["roster-core.readonly"], {"declaration": " " * 20}, "WORDS_MISSING"),
        (["roster-core.readonly"], {"declaration": "x" * 501}, "WORDS_MISSING"),
        (["roster-core.readonly"], {"declaration": "We agree\nand nobody else."}, "BAD_TEXT"),
        (["roster-core.readonly"], {"until": 0}, "DATES"),
        (["roster-core.readonly"], {"until": LONGEST.days + 1}, "DATES"),
        (["roster-core.readonly"], {"reason": "Names are needed there."}, "NO_REASON"),
        (["special-write"], {}, "REASON_MISSING"),
        (["roster-core.readonly"], {"client": "nobody-registered-it"}, "NOT_FOUND"),
        (["roster-core.readonly"], {"client": "mis"}, "NOT_FOUND"),
    ],
)
async def test_what_is_no_grant_is_refused(
    quiet_desk: AccessDesk, program: Program, scopes: list[str], changed: dict[str, Any], code: str
) -> None:
    """Nothing is written, and no person of the school is made."""
    if isinstance(changed.get("until"), int):
        changed = changed | {"until": quiet_desk.day(changed["until"])}
    before = quiet_desk.rows("SELECT count(*) FROM usher.person WHERE school_id = %s")
    assert await quiet_desk.refused("head", "grantClient", **given(quiet_desk, program, *scopes, **changed)) == [code]
    assert quiet_desk.rows("SELECT count(*) FROM usher.person WHERE school_id = %s") == before


async def test_a_grant_is_renewed_and_not_repeated(desk: AccessDesk, program: Program) -> None:
    """The same again adds nothing; a later end does, and ending ends them all, once."""
    key = await granted(desk, "head", program, "roster-core.readonly")
    again = given(desk, program, "roster-core.readonly", "gradebook.readonly")
    assert await desk.refused("head", "grantClient", **again) == ["ALREADY_HELD"]
    assert await granted(desk, "head", program, "roster-core.readonly", until=desk.day(LONGEST.days)) == key
    assert [row["inForce"] for row in await listed(desk, "head", key)] == [True, True]
    await desk.do("head", "endClientGrant", program=key, reason=OVER)
    assert [row["inForce"] for row in await listed(desk, "head", key)] == [False, False]
    assert await desk.refused("head", "endClientGrant", program=key, reason=OVER) == ["ENDED"]
    assert await desk.refused("head", "endClientGrant", program=key, scope="nonsense", reason=OVER) == ["UNKNOWN_SCOPE"]
    assert await desk.refused("head", "endClientGrant", program=key, reason="over") == ["REASON_MISSING"]
    assert await desk.refused("head", "endClientGrant", program=desk.id("teacher", "prg"), reason=OVER) == ["NOT_FOUND"]


async def test_what_an_import_granted_is_ended_too(desk: AccessDesk) -> None:
    """The program of the roster has no registered id, and is named by its person."""
    payload = await desk.do("dpo", "endClientGrant", program=desk.id("mis", "prg"), reason=OVER)
    assert payload["userErrors"] == []
    assert await desk.names("mis") == set()


async def test_an_ended_program_is_granted_nothing(desk: AccessDesk, program: Program, app_url: str) -> None:
    """Nor is anything given to it that was granted before."""
    await granted(desk, "head", program, "roster-core.readonly")
    with psycopg.connect(app_url) as connection:
        end_client(connection, program.client_id, desk.now)
    assert await desk.refused("head", "grantClient", **given(desk, program, "gradebook.readonly")) == ["NOT_FOUND"]
    resource = program.resource(desk.world.school_id)
    answer = program.proved("/oauth/token", grant_type="client_credentials", resource=resource)
    assert answer.json()["error"] == "invalid_client"


async def test_two_first_grants_make_one_program(desk: AccessDesk, program: Program) -> None:
    """At once, by two officers."""
    both = await asyncio.gather(
        granted(desk, "head", program, "roster-core.readonly"), granted(desk, "dpo", program, "gradebook.readonly")
    )
    assert len(set(both)) == 1
    assert {row["scope"] for row in await listed(desk, "head", both[0])} == {
        "roster-core.readonly",
        "gradebook.readonly",
    }


async def test_a_grant_is_over_at_its_end(desk: AccessDesk, program: Program) -> None:
    """By itself: the rows say until when."""
    key = await granted(desk, "head", program, "roster-core.readonly", until=desk.day(1))
    until = date.fromisoformat(desk.day(1))
    [row] = await listed(desk, "head", key)
    assert (row["until"], row["inForce"]) == (until.isoformat(), True)
    desk.now += timedelta(days=1)
    [row] = await listed(desk, "head", key)
    assert row["inForce"] is False
