"""The drills of tests/drills, short: what they find, but for figures in seconds, which `make drill` asks for."""

from __future__ import annotations

import signal
from collections.abc import Callable, Generator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest

from server.database.embedded import Cluster
from server.database.postmaster import read_postmaster
from server.database.roles import APP, OWNER
from server.migrations import migrate
from server.web.serving import give_up_stuck
from tests.database import Database
from tests.drills import clock, cut, disk, exhausted, postgres, stuck
from tests.drills import schools as drilled
from tests.drills.product import drill_folder, kill
from tests.drills.report import Figure, Report
from tests.drills.shifted import VARIABLE
from tests.drills.stage import Stage, line_to, through
from tests.drills.traffic import LEARNERS, Caller, Reader
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
        assert wanting(report) == []
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


@dataclass(frozen=True, slots=True)
class Own:
    """A PostgreSQL of these tests' own, which may die: `no_disk` says why it has no small disk to itself."""

    folder: Path
    cluster: Cluster
    no_disk: str


@pytest.fixture(scope="module")
def own() -> Generator[Own]:
    """One for the module, where it can be on a small disk; flushing is left out: no test here ends the machine."""
    with ExitStack() as stack:
        folder = stack.enter_context(drill_folder("short"))
        no_disk = ""
        try:
            stack.enter_context(disk.small_disk(folder / "cluster", 192))
        except disk.NoDisk as error:
            no_disk = str(error)
        cluster = Cluster(folder / "cluster", server_settings={"fsync": "off"})
        cluster.start()
        stack.callback(cluster.stop)
        migrate(cluster.url(OWNER))
        yield Own(folder, cluster, no_disk)


@pytest.fixture
def on(own: Own, restarted: Restart) -> Generator[Stage]:
    """The last server, over that PostgreSQL."""
    with line_to(own.cluster.url(APP)) as line:
        server = restarted(USHER_DATABASE_URL=through(own.cluster.url(APP), line))
        yield Stage(own.folder, own.cluster, line, server)


def test_postgresql_dies_and_is_started_again(on: Stage) -> None:
    """Refusals are coded, everybody is served again, and nothing that was acknowledged is lost or doubled."""

    def end(number: signal.Signals) -> None:
        found = read_postmaster(on.cluster.files.data)
        assert found is not None
        kill(found.pid, number)
        assert on.cluster.ensure_running()

    deaths = [("immediate shutdown", lambda: end(signal.SIGQUIT)), ("killed", lambda: end(signal.SIGKILL))]
    world = drilled.school(on.app_url, "short, postgres")
    url, home = on.server.url, on.server.home
    readers = [Reader(drilled.caller(url, home, world, "teacher"), pause=0.05) for _ in range(2)]
    at_work = drilled.writers(url, home, world, "short")
    report = Report("postgres")
    postgres.measure(report, on.app_url, on.owner_url, at_work, readers, deaths, 0.0, print)
    assert wanting(report) == []


def test_the_disk_of_postgresql_is_full(own: Own, on: Stage) -> None:
    """Reads go on, nothing is written or shown without its audit row, and all is there once there is space again."""
    if own.no_disk:
        pytest.skip(own.no_disk)
    report = Report("disk")
    disk.measure(report, on, 0.0, print)
    assert wanting(report) == []


@pytest.mark.skipif(not stuck.GIVES_UP, reason="the kernel can't give up by itself")
def test_followers_that_never_read(restarted: Restart, app_url: str) -> None:
    """They are cut, though nobody closes them, and others are told and served as ever."""
    server = restarted()
    assert 0 < stuck.patience(server) <= stuck.PATIENCE, "the server asked the kernel for it"
    give_up_stuck(server.listener, 1.0)  # what it accepts from now on; the next start asks for its own again
    report = Report("stuck")
    stuck.measure(report, server, [drilled.school(app_url, "short, stuck")], 8, stuck.PATIENCE, print)
    assert report.short == []
    assert report.holds


def wanting(report: Report) -> list[Figure]:
    """What fell short, but for seconds."""
    assert any(one.asked for one in report.figures)
    return [one for one in report.figures if not one.holds and not one.asked.startswith("at most")]
