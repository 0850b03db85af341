"""Moderating, agreeing, undoing and locking take as many statements for many marks and courses as for one."""

from datetime import date
from decimal import Decimal
from uuid import UUID, uuid4

from server.commands.marks import SecondMark, SecondMarks, UndoMarks, second_marks, undo_marks
from server.commands.windows.standing import WindowState
from server.commands.windows.steps import TakeStep, take_step
from server.database.pool import Pool
from server.queries.ids import GlobalId
from tests.unit.commands.desk import Desk, batch, crowd, keys
from tests.wire_tap import WireTap
from tests.worlds import insert_world, small_school

PAPER = "maths-10 paper 1"


async def test_many_marks_take_as_many_statements_as_two(
    wire_tap: WireTap, app_url: str, owner_url: str, today: date
) -> None:
    """Arrays, not loops."""
    world = small_school(f"statements {uuid4()}", today)
    crowd(world, 62)
    insert_world(app_url, world)
    counts: dict[str, list[int]] = {}
    async with Pool(wire_tap.url, min_size=1, max_size=1) as pool:
        desk = Desk(world, pool, owner_url)

        async def step(state: WindowState, course: UUID | None) -> None:
            named = None if course is None else GlobalId("crs", course)
            command = TakeStep(GlobalId("win", world.ids["autumn"]), state, f"k{uuid4()}", named)
            wire_tap.clear()
            async with desk.unit("head") as unit:
                outcome = await take_step(command, unit, desk.permit("head"), desk.actor("head"), desk.now)
                await unit.commit()
            assert outcome.courses
            counts.setdefault(f"step to {state}", []).append(len(wire_tap.statements))

        async def second(name: str, handle: str, marks: list[UUID], version: int) -> None:
            given = tuple(SecondMark(GlobalId("mrk", key, world.year), version, Decimal(41), "Read.") for key in marks)
            command = SecondMarks(given, name == "agree", f"{name}-{len(marks)}")
            wire_tap.clear()
            async with desk.unit(handle) as unit:
                outcome = await second_marks(command, unit, desk.permit(handle), desk.actor(handle), desk.now)
                await unit.commit()
            assert outcome.errors == ()
            counts.setdefault(name, []).append(len(wire_tap.statements))

        marks: list[list[UUID]] = []
        for places in (range(2), range(2, 62)):
            entries = (desk.entry(f"crowd {place}", PAPER, 40) for place in places)
            outcome = await desk.record("teacher", batch(f"k{len(places)}", *entries))
            marks.append(keys(outcome.marks))
        await step(WindowState.LOCKED, world.ids["maths-11"])
        await step(WindowState.LOCKED, None)
        await step(WindowState.MODERATING, world.ids["maths-10"])
        for several in marks:
            await second("moderate", "maths-lead", several, 1)
            await second("agree", "teacher", several, 1)
        await step(WindowState.OPEN, None)
        agreed = desk.rows(
            "SELECT DISTINCT batch FROM usher.mark_version WHERE school_id = %s AND version = 2 AND mark_id = ANY(%s)",
            [*marks[0], *marks[1]],
        )
        assert len(agreed) == 2
        for (name,) in agreed:
            wire_tap.clear()
            async with desk.unit("maths-lead") as unit:
                command = UndoMarks(name, f"undo-{name}")
                undone = await undo_marks(command, unit, desk.permit("maths-lead"), desk.actor("maths-lead"), desk.now)
                await unit.commit()
            assert undone.faults == ()
            counts.setdefault("undo", []).append(len(wire_tap.statements))
    assert {name: len(set(each)) for name, each in counts.items()} == dict.fromkeys(counts, 1), counts
