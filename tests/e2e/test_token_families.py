"""A family of an app's tokens ends as one: at once for every worker, and for nobody else."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from server.identity.keys import token_key
from server.identity.oauth.clients import register_client
from server.identity.oauth.families import NewFamily, begin_family, end_families, end_family, families_of
from server.identity.oauth.school_access import act_at
from server.identity.tokens import TokenIssuer
from tests.e2e.serving import Client, Server
from tests.worlds import World, insert_world, small_school

WHO = "{ viewer { roles } }"


@pytest.fixture(scope="module")
def school(app_url: str, today: Any) -> World:
    world = small_school(f"families {uuid4()}", today)
    insert_world(app_url, world)
    return world


@pytest.fixture(scope="module")
def app(app_url: str) -> str:
    client_id = f"app-{uuid4().hex[:12]}"
    with psycopg.connect(app_url) as connection:
        register_client(connection, client_id, "An app", datetime.now(UTC))
    return client_id


def begun(app_url: str, world: World, app: str, handle: str = "teacher", **named: Any) -> UUID:
    """A family of the teacher's, or of whomever."""
    new: dict[str, Any] = {
        "client_id": app,
        "account_id": uuid4(),
        "session_id": uuid4(),
        "school_id": world.school_id,
        "person_id": world.ids[handle],
        "capacity": "STAFF",
        "scopes": frozenset({"read"}),
        "consent_id": None,
        "authenticated_at": datetime.now(UTC),
        "factor": True,
    } | named
    with psycopg.connect(app_url) as connection:
        return begin_family(connection, NewFamily(**new), datetime.now(UTC))


def ended(app_url: str, **named: Any) -> int:
    with psycopg.connect(app_url) as connection:
        return end_families(connection, datetime.now(UTC), **named)


def client_of(server: Server, world: World, family: UUID, handle: str = "teacher") -> Client:
    issuer = TokenIssuer(token_key(server.home / "keys"))
    token = issuer.issue(world.school_id, world.ids[handle], "STAFF", 600, "app", more={"sid": str(family)})
    return Client(server.http, token)


def test_an_ended_family_is_refused_by_every_process_at_once(
    app_url: str, servers: list[Server], school: World, app: str
) -> None:
    """Though each has just believed its token; another family of the same person goes on."""
    family, other = begun(app_url, school, app), begun(app_url, school, app)
    clients = [client_of(server, school, family) for server in servers]
    others = [client_of(server, school, other) for server in servers]
    assert [one.ask(WHO).status for one in (*clients, *others)] == [200] * 2 * len(servers)
    assert ended(app_url, family_id=family) == 1
    assert [one.ask(WHO).status for one in clients] == [401] * len(servers)
    assert [one.ask(WHO).status for one in others] == [200] * len(servers)


@pytest.mark.parametrize("name", ["session_id", "account_id"])
def test_a_session_and_an_account_end_theirs(app_url: str, server: Server, school: World, app: str, name: str) -> None:
    """All that was begun in it, and nothing that wasn't; a second time there is nothing left to end."""
    key = uuid4()
    mine = [begun(app_url, school, app, handle="teacher", **{name: key}) for _ in range(2)]
    other = begun(app_url, school, app)
    assert ended(app_url, **{name: key}) == 2
    assert ended(app_url, **{name: key}) == 0
    assert [client_of(server, school, family).ask(WHO).status for family in (*mine, other)] == [401, 401, 200]


def test_the_account_page_lists_and_ends_ones_own(app_url: str, school: World, app: str) -> None:
    """Somebody else's can be neither seen nor ended; the transaction acts where it did before."""
    mine, theirs, now = uuid4(), uuid4(), datetime.now(UTC)
    family = begun(app_url, school, app, account_id=mine)
    with psycopg.connect(app_url) as connection:
        act_at(connection, school.school_id, school.ids["head"])
        (listed,) = families_of(connection, mine, now)
        assert (listed.family_id, listed.app, listed.capacity, listed.scopes) == (family, "An app", "STAFF", ["read"])
        assert families_of(connection, theirs, now) == []
        assert not end_family(connection, theirs, family, now)
        assert len(families_of(connection, mine, now)) == 1
        assert end_family(connection, mine, family, now)
        assert families_of(connection, mine, now) == []
        assert connection.execute("SELECT current_setting('app.person')").fetchone() == (str(school.ids["head"]),)


def test_naming_nothing_ends_nothing(app_url: str, school: World, app: str, server: Server) -> None:
    """A caller without an id has no way to end all of them."""
    family = begun(app_url, school, app, session_id=None)
    assert ended(app_url) == 0
    assert ended(app_url, session_id=None, account_id=None) == 0
    assert client_of(server, school, family).ask(WHO).status == 200
