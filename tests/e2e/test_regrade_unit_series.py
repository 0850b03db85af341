"""New boundaries of the series of an earlier window: later windows that rest on it follow, as far as it isn't locked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from server import tables
from server.commands.jobs.regrade import regrade_school
from server.commands.windows.grading import SetWindowGrading, set_window_grading
from server.commands.windows.standing import WindowState
from server.commands.windows.steps import TakeStep, take_step
from server.database.pool import Pool
from server.exchange.references import import_pack
from server.grading.boundaries import BoundarySet
from server.grading.files.writing import boundary_text, specification_text
from server.grading.specification import Specification
from server.queries.ids import GlobalId
from tests.unit.commands.desk import Desk, batch
from tests.wire_tap import WireTap
from tests.worlds import insert_world
from tests.worlds.series_school import SUMMER, WINTER, series_school, unit_rules, unit_series

SPRING_1 = "maths-10 spring 1"
Found = dict[str, tuple[str, str | None, str | None, list[str]]]


@pytest.fixture
def desk(pool: Pool, app_url: str, owner_url: str, today: date) -> Desk:
    world = series_school(f"regraded series {uuid4()}", today)
    for publication in world.rows[tables.PublicationRow]:
        publication["status"] = "WITHDRAWN"  # what is published stands
    insert_world(app_url, world)
    return Desk(world, pool, owner_url)


@pytest.fixture
def put_in(app_url: str, tmp_path: Path) -> Callable[..., None]:
    def importing(*series: BoundarySet, rules: Specification | None = None) -> None:
        folder = tmp_path / str(uuid4())
        folder.mkdir()
        if rules is not None:
            (folder / "rules.toml").write_text(specification_text(rules))
        for place, each in enumerate(series):
            (folder / f"series{place}.toml").write_text(boundary_text(each))
        with psycopg.connect(app_url, autocommit=True) as connection:
            import_pack(connection, folder, datetime.now(UTC))

    return importing


async def regrade(desk: Desk) -> None:
    await regrade_school(desk.pool, desk.world.school_id, _untold)


def _untold(*_: object) -> None:
    """Progress that nobody looks at."""


def grades(desk: Desk) -> Found:
    """Ann's by window: status, grade, mark, and flags without digests."""
    handles = {desk.world.ids[handle]: handle for handle in ("autumn", "spring")}
    rows = desk.rows(
        "SELECT window_id, status, value, subject_mark, flags FROM usher.grade "
        f"WHERE school_id = %s AND learner_id = '{desk.world.ids['ann']}' AND course_id = '{desk.world.ids['maths-10']}'"
    )
    return {
        handles[window]: (status, value, mark, [":".join(flag.split(":")[:3]) for flag in flags])
        for window, status, value, mark, flags in rows
    }


async def winter_in_autumn(desk: Desk) -> None:
    await desk.record("teacher", batch("k", desk.entry("ann", SPRING_1, "75")))
    given = SetWindowGrading(
        GlobalId("crs", desk.world.ids["maths-10"]),
        GlobalId("win", desk.world.ids["autumn"]),
        0,
        "Sat then.",
        "w",
        WINTER,
    )
    async with desk.unit("head") as unit:
        outcome = await set_window_grading(given, unit, desk.permit("head"), desk.actor("head"), desk.now)
        await unit.commit()
    assert outcome.errors == ()


async def step(desk: Desk, state: WindowState) -> None:
    """Of mathematics in the autumn."""
    course = GlobalId("crs", desk.world.ids["maths-10"])
    command = TakeStep(GlobalId("win", desk.world.ids["autumn"]), state, f"k{uuid4()}", course, "Agreed.")
    async with desk.unit("head") as unit:
        outcome = await take_step(command, unit, desk.permit("head"), desk.actor("head"), desk.now)
        await unit.commit()
    assert outcome.errors == ()


async def test_new_boundaries_of_an_earlier_window_s_series(desk: Desk, put_in: Callable[..., None]) -> None:
    """Both windows move; those of the later one's series move it alone."""
    await winter_in_autumn(desk)
    named = [f"series:2:{WINTER}"]
    assert grades(desk) == {"autumn": ("COMPLETE", "D", "99", []), "spring": ("COMPLETE", "B", "144", named)}
    put_in(unit_series(desk.world, WINTER, harder=4))
    await regrade(desk)
    # 31 and 32 are as 35 and 36 of the summer now: 44 and 45.
    assert grades(desk) == {"autumn": ("COMPLETE", "E", "89", []), "spring": ("COMPLETE", "C", "139", named)}
    put_in(unit_series(desk.world, SUMMER, harder=4))
    await regrade(desk)
    assert grades(desk) == {"autumn": ("COMPLETE", "E", "89", []), "spring": ("COMPLETE", "C", "137", named)}


async def test_what_a_locked_window_stands_on_converts_its_attempts(desk: Desk, put_in: Callable[..., None]) -> None:
    """Until it is reopened: then the later window follows in the same transaction."""
    await winter_in_autumn(desk)
    await step(desk, WindowState.LOCKED)
    before = grades(desk)
    put_in(unit_series(desk.world, WINTER, harder=4))
    await regrade(desk)
    assert grades(desk) == before
    await desk.record("teacher", batch("again", desk.entry("ann", SPRING_1, "64")))
    assert grades(desk)["spring"][2] == "130"
    await step(desk, WindowState.OPEN)
    assert {window: grade[2] for window, grade in grades(desk).items()} == {"autumn": "89", "spring": "125"}


async def test_units_that_differ_are_refused(desk: Desk, put_in: Callable[..., None]) -> None:
    """A unit that had another maximum when it was sat is not guessed at; one that is the same counts on."""
    await winter_in_autumn(desk)
    await step(desk, WindowState.LOCKED)
    rules = unit_rules(desk.world)
    put_in(*(unit_series(desk.world, each) for each in (SUMMER, WINTER)), rules=replace(rules, title="As before"))
    await regrade(desk)
    assert grades(desk)["spring"][:3] == ("COMPLETE", "B", "144")
    smaller = replace(rules.components[1], max_raw=Fraction(70))
    rules = replace(rules, components=(rules.components[0], smaller))
    put_in(*(unit_series(desk.world, each) for each in (SUMMER, WINTER)), rules=rules)
    await regrade(desk)
    assert grades(desk) == {
        "autumn": ("COMPLETE", "D", "99", []),
        "spring": ("NOT_GRADABLE", None, None, ["refused:UNITS_DIFFER"]),
    }
    await step(desk, WindowState.OPEN)
    assert grades(desk)["spring"][0] == "COMPLETE"


async def test_as_many_statements_for_many_learners(desk: Desk, wire_tap: WireTap) -> None:
    """Whatever series their windows are of."""
    await winter_in_autumn(desk)
    await desk.record("teacher", batch("eve", desk.entry("eve", SPRING_1, "75")))
    async with Pool(wire_tap.url, min_size=1, max_size=1) as pool:
        tapped = Desk(desk.world, pool, desk.owner_url)
        counts: list[int] = []
        for score, learners in (("70", ("ann",)), ("60", ("ann", "eve"))):
            wire_tap.clear()
            await tapped.record("teacher", batch(score, *(desk.entry(each, SPRING_1, score) for each in learners)))
            counts.append(len(wire_tap.statements))
    assert counts[0] == counts[1]
