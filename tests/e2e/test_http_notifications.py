"""A published version is heard of by every worker at once, and holds in every worker whether it was heard of or not."""

import time
from collections.abc import Callable
from datetime import date
from uuid import uuid4

import psycopg
import pytest

from server.policies.shipped import starting_book
from tests.conftest import SERVERS
from tests.e2e.policy_desk import Desk
from tests.e2e.publishing import publish, without
from tests.e2e.serving import Server
from tests.worlds import World, insert_world, small_school

PATIENCE = 60.0
ASKED = "{ learners { nodes { gender } } }"


@pytest.fixture
def school(app_url: str, today: date) -> World:
    world = small_school(f"notifications {uuid4()}", today)
    insert_world(app_url, world)
    return world


def shows_gender(server: Server, school: World) -> bool:
    rows = server.client(school, "teacher").ask(ASKED).data["learners"]["nodes"]
    assert rows
    return any(row["gender"] for row in rows)


def notify(app_url: str, payload: str) -> None:
    with psycopg.connect(app_url, autocommit=True) as connection:
        connection.execute("SELECT pg_notify('usher_policy', %s)", [payload])


def said(server: Server, event: str) -> int:
    return server.log.read_text().count(f'"event": "{event}"')


def wait_for(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_version_that_was_heard_of_is_at_hand_in_every_worker(
    servers: list[Server], school: World, app_url: str, owner_url: str
) -> None:
    """Each of four workers that serves the school loads it when notified, and answers by it."""
    assert [shows_gender(server, school) for server in servers] == [True] * SERVERS
    before = [said(server, "rule book at hand") for server in servers]
    version = publish(owner_url, school, without("r116"))
    notify(app_url, f"{school.school_id}:{version}")
    wait_for(lambda: all(said(server, "rule book at hand") > n for server, n in zip(servers, before, strict=True)))
    assert [shows_gender(server, school) for server in servers] == [False] * SERVERS


def test_a_version_that_was_published_by_the_api_is_heard_of_by_every_worker(
    servers: list[Server], school: World, owner_url: str
) -> None:
    """By publishPolicy in one of four workers: the others are told with its COMMIT, by nobody else."""
    assert [shows_gender(server, school) for server in servers] == [True] * SERVERS
    desk = Desk(servers[0], school, owner_url)
    approved = desk.approved()
    before = [said(server, "rule book at hand") for server in servers]
    desk.publish(approved)
    wait_for(lambda: all(said(server, "rule book at hand") > n for server, n in zip(servers, before, strict=True)))
    assert [shows_gender(server, school) for server in servers] == [False] * SERVERS


def test_a_notification_may_be_lost(servers: list[Server], school: World, owner_url: str) -> None:
    """Nobody is told, and the first request after the COMMIT uses the new version in every worker."""
    assert [shows_gender(server, school) for server in servers] == [True] * SERVERS
    publish(owner_url, school, without("r116"))
    assert [shows_gender(server, school) for server in servers] == [False] * SERVERS


def test_listeners_may_be_killed_and_listen_again(
    servers: list[Server], school: World, app_url: str, owner_url: str
) -> None:
    """Versions hold while nobody listens; later ones are heard of again."""
    assert [shows_gender(server, school) for server in servers] == [True] * SERVERS
    before = [said(server, "listening") for server in servers]
    with psycopg.connect(app_url, autocommit=True) as connection:
        killed = connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'usher listener' AND datname = current_database()"
        ).fetchall()
    assert len(killed) >= SERVERS
    publish(owner_url, school, without("r116"))
    assert [shows_gender(server, school) for server in servers] == [False] * SERVERS
    wait_for(lambda: all(said(server, "listening") > n for server, n in zip(servers, before, strict=True)))
    heard = [said(server, "rule book at hand") for server in servers]
    version = publish(owner_url, school, starting_book())
    notify(app_url, f"{school.school_id}:{version}")
    wait_for(lambda: all(said(server, "rule book at hand") > n for server, n in zip(servers, heard, strict=True)))
    assert [shows_gender(server, school) for server in servers] == [True] * SERVERS


@pytest.mark.parametrize("payload", ["", ":", "nonsense", "{school}:99", "{school}:-1", "{school}:x", "{other}:1"])
def test_a_foreign_notification_changes_nothing(
    servers: list[Server], school: World, app_url: str, payload: str
) -> None:
    """Any program of the database may notify: what it says is believed in nothing."""
    assert shows_gender(servers[0], school)
    before = said(servers[0], "a notification was of no use")
    notify(app_url, payload.format(school=school.school_id, other=uuid4()))
    notify(app_url, "the end")
    wait_for(lambda: said(servers[0], "a notification was of no use") > before)
    assert [shows_gender(server, school) for server in servers] == [True] * SERVERS
