"""Who is refused by right leaves a line in the log: what for, and where; never who, nor what was asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.accounts import Holder, holder
from tests.e2e.live import raw_socket
from tests.e2e.pages import Person
from tests.e2e.programs import registered
from tests.e2e.serving import Client, Server
from tests.worlds import World

CANARY = "Quokka-of-the-refused"
OFFICERS = (
    f'query Q($q: String = "{CANARY}") {{ policyVersions {{ version }}'
    " a: learners(filter: {name: {contains: $q}}) { totalCount } }"
)


def refused(server: Server, act: Callable[[], object]) -> list[dict[str, Any]]:
    """The lines that the act left, without their moments."""
    begun = server.log.stat().st_size
    act()
    said = server.log.read_bytes()[begun:].decode()
    assert CANARY not in said
    lines = [json.loads(line) for line in said.splitlines() if '"event": "refused"' in line]
    assert all(line.pop("timestamp").endswith("Z") for line in lines)
    assert all(line.pop("level") == "info" and line.pop("event") == "refused" for line in lines)
    return lines


def test_a_token_that_is_none_leaves_a_line(server: Server) -> None:
    """Over HTTP, and over WebSocket."""
    bad = Client(server.http, CANARY)
    line = {"code": "UNAUTHENTICATED", "route": "/graphql"}
    assert refused(server, lambda: bad.ask("{ viewer { roles } }")) == [line]

    def greet() -> None:
        with raw_socket(server) as live:
            live.send({"type": "connection_init", "payload": {"Authorization": f"Bearer {CANARY}"}})
            with pytest.raises(Exception, match="4403"):
                live.receive()

    assert refused(server, greet) == [line]


@pytest.mark.parametrize(("handle", "code"), [("pat", "FORBIDDEN"), ("teacher", "FORBIDDEN")])
def test_what_may_not_be_asked_leaves_a_line(server: Server, quiet: World, handle: str, code: str) -> None:
    """Inside an answer of 200 as in one of 403."""
    client = server.client(quiet, handle)
    assert refused(server, lambda: client.ask(OFFICERS)) == [{"code": code, "route": "/graphql"}]


def test_one_factor_where_two_are_demanded_leaves_a_line(server: Server, quiet: World) -> None:
    client = server.client(quiet, "dpo", factor=False)
    found = refused(server, lambda: client.ask("{ viewer { roles } }"))
    assert found == [{"code": "SECOND_FACTOR_REQUIRED", "route": "/graphql"}]


def test_a_wrong_secret_of_a_program_leaves_a_line(server: Server, app_url: str, quiet: World) -> None:
    program = registered(app_url, server.http, quiet)
    program.secret = CANARY
    found = refused(server, lambda: program.proved("/oauth/token", grant_type="client_credentials"))
    assert found == [{"code": "invalid_client", "route": "/oauth"}]


def test_what_is_answered_or_only_malformed_leaves_none(server: Server, quiet: World) -> None:
    """The control: a log of everything would be of no use."""
    client = server.client(quiet, "teacher")
    for document in ("{ viewer { roles } }", "{ nothing }", "{"):
        assert refused(server, lambda document=document: client.ask(document)) == []


def test_each_step_of_signing_in_leaves_a_line(server: Server, app_url: str, quiet: World) -> None:
    """Right and wrong, by its word; of nobody's name too."""
    pat = holder(app_url, (quiet, "pat"))
    found: list[str] = []
    for one in (Holder(pat.account_id, pat.name, CANARY), pat, Holder(pat.account_id, CANARY, CANARY)):
        begun = server.log.stat().st_size
        one.sign_in(Person(server.http))
        said = server.log.read_bytes()[begun:].decode()
        assert CANARY not in said
        assert pat.name not in said
        found += [json.loads(line)["code"] for line in said.splitlines() if '"event": "sign-in"' in line]
    assert found == ["Wrong", "SignedIn", "Wrong"]
