"""The database's disk is full: no write and no logged read without its audit row, other reads go on, and it recovers.

The small disk holds all of PostgreSQL. Tables can't grow first: reads go on. Then the write-ahead log is made to need a
new file, of which PostgreSQL ends itself; once there is space it comes back with all that was acknowledged.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final

import psycopg

from server.database.cluster_files import SUPERUSER
from server.errors import Unavailable
from tests.drills.postgres import judge, recovered
from tests.drills.report import Report, Say
from tests.drills.schools import school, token, writers
from tests.drills.stage import Stage, stage
from tests.drills.traffic import Caller, Reader, Writer, working

MEGABYTES: Final = 320
FULL: Final = 10.0
RECOVERY: Final = 15.0
LOGGED: Final = "{ learners(first: 20) { nodes { id sen { needs } } } }"
_LOOK: Final = 0.05
_PATIENCE: Final = 60.0


class NoDisk(Exception):
    """No small disk can be had here: the reason."""


def drill(seed: int, say: Say) -> Report:
    """PostgreSQL's folder is a small disk of its own, filled by a file of somebody else's for ten seconds."""
    del seed
    report = Report("disk")
    try:
        with (
            ExitStack() as disks,
            stage("disk", say, lambda folder: disks.enter_context(small_disk(folder, MEGABYTES))) as on,
        ):
            measure(report, on, FULL, say)
    except NoDisk as error:
        report.skipped = str(error)
    return report


def measure(report: Report, on: Stage, seconds: float, say: Say) -> None:
    """Fill it under load for so long at least, then its log; free it, and compare the rows with what was answered."""
    world = school(on.app_url, "disk")
    at_work = writers(on.server.url, on.server.home, world, "disk")
    plain = Reader(Caller(on.server.url, token(on.server.home, world, "teacher")), pause=0.02)
    logged = Reader(Caller(on.server.url, token(on.server.home, world, "senco")), LOGGED, pause=0.02)
    callers = [one.caller for one in (*at_work, plain, logged)]
    filler = on.folder / "cluster" / "somebody-elses"
    with working([*at_work, plain, logged]) as check:
        recovered(callers, time.monotonic(), check)
        say("Filling the disk")
        fill(filler)
        full = time.monotonic()
        died = tend(on, seconds)
        _until(lambda: bool(_refused(at_work, full)) and _served(plain, full))
        check()
        say("Using up its write-ahead log")
        spent = time.monotonic()
        refused = _refused(at_work, full)
        ended, words = use_up_log(on)
        died += tend(on, seconds / 5)
        say("Freeing it")
        freed = time.monotonic()
        filler.unlink()
        died += tend(on, max(seconds / 5, _LOOK))
        _until(lambda: tend(on, _LOOK) >= 0 and on.cluster.is_running())
        recovery = recovered(callers, freed, check)
    meanwhile = [told for told in plain.caller.log if full <= told.at - told.seconds and told.at <= spent]
    served = sum(told.served for told in meanwhile)
    judge(report, on.owner_url, at_work, [plain, logged])
    report.asks("writes refused while it was full", refused, "some", holds=refused > 0)
    report.asks(
        "reads served while it was full", f"{served} of {len(meanwhile)}", "all", holds=0 < served == len(meanwhile)
    )
    report.asks("PostgreSQL ended itself when its log needed a file", words, "it did", holds=ended)
    report.told("times that it was started again", died)
    shown = sum(told.served for told in logged.caller.log)
    kept = audited(on.owner_url, str(world.school_id))
    report.asks(
        "logged reads answered, and audit rows of them", f"{shown} and {kept}", "no fewer rows", holds=kept >= shown > 0
    )
    report.at_most("everybody is served after it was freed", recovery, RECOVERY)


def tend(on: Stage, seconds: float) -> int:
    """As the supervisor does: PostgreSQL is started again when it ended; how often it had to be."""
    deadline, died = time.monotonic() + seconds, 0
    while time.monotonic() < deadline:
        with suppress(Unavailable):
            died += on.cluster.ensure_running()
        time.sleep(_LOOK)
    return died


def use_up_log(on: Stage) -> tuple[bool, str]:
    """Write ahead from file to file until there is none: whether PostgreSQL ended, and its last words to who did so."""
    words: list[str] = []
    superuser = on.cluster.url(SUPERUSER, "postgres")

    def ended() -> bool:
        try:
            with psycopg.connect(superuser, autocommit=True, connect_timeout=5) as connection:
                while True:  # the file that is kept for next, and those kept for later
                    connection.execute("SELECT pg_logical_emit_message(false, 'drill', 'x'), pg_switch_wal()")
        except psycopg.Error as error:
            words.append(str(error).split("\n")[0])
        return not on.cluster.is_running()

    return _until(ended), next((one for one in words if "pg_wal" in one), words[0])


def _refused(at_work: Sequence[Writer], since: float) -> int:
    return sum(told.status == 503 for one in at_work for told in one.caller.log if told.at - told.seconds >= since)


def _served(reader: Reader, since: float) -> bool:
    return any(told.served for told in reader.caller.log if told.at - told.seconds >= since)


def _until(holds: Callable[[], bool]) -> bool:
    """Wait for it; whether it came to hold in time."""
    deadline = time.monotonic() + _PATIENCE
    while not (held := holds()) and time.monotonic() < deadline:
        time.sleep(_LOOK)
    return held


def fill(path: Path) -> None:
    """A file that takes all there is."""
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(1 << 16)):
            pass


def audited(owner_url: str, school_id: str) -> int:
    query = "SELECT count(*) FROM usher.audit_operation WHERE school_id = %s AND kind = 'read'"
    with psycopg.connect(owner_url) as connection:
        [found] = connection.execute(query, [school_id]).fetchone() or (0,)
    return found


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Generator[None]:
    """That folder lies on a disk of its own, in memory. Raises NoDisk where none can be mounted."""
    if os.geteuid() != 0:
        raise NoDisk("only root can mount a small disk")
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    if subprocess.run(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode != 0:
        raise NoDisk("no small disk can be mounted here, not even by root")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
        shutil.rmtree(folder.parent, ignore_errors=True)  # what could not be removed while it was mounted
