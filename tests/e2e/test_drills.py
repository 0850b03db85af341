"""The drills of tests/drills, short: what they find, but for figures in seconds, which `make drill` asks for."""

from __future__ import annotations

from collections.abc import Callable, Generator
from datetime import date
from uuid import uuid4

import pytest

from tests.database import Database
from tests.drills import clock, cut, exhausted
from tests.drills.report import Report
from tests.drills.shifted import VARIABLE
from tests.drills.stage import line_to, through
from tests.drills.traffic import LEARNERS, Caller
from tests.e2e.serving import Server
from tests.unit.commands.desk import crowd
from tests.worlds import World, insert_world, small_school

Restart = Callable[..., Server]


@pytest.fixture
def restarted(servers: list[Server]) -> Generator[Restart]:
    """The last server, started again with other variables; as it was at the end."""
    mortal = servers[-1]

    def restart(**environment: str) -> Server:
        mortal.kill()
        mortal.start(**environment)
        mortal.ready()
        return mortal

    yield restart
    restart()


@pytest.fixture(scope="module")
def school(app_url: str, today: date) -> World:
    """The small school, with a crowd that has no marks yet."""
    world = small_school(f"drills {uuid4()}", today)
    crowd(world, LEARNERS)
    insert_world(app_url, world)
    return world


def callers(server: Server, world: World, count: int) -> list[Caller]:
    return [Caller(server.url, server.client(world, "teacher").token) for _ in range(count)]


def test_an_exhausted_pool_refuses_and_recovers(restarted: Restart, school: World, owner_url: str) -> None:
    """Who finds no connection is told to come back; once there are some again, everybody is served."""
    server = restarted(USHER_POOL_MIN="2", USHER_POOL_MAX="2", USHER_POOL_TIMEOUT="0.3")
    report = Report("pool")
    exhausted.measure(report, owner_url, callers(server, school, 8), 2)
    assert report.short == []
    assert report.holds


@pytest.mark.parametrize("how", ["hole", "reset"])
def test_a_line_to_the_database_is_cut(
    restarted: Restart, bare_app_url: str, owner_url: str, how: str, app_url: str, today: date
) -> None:
    """Who asks meanwhile waits or is told to come back, nothing acknowledged is lost, and everybody is served again."""
    world = small_school(f"drills, cut {uuid4()}", today)
    crowd(world, LEARNERS)
    insert_world(app_url, world)
    with line_to(bare_app_url) as line:
        server = restarted(USHER_DATABASE_URL=through(bare_app_url, line))
        with line_to(server.url) as front:
            report = Report("cut")
            near, far = cut.people(server, world, front)
            cut.measure(report, owner_url, line, how, 0.5, near, far, hurts_all=True)
        assert [one for one in report.figures if not one.holds and not one.asked.startswith("at most")] == []
        restarted()


def test_a_server_s_clock_is_wrong(restarted: Restart, servers: list[Server], database: Database) -> None:
    """Five minutes behind: nothing is lost or doubled, what is over is over, and whoever is refused is told a code."""
    if database.audit_url is None:
        pytest.skip("needs usher_audit")
    places = clock.Places(database.app_url, database.owner_url, database.audit_url)
    report = Report("clock")
    clock.measure(report, places, servers[0], restarted(**{VARIABLE: "-300"}), -300)
    assert report.short == []
    assert report.holds
