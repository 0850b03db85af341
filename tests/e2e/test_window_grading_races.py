"""Settings of a window's grading at once, and beside batches of marks: one of them is first, and all grades are of the newest."""

import asyncio
from collections.abc import Callable
from datetime import date
from uuid import uuid4

import pytest

from server.commands.windows.grading import SetWindowGrading, set_window_grading
from server.commands.windows.versions import VersionOutcome
from server.database.pool import Pool
from server.queries.ids import GlobalId
from tests.unit.commands.desk import Desk, batch
from tests.worlds import insert_world, small_school

PAPER = "maths-10 paper 1"
GRADES = "SELECT shift, boundary_set_id FROM usher.grade WHERE school_id = %s AND course_id = %s AND window_id = %s"
CHOICES = (
    "SELECT version, shift FROM usher.window_grading WHERE school_id = %s AND course_id = %s AND window_id = %s"
    " ORDER BY version"
)


@pytest.fixture
def desk(pool: Pool, app_url: str, owner_url: str, today: date) -> Desk:
    world = small_school(f"grading races {uuid4()}", today)
    insert_world(app_url, world)
    return Desk(world, pool, owner_url)


async def choose(desk: Desk, shift: int, expected: int | None) -> VersionOutcome:
    ids = desk.world.ids
    command = SetWindowGrading(
        course=GlobalId("crs", ids["maths-10"]),
        window=GlobalId("win", ids["autumn"]),
        shift=shift,
        reason=f"Shift {shift}.",
        idempotency_key=f"k{uuid4()}",
        expected_version=expected,
    )
    async with desk.unit("maths-lead") as unit:
        outcome = await set_window_grading(command, unit, desk.permit("maths-lead"), desk.actor("maths-lead"), desk.now)
        await unit.commit()
    return outcome


def stands(desk: Desk) -> Callable[[str], list[tuple[object, ...]]]:
    return lambda query: desk.rows(query, desk.world.ids["maths-10"], desk.world.ids["autumn"])


async def test_of_twenty_who_saw_the_same_version_one_sets_it(desk: Desk) -> None:
    """The others are told that it was set meanwhile; every grade is the winner's."""
    shifts = [shift for shift in range(-10, 11) if shift]
    outcomes = await asyncio.gather(*(choose(desk, shift, 0) for shift in shifts))
    [(shift, won)] = [(shift, one) for shift, one in zip(shifts, outcomes, strict=True) if not one.errors]
    assert won.version == 1
    lost = [[error.code for error in one.errors] for one in outcomes if one.errors]
    assert lost == [["VERSION_CONFLICT"]] * 19
    assert stands(desk)(CHOICES) == [(1, shift)]
    assert {row[0] for row in stands(desk)(GRADES)} == {shift}


async def test_marks_and_settings_at_once_leave_every_grade_by_the_newest(desk: Desk) -> None:
    """Whatever the order in which they run: versions are without a gap, and no mark is lost."""

    async def write(place: int) -> None:
        learner = ("ann", "bob", "cat", "eve")[place % 4]
        done = await desk.record("maths-lead", batch(f"k{place}", desk.entry(learner, PAPER, 40 + place)))
        assert done.errors == ()

    async def shift(by: int) -> None:
        assert (await choose(desk, by, None)).errors == ()

    await asyncio.gather(*(shift(place - 10) if place % 2 else write(place) for place in range(20)))
    choices = stands(desk)(CHOICES)
    assert [version for version, _ in choices] == list(range(1, 11))
    grades = stands(desk)(GRADES)
    assert len(grades) >= 4
    assert {row[0] for row in grades} == {choices[-1][1]}
