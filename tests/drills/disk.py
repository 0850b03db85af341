"""The database's disk is full: no write and no logged read without its audit row, other reads go on, and it recovers."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final

import psycopg

from server.errors import Unavailable
from tests.drills.postgres import judge, recovered
from tests.drills.report import Report, Say
from tests.drills.schools import school, token, writers
from tests.drills.stage import Stage, stage
from tests.drills.traffic import Caller, Reader, working

MEGABYTES: Final = 320
FULL: Final = 10.0
RECOVERY: Final = 15.0
LOGGED: Final = "{ learners(first: 20) { nodes { id sen { needs } } } }"
_LOOK: Final = 0.2


def drill(seed: int, say: Say) -> Report:
    """PostgreSQL's folder is a small disk of its own, filled by a file of somebody else's for ten seconds."""
    del seed
    report = Report("disk")
    if os.geteuid() != 0:
        report.skipped = "only root can mount a small disk"
        return report
    with (
        ExitStack() as disks,
        stage("disk", say, lambda folder: disks.enter_context(small_disk(folder, MEGABYTES))) as on,
    ):
        measure(report, on, say)
    return report


def measure(report: Report, on: Stage, say: Say) -> None:
    """Fill it under load, free it, and compare the rows with what was answered."""
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
        died = tend(on, FULL)
        check()
        say("Freeing it")
        freed = time.monotonic()
        filler.unlink()
        died += tend(on, 2.0)
        recovery = recovered(callers, freed, check)
    meanwhile = [told for told in plain.caller.log if full <= told.at - told.seconds and told.at <= freed]
    served = sum(told.served for told in meanwhile)
    refused = sum(told.status == 503 for one in at_work for told in one.caller.log if full <= told.at <= freed)
    judge(report, on.owner_url, at_work, [plain, logged])
    report.asks("writes refused while it was full", refused, "some", holds=refused > 0)
    report.asks(
        "reads served while it was full", f"{served} of {len(meanwhile)}", "all", holds=0 < served == len(meanwhile)
    )
    report.told("times that PostgreSQL ended itself", died)
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
    """That folder lies on a disk of its own, in memory."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
        shutil.rmtree(folder.parent, ignore_errors=True)  # what could not be removed while it was mounted
