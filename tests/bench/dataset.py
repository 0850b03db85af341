"""What is measured on: an embedded PostgreSQL in a folder of its own, filled once and kept for later runs."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from server.database.binaries import server_user
from server.database.cluster_files import ClusterFiles
from server.database.embedded import SUPERUSER, Cluster, running_cluster
from server.database.postmaster import is_alive, read_postmaster
from server.database.roles import APP, OWNER
from server.migrations import migrate
from tests.bench.world import BenchSchool, generate_world

Say = Callable[[str], None]
SOURCE = Path(__file__).resolve().parents[2]
_MADE_BY = (
    "server/migrations",
    "server/demo",
    "server/exchange",
    "server/grading",
    "tests/bench/world.py",
    "tests/bench/questions.py",
)


@dataclass(frozen=True, slots=True)
class Size:
    name: str
    schools: int
    marks: int


# Those of one, fifty and two hundred schools have as many marks a school, but for the one, which is asked in each.
ONE, FIFTY, LARGE = Size("one", 1, 117_000), Size("fifty", 50, 1_250_000), Size("large", 200, 5_000_000)
SIZES = {size.name: size for size in (ONE, Size("small", 20, 300_000), FIFTY, LARGE)}
GROWING = (ONE, FIFTY, LARGE)


@dataclass(frozen=True, slots=True)
class Dataset:
    """A running database; `school` is its largest, and the one whose accounts ask. `home` holds its keys."""

    size: Size
    home: Path
    cluster: Cluster
    schools: list[BenchSchool]

    @property
    def school(self) -> BenchSchool:
        return self.schools[0]

    @property
    def marks(self) -> int:
        return sum(school.marks for school in self.schools)

    @property
    def app_url(self) -> str:
        return self.cluster.url(APP)

    @property
    def owner_url(self) -> str:
        return self.cluster.url(OWNER)


@contextmanager
def dataset(size: Size, folder: Path, say: Say) -> Generator[Dataset]:
    """The data of that size below `folder`: kept data is used again while everything that makes it is unchanged."""
    home = folder / f"{size.name}-{_digest()}"
    whole = home / "whole.json"
    for other in folder.glob(f"{size.name}-*"):
        if (other != home or not whole.exists()) and not _serving(other):
            shutil.rmtree(other)
    if home.exists() and not whole.exists():
        _unmade(home, say)
    home.mkdir(parents=True, exist_ok=True)
    with running_cluster(home, say) as cluster:
        if not whole.exists():
            say(f"Generating {size.schools} schools and about {size.marks:,} marks: once, a few minutes")
            migrate(cluster.url(OWNER))
            made = generate_world(cluster.url(APP), cluster.url(SUPERUSER), size.schools, size.marks)
            whole.write_text(json.dumps([{**asdict(school), "school_id": str(school.school_id)} for school in made]))
        yield Dataset(size, home, cluster, _schools(whole))


def _unmade(home: Path, say: Say) -> None:
    """Half of the data, of a run that was killed while it made it: its PostgreSQL may still run."""
    cluster = Cluster(home, say)
    cluster.start()
    if not cluster.supervising:
        raise RuntimeError(f"another run is making the data in {home}: wait until it has")
    cluster.stop()
    shutil.rmtree(home)


def _serving(home: Path) -> bool:
    """Another run's server uses the folder."""
    found = read_postmaster(ClusterFiles(home, server_user()).data)
    return found is not None and is_alive(found.pid, ClusterFiles(home, server_user()).data)


def _schools(whole: Path) -> list[BenchSchool]:
    known = json.loads(whole.read_text())
    return [BenchSchool(UUID(one["school_id"]), one["learners"], one["marks"], one["suffix"]) for one in known]


def _digest() -> str:
    """Of the files that make the data, and of the month, since its dates are counted from today."""
    found = hashlib.sha256(f"{datetime.now(UTC):%Y-%m}".encode())
    for name in _MADE_BY:
        path = SOURCE / name
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.suffix in (".py", ".sql", ".csv", ".json"):
                found.update(file.read_bytes())
    return found.hexdigest()[:12]
