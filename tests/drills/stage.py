"""A server process over a PostgreSQL of the drill's own, as the settings of `usher run` have it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from server.database.embedded import Cluster, running_cluster
from server.database.roles import APP, OWNER
from server.migrations import migrate
from server.settings import Settings
from tests.drills.product import UNLIMITED, drill_folder
from tests.drills.proxy import Line
from tests.drills.report import Say
from tests.e2e.serving import Server, serving

SETTINGS: Mapping[str, str] = {
    **UNLIMITED,
    "USHER_LOG_LEVEL": "warning",
    "USHER_POOL_TIMEOUT": str(Settings.model_fields["usher_pool_timeout"].default),
}


@dataclass(frozen=True, slots=True)
class Stage:
    """`line` is what the server reaches PostgreSQL through; the drill itself goes straight."""

    folder: Path
    cluster: Cluster
    line: Line
    server: Server

    @property
    def app_url(self) -> str:
        return self.cluster.url(APP)

    @property
    def owner_url(self) -> str:
        return self.cluster.url(OWNER)


@contextmanager
def stage(name: str, say: Say, prepare: Callable[[Path], None] = lambda _: None) -> Generator[Stage]:
    """All of it, ready; taken down at the end. `prepare` is given the folder of PostgreSQL before there is one."""
    with ExitStack() as stack:
        folder = stack.enter_context(drill_folder(name))
        prepare(folder / "cluster")
        cluster = stack.enter_context(running_cluster(folder / "cluster", say))
        migrate(cluster.url(OWNER))
        line = stack.enter_context(line_to(cluster.url(APP)))
        [server] = stack.enter_context(serving(through(cluster.url(APP), line), folder))
        server.kill()
        server.start(**SETTINGS)
        server.ready()
        yield Stage(folder, cluster, line, server)


@contextmanager
def line_to(url: str) -> Generator[Line]:
    parts = urlsplit(url)
    with Line(parts.hostname or "", parts.port or 0) as line:
        yield line


def through(url: str, line: Line) -> str:
    """The database of that address by way of the line."""
    parts = urlsplit(url)
    return parts._replace(netloc=f"{parts.username}:{parts.password}@127.0.0.1:{line.port}").geturl()
