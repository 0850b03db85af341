"""A job that walks over the schools goes on where one of them fails, and says so at its end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from datetime import UTC, date, datetime
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID

import pytest

from server.commands.jobs import regrade as regrade_job
from server.commands.jobs import snapshots, summaries
from server.commands.jobs.audit import seal_audit
from server.commands.jobs.job import Desk
from server.commands.jobs.policy import announce_unconfirmed, publish_scheduled
from server.commands.jobs.regrade import regrade
from server.commands.jobs.snapshots import take_snapshots
from server.commands.jobs.summaries import refresh_summaries
from server.commands.policy import due, overdue
from server.compliance import sealing
from server.compliance.heads import kept_heads
from server.compliance.mail import Mailer
from server.database.pool import Pool
from tests.database import Database
from tests.database import Server as DatabaseServer
from tests.worlds import insert_world, small_school

Work = Callable[..., Awaitable[Any]]


@pytest.fixture(scope="module")
def two_schools(database_server: DatabaseServer, today: date) -> Generator[tuple[Database, list[UUID]]]:
    """A database of their own, and their ids in the order of the jobs."""
    if not database_server.can_create:
        pytest.skip("needs an owner with CREATEDB")
    made = database_server.make()
    worlds = [small_school(f"goes on {number}", today) for number in range(2)]
    for world in worlds:
        insert_world(made.app_url, world)
    yield made, sorted(world.school_id for world in worlds)
    database_server.drop(made)


@pytest.mark.parametrize(
    ("job", "module", "step"),
    [
        (publish_scheduled, due, "_due"),
        (announce_unconfirmed, overdue, "_overdue"),
        (regrade, regrade_job, "regrade_school"),
        (take_snapshots, snapshots, "take_snapshot"),
        (refresh_summaries, summaries, "_refresh"),
        (seal_audit, sealing, "seal_school"),
    ],
)
async def test_one_school_s_fault_stops_no_other(
    two_schools: tuple[Database, list[UUID]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    job: Work,
    module: ModuleType,
    step: str,
) -> None:
    """The first fails: the second has its turn, and only then the run has failed."""
    database, [first, second] = two_schools
    real: Work = getattr(module, step)
    done: list[UUID] = []

    async def at(connection: Any, school_id: UUID, *more: Any) -> Any:
        if school_id == first:
            raise LookupError(step)
        found = await real(connection, school_id, *more)
        done.append(school_id)
        return found

    monkeypatch.setattr(module, step, at)
    async with Pool(database.app_url, min_size=1, max_size=2) as pool:
        desk = Desk(pool, database.audit_url, tmp_path, Mailer(None, "", tmp_path))
        with pytest.raises(LookupError, match=step):
            await job(desk, datetime.now(UTC))
    assert done == [second]
    if job is seal_audit:
        assert set(kept_heads(desk.heads)) == {str(second)}
