"""Deadlines that share a timer do what asyncio.timeout does."""

import asyncio

import pytest

from server.web.deadlines import Deadlines

LONG, SHORT = 600.0, 0.02


async def test_what_takes_too_long_is_ended_with_a_timeout() -> None:
    """Only what is late: a task beside it goes on, and its own deadline still stands."""
    deadlines = Deadlines(SHORT)
    with pytest.raises(TimeoutError), deadlines.begin() as deadline:
        await asyncio.sleep(LONG)
    assert deadline.expired
    with deadlines.begin() as second:
        pass
    assert not second.expired


async def test_each_of_several_is_due_by_itself() -> None:
    """The timer goes on to the next of those that are left."""
    deadlines = Deadlines(SHORT)
    ended: list[int] = []

    async def late(number: int) -> None:
        with pytest.raises(TimeoutError), deadlines.begin():
            await asyncio.sleep(LONG)
        ended.append(number)

    async def later(number: int) -> None:
        await asyncio.sleep(SHORT / 2)
        await late(number)

    async def in_time() -> None:
        with deadlines.begin():
            await asyncio.sleep(0)
        ended.append(0)

    await asyncio.gather(in_time(), late(1), later(2), later(3))
    assert ended == [0, 1, 2, 3]


async def test_a_cancellation_by_somebody_else_stays_one() -> None:
    """The task is ended as its canceller wants it, and the deadline is forgotten."""
    deadlines = Deadlines(LONG)

    async def waits() -> None:
        with deadlines.begin():
            await asyncio.sleep(LONG)

    task = asyncio.create_task(waits())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_defect_within_passes_through() -> None:
    """Even one that comes after the time was up: it says more than a timeout would."""
    deadlines = Deadlines(SHORT)

    async def fails() -> None:
        try:
            await asyncio.sleep(LONG)
        finally:
            _ = 1 // 0

    with pytest.raises(ZeroDivisionError), deadlines.begin():
        await fails()
    task = asyncio.current_task()
    assert task is not None
    assert not task.cancelling()


def test_another_event_loop_has_timers_of_its_own() -> None:
    """A timer of a loop that has ended would never ring."""
    deadlines = Deadlines(SHORT)

    async def late() -> None:
        with pytest.raises(TimeoutError), deadlines.begin():
            await asyncio.sleep(LONG)

    async def begun() -> None:
        with deadlines.begin():
            pass

    asyncio.run(begun())
    asyncio.run(late())
