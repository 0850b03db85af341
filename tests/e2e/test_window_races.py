"""A step and a batch of marks at once, on two connections: one of them is first, and the other knows it."""

import asyncio
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from server.commands.grades import Series
from server.commands.marks import Mode, record
from server.commands.windows.standing import WindowState
from server.commands.windows.steps import TakeStep, TakeStepOutcome, take_step
from server.database.pool import Pool
from server.database.unit_of_work import UnitOfWork
from server.queries.ids import GlobalId
from tests.unit.commands.desk import Desk, batch, codes, waits_for_lock
from tests.worlds import insert_world, small_school

PAPER, OTHER = "maths-10 paper 1", "maths-11 paper 1"


@pytest.fixture
def desk(pool: Pool, app_url: str, owner_url: str, today: date) -> Desk:
    world = small_school(f"window races {uuid4()}", today)
    insert_world(app_url, world)
    return Desk(world, pool, owner_url)


async def lock(desk: Desk, unit: UnitOfWork, handle: str = "maths-lead") -> TakeStepOutcome:
    """All courses in autumn that are theirs."""
    command = TakeStep(GlobalId("win", desk.world.ids["autumn"]), WindowState.LOCKED, f"k{uuid4()}")
    return await take_step(command, unit, desk.permit(handle), desk.actor(handle), desk.now)


async def test_a_batch_that_is_first_is_whole_before_the_lock(desk: Desk) -> None:
    """The lock waits for it."""
    async with desk.unit("teacher") as writing, desk.unit("maths-lead") as locking:
        outcome = await desk.record_in(writing, "teacher", batch("k", desk.entry("ann", PAPER, "70")))
        waiting = asyncio.create_task(lock(desk, locking))
        await waits_for_lock(desk.owner_url, locking)
        await writing.commit()
        assert len((await waiting).courses) == 2
        await locking.commit()
    assert outcome.errors == ()
    again = await desk.record("teacher", batch("l", desk.entry("ann", PAPER, "71")))
    assert codes(again) == [(0, "WINDOW_LOCKED")]


@pytest.mark.parametrize("locks", [True, False])
async def test_a_batch_that_waits_for_a_lock_meets_it(desk: Desk, locks: bool) -> None:
    """All of its rows, in both courses; and none where the lock is rolled back."""
    entries = [desk.entry("cat", PAPER, "40"), desk.entry("dan", OTHER, "41")]
    async with desk.unit("maths-lead") as writing:
        async with desk.unit("head") as locking:
            assert len((await lock(desk, locking, "head")).courses) == 3
            command = batch("k", *entries, mode=Mode.PER_ROW)
            waiting = asyncio.create_task(desk.record_in(writing, "maths-lead", command))
            await waits_for_lock(desk.owner_url, writing)
            if locks:
                await locking.commit()
        outcome = await waiting
        await writing.commit()
    assert codes(outcome) == ([(0, "WINDOW_LOCKED"), (1, "WINDOW_LOCKED")] if locks else [])


async def test_of_two_steps_at_once_the_second_meets_the_first(desk: Desk) -> None:
    """Each course takes one step, with one number."""
    async with desk.unit("head") as first, desk.unit("maths-lead") as second:
        await lock(desk, first, "head")
        waiting = asyncio.create_task(lock(desk, second))
        await waits_for_lock(desk.owner_url, second)
        await first.commit()
        assert (await waiting).courses == ()
    steps = desk.rows(
        "SELECT step, state, count(*) FROM usher.window_step WHERE school_id = %s AND window_id = %s GROUP BY 1, 2",
        desk.world.ids["autumn"],
    )
    assert steps == [(1, "LOCKED", 3)]


async def test_many_batches_and_a_lock_leave_no_mark_after_it(desk: Desk) -> None:
    """Whatever the order in which they run."""

    async def write(place: int) -> bool:
        command = batch(f"k{place}", desk.entry("ann", PAPER, 40 + place))
        return (await desk.record("teacher", command)).errors == ()

    async def close() -> None:
        async with desk.unit("head") as unit:
            await lock(desk, unit, "head")
            await unit.commit()

    *written, _ = await asyncio.gather(*(write(place) for place in range(20)), close())
    [(versions,)] = desk.rows(
        "SELECT max(version) FROM usher.mark WHERE school_id = %s AND mark_id = %s",
        desk.world.ids["mark ann maths-10 1"],
    )
    assert versions == 1 + sum(bool(one) for one in written)
    assert codes(await desk.record("teacher", batch("late", desk.entry("ann", PAPER, 60)))) == [(0, "WINDOW_LOCKED")]


@pytest.mark.parametrize("locks_course", [True, False])
async def test_without_the_lock_of_its_course_a_mark_slips_into_a_locked_window(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, locks_course: bool
) -> None:
    """A control: a batch has seen the window open and is held up before it writes, and a step comes between.

    As it is the step waits, and nothing is written once it is taken. Of a batch that takes no lock it is taken at once, and
    the mark is written into the locked window.
    """
    looked, go_on = asyncio.Event(), asyncio.Event()
    look = record.standings

    async def held_up(*given: Any) -> Any:
        found = await look(*given)
        looked.set()
        await go_on.wait()
        return found

    async def unlocked(*_: Any) -> dict[UUID, Series]:
        return {}

    monkeypatch.setattr(record, "standings", held_up)
    if not locks_course:
        monkeypatch.setattr(record, "lock_courses", unlocked)

    def version() -> int:
        query = "SELECT version FROM usher.mark WHERE school_id = %s AND mark_id = %s"
        [(found,)] = desk.rows(query, desk.world.ids["mark ann maths-10 1"])
        return found

    async with desk.unit("teacher") as writing, desk.unit("maths-lead") as locking:
        recording = asyncio.create_task(desk.record_in(writing, "teacher", batch("k", desk.entry("ann", PAPER, "70"))))
        await looked.wait()
        stepping = asyncio.create_task(lock(desk, locking))
        if locks_course:
            await waits_for_lock(desk.owner_url, locking)
            go_on.set()
            await recording
            await writing.commit()
        assert len((await stepping).courses) == 2
        await locking.commit()
        when_locked = version()
        go_on.set()
        assert (await recording).errors == ()
        if not locks_course:
            await writing.commit()
    assert when_locked == (2 if locks_course else 1)
    assert version() == 2
    monkeypatch.undo()
    again = await desk.record("teacher", batch("l", desk.entry("ann", PAPER, "71")))
    assert codes(again) == [(0, "WINDOW_LOCKED")]
