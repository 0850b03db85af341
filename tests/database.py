"""Databases for tests: a plugin (`pytest_plugins = ["tests.database"]`) that starts nothing until a test asks.

By default one embedded PostgreSQL serves all workers of a run, without fsync, in a folder that is removed at the end.
With USHER_DATABASE_URL and USHER_OWNER_DATABASE_URL set, one's own server is used instead: if the owner has CREATEDB,
databases named `usher_test_...` are made beside the given one and dropped at the end, with its collation; without
CREATEDB, the schema `usher` of the given database is dropped and migrated again, which works with one worker only, and
tests that need a database to themselves are skipped.

Every worker gets a database of its own, copied from one that was migrated once.
"""

import os
import secrets
import shutil
import tempfile
import time
from collections.abc import AsyncGenerator, Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, cast
from urllib.parse import urlsplit

import psycopg
import pytest
import pytest_asyncio
from psycopg import sql

from server.database.embedded import Cluster
from server.database.pool import Pool
from server.database.roles import APP, AUDIT, OWNER
from server.migrations import migrate
from tests.letters import publish_letter_key
from tests.wire_tap import WireTap

_LOCK = 2026112101
_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_wal_size": "8GB"}
_PREFIX = "usher_test"


@dataclass(frozen=True, slots=True)
class Database:
    """The addresses of one database; `audit_url` is None on one's own server unless USHER_AUDIT_DATABASE_URL is set."""

    name: str
    owner_url: str
    app_url: str
    audit_url: str | None


class DatabaseMaker(Protocol):
    """Makes databases like the worker's, dropped after the test that asked."""

    def __call__(self) -> Database: ...


@dataclass(frozen=True, slots=True)
class Run:
    """One test run: known to its controller and, through xdist, to its workers."""

    folder: Path
    word: str


_RUN = pytest.StashKey[Run]()
_SERVER = pytest.StashKey["Server"]()


class Server:
    """The server of this run, from one worker's point of view."""

    def __init__(self, run: Run, worker: str) -> None:
        self._run = run
        self._worker = worker
        self._count = 0
        self._cluster: Cluster | None = None
        self._own = os.environ.get("USHER_DATABASE_URL"), os.environ.get("USHER_OWNER_DATABASE_URL")
        if self._own == (None, None):
            self._cluster = Cluster(run.folder, server_settings=_FAST)
            self._cluster.start()
        elif None in self._own:
            raise pytest.UsageError("Set both USHER_DATABASE_URL and USHER_OWNER_DATABASE_URL, or neither.")

    @property
    def superuser_url(self) -> str | None:
        """A superuser's address on the embedded server; None on one's own."""
        return None if self._cluster is None else self._cluster.url("postgres", "postgres")

    def stop(self) -> None:
        if self._cluster is not None:
            self._cluster.stop()

    def database(self, name: str) -> Database:
        """The addresses of the database with that name, whether or not it exists."""
        if self._cluster is not None:
            owner, app, audit = (self._cluster.url(role, name) for role in (OWNER, APP, AUDIT))
            return Database(name, owner, app, audit)
        app, owner = (_renamed(url or "", name) for url in self._own)
        audit = os.environ.get("USHER_AUDIT_DATABASE_URL")
        return Database(name, owner, app, audit and _renamed(audit, name))

    def make(self) -> Database:
        """A migrated database of its own."""
        if not self.can_create:
            return self._wiped()
        self._count += 1
        made = self.database(f"{_PREFIX}_{self._run.word}_{self._worker}_{self._count}")
        with self._maintenance() as connection:
            connection.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
            template = self._template(connection)
            owner = OWNER if self._cluster is not None else connection.info.user
            options = sql.SQL("OWNER {} TEMPLATE {}").format(sql.Identifier(owner), sql.Identifier(template))
            _create(connection, made.name, options)
        return made

    def drop(self, database: Database) -> None:
        """Drop it now, whoever is still connected."""
        if self.can_create:
            with self._maintenance() as connection:
                _drop(connection, database.name)

    def drop_all(self) -> None:
        """Drop what this run made, by its word."""
        with self._maintenance() as connection:
            found = connection.execute(
                "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [f"{_PREFIX}_{self._run.word}_"]
            ).fetchall()
            for (name,) in found:
                _drop(connection, name)

    def _maintenance(self) -> psycopg.Connection[tuple[Any, ...]]:
        if self._cluster is not None:
            return psycopg.connect(self._cluster.url("postgres", "postgres"), autocommit=True)
        return psycopg.connect(self._own[1] or "", autocommit=True)

    @property
    def can_create(self) -> bool:
        """Whether databases can be made beside the given one."""
        if self._cluster is not None:
            return True
        with self._maintenance() as connection:
            query = "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
            return connection.execute(query).fetchone() == (True,)

    def _template(self, connection: psycopg.Connection[tuple[Any, ...]]) -> str:
        """The migrated database, made by the first worker that holds the lock; others find it renamed when whole."""
        whole = f"{_PREFIX}_{self._run.word}_template"
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [whole]).fetchone():
            return whole
        unfinished = f"{whole}_unfinished"
        _drop(connection, unfinished)
        _create(connection, unfinished, self._like_the_given(connection))
        migrate(self.database(unfinished).owner_url)
        publish_letter_key(self.database(unfinished).owner_url)
        connection.execute(
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(unfinished), sql.Identifier(whole))
        )
        return whole

    def _like_the_given(self, connection: psycopg.Connection[tuple[Any, ...]]) -> sql.Composable:
        """Owner and, on one's own server, encoding and collation of the given database."""
        if self._cluster is not None:
            return sql.SQL("OWNER {} TEMPLATE template0").format(sql.Identifier(OWNER))
        query = "SELECT datcollate, datctype, datlocprovider FROM pg_database WHERE datname = current_database()"
        collate, ctype, provider = connection.execute(query).fetchone() or (None, None, "")
        if provider not in ("c", b"c"):
            return sql.SQL("ENCODING 'UTF8'")
        return sql.SQL("TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE {} LC_CTYPE {}").format(collate, ctype)

    def _wiped(self) -> Database:
        if self._worker != "main" and os.environ.get("PYTEST_XDIST_WORKER_COUNT") != "1":
            raise pytest.UsageError("Give the owner CREATEDB, or run the tests in one process (-n 0).")
        url = self._own[1] or ""
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("DROP SCHEMA IF EXISTS usher, procrastinate CASCADE")
        migrate(url)
        publish_letter_key(url)
        return self.database(urlsplit(url).path.lstrip("/"))


def folder_of(config: pytest.Config) -> Path:
    """Where the embedded server of the run is, if there is one."""
    return config.stash[_RUN].folder


def pytest_configure(config: pytest.Config) -> None:
    handed_over: dict[str, str] = getattr(config, "workerinput", {})
    if "usher_folder" in handed_over:
        config.stash[_RUN] = Run(Path(handed_over["usher_folder"]), handed_over["usher_word"])
    else:
        config.stash[_RUN] = Run(Path(tempfile.gettempdir()) / f"usher-{secrets.token_hex(4)}", secrets.token_hex(3))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """xdist: tell the worker which run it belongs to."""
    run = cast("pytest.Config", node.config).stash[_RUN]
    node.workerinput["usher_folder"] = str(run.folder)
    node.workerinput["usher_word"] = run.word


def pytest_unconfigure(config: pytest.Config) -> None:
    """Drop databases, stop the server and remove its folder, once all workers have ended."""
    if hasattr(config, "workerinput"):
        return  # its server must outlive it for the other workers; the controller stops it
    run = config.stash.get(_RUN, None)
    if run is None:
        return  # configuring failed before us
    server = config.stash.get(_SERVER, None)
    embedded = run.folder.exists()
    if not embedded and (server is not None or os.environ.get("USHER_OWNER_DATABASE_URL")):
        (server or Server(run, "main")).drop_all()
    if embedded:
        _stop_embedded(server, run)
        shutil.rmtree(run.folder, ignore_errors=True)


def _stop_embedded(server: Server | None, run: Run) -> None:
    """Stop it, taking it over first from a worker that has just ended."""
    if server is not None:
        server.stop()
        return
    cluster = Cluster(run.folder, server_settings=_FAST)
    deadline = time.monotonic() + 10
    while not cluster.supervising and time.monotonic() < deadline:
        cluster.start()
    cluster.stop()


@pytest.fixture(scope="session")
def database_server(request: pytest.FixtureRequest) -> Server:
    """The run's server, started by the first test that asks for it."""
    config = request.config
    if _SERVER not in config.stash:
        worker = cast("dict[str, str]", getattr(config, "workerinput", {})).get("workerid", "main")
        config.stash[_SERVER] = Server(config.stash[_RUN], worker)
    return config.stash[_SERVER]


@pytest.fixture(scope="session")
def database(database_server: Server) -> Database:
    """The worker's database, migrated and otherwise empty. Tests keep apart by schools of their own."""
    return database_server.make()


@pytest.fixture(scope="session")
def owner_url(database: Database) -> str:
    return database.owner_url


@pytest.fixture(scope="session")
def app_url(database: Database) -> str:
    return database.app_url


@pytest.fixture
def make_database(database_server: Server) -> Generator[Callable[[], Database]]:
    """For tests that need a database to themselves."""
    made: list[Database] = []
    if not database_server.can_create:
        pytest.skip("needs an owner with CREATEDB")

    def make() -> Database:
        made.append(database_server.make())
        return made[-1]

    yield make
    for database in made:
        database_server.drop(database)


@pytest.fixture
def wire_tap(app_url: str) -> Generator[WireTap]:
    """A tap in front of the worker's database."""
    with WireTap(app_url) as tap:
        yield tap


@pytest_asyncio.fixture
async def pool(app_url: str) -> AsyncGenerator[Pool]:
    """A small pool of the application's role."""
    async with Pool(app_url, min_size=1, max_size=4) as pool:
        yield pool


def _renamed(url: str, database: str) -> str:
    return urlsplit(url)._replace(path=f"/{database}").geturl()


def _create(connection: psycopg.Connection[tuple[Any, ...]], name: str, options: sql.Composable) -> None:
    connection.execute(sql.SQL("CREATE DATABASE {} {}").format(sql.Identifier(name), options))


def _drop(connection: psycopg.Connection[tuple[Any, ...]], name: str) -> None:
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
