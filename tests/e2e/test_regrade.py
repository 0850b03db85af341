"""New boundaries: courses move to them one by one, every grade follows, and what stood before is kept."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from server import tables
from server.cli import call
from server.commands.jobs.regrade import regrade_school
from server.commands.marks import SecondMark, SecondMarks, second_marks
from server.commands.regrading import Regraded, courses_left, regrade_course, standing
from server.commands.windows.grading import SetWindowGrading, set_window_grading
from server.commands.windows.standing import WindowState
from server.commands.windows.steps import TakeStep, TakeStepOutcome, take_step
from server.database.pool import Pool
from server.errors import BadUserInput
from server.exchange.references import import_pack
from server.grading.boundaries import BoundaryRow, BoundarySet
from server.grading.files.writing import boundary_text, specification_text
from server.grading.specification import Retake, Specification
from server.queries.ids import GlobalId
from tests.oracle.desk import Desk as Reader
from tests.oracle.served import Served
from tests.unit.commands.desk import Desk, backend_ended, batch
from tests.worlds import World, insert_world, small_school
from tests.worlds.own_qualification import own_qualification, own_rules, own_series
from tests.worlds.unit_school import unit_school

PAPER_1 = "maths-10 paper 1"
COURSES = ("maths-10", "maths-11")
GRADED = ("grade", "grade_version", "course", "audit_operation", "outbox_event", "outbox_head")


@pytest.fixture
def desk(pool: Pool, app_url: str, owner_url: str, today: date, request: pytest.FixtureRequest) -> Desk:
    """A school whose mathematics is graded by a qualification of its own."""
    world = small_school(f"{request.node.nodeid}/{uuid4()}", today)
    own_qualification(world, COURSES)
    for publication in world.rows[tables.PublicationRow]:
        publication["status"] = "WITHDRAWN"  # what is published stands
    insert_world(app_url, world)
    return Desk(world, pool, owner_url)


@pytest.fixture
def put_in(app_url: str, tmp_path: Path) -> Callable[..., Any]:
    """Imports a folder of files."""

    def importing(series: BoundarySet | None, rules: Specification | None = None) -> Any:
        folder = tmp_path / str(uuid4())
        folder.mkdir()
        if rules is not None:
            (folder / "rules.toml").write_text(specification_text(rules))
        if series is not None:
            (folder / "series.toml").write_text(boundary_text(series))
        with psycopg.connect(app_url, autocommit=True) as connection:
            return import_pack(connection, folder, datetime.now(UTC))

    return importing


def harder(world: World, by: int = 10) -> BoundarySet:
    """Every boundary so many marks higher."""
    series = own_series(world)
    return replace(series, rows=tuple(BoundaryRow(row.grade, row.mark + Fraction(by)) for row in series.rows))


def series_of(desk: Desk) -> dict[str, tuple[int, int]]:
    """Versions of specification and boundaries that each course is graded by."""
    rows = desk.rows(
        "SELECT c.course_id, s.version, b.version FROM usher.course AS c "
        "JOIN usher.specification AS s USING (specification_id) "
        "JOIN usher.boundary_set AS b ON b.boundary_set_id = c.boundary_set_id WHERE c.school_id = %s"
    )
    handles = {desk.world.ids[handle]: handle for handle in COURSES}
    return {handles[course]: (rules, figures) for course, rules, figures in rows}


async def regraded(desk: Desk) -> list[tuple[UUID, Regraded, int]]:
    told: list[tuple[UUID, Regraded, int]] = []
    done = await regrade_school(
        desk.pool, desk.world.school_id, lambda _, course, found, left: told.append((course, found, left))
    )
    assert done == len(told)
    return told


async def test_new_boundaries_grade_everybody_anew(desk: Desk, put_in: Callable[..., Any]) -> None:
    """Course by course, with the old results kept, an audit row without a person, and an event a grade."""
    await desk.record("teacher", batch("k", desk.entry("ann", PAPER_1, "70")))
    assert desk.grade_of("ann") == ("6", "COMPLETE", "102", 2)
    assert await regraded(desk) == []
    before = desk.rows("SELECT grade_id, version, value, boundary_set_id FROM usher.grade WHERE school_id = %s")
    events = len(desk.events())
    put_in(harder(desk.world))
    assert (await standing(desk.pool, desk.world.school_id)).left == 2
    told = await regraded(desk)
    assert {course for course, _, _ in told} == {desk.world.ids[handle] for handle in COURSES}
    assert [left for _, _, left in told] == [1, 0]
    assert series_of(desk) == dict.fromkeys(COURSES, (1, 2))
    assert desk.grade_of("ann") == ("5", "COMPLETE", "102", 3)
    kept = desk.rows("SELECT grade_id, version, value, boundary_set_id FROM usher.grade_version WHERE school_id = %s")
    assert {row for row in kept if row[1] > 0} >= set(before)
    changed = sum(found.changed for _, found, _ in told)
    assert changed == len(before)
    new = desk.events()[events:]
    assert [kind for _, kind, _ in new] == ["gradeUpdated"] * changed
    assert {payload["grade"] for _, _, payload in new} == {str(row[0]) for row in before}
    audit = desk.rows(
        "SELECT person_id, capacity, kind, elements, details FROM usher.audit_operation "
        "WHERE school_id = %s AND operation_name = 'regrade-job'"
    )
    assert [row[:3] for row in audit] == [(None, "OPERATOR", "write")] * 2
    assert sum(row[4]["grades"] for row in audit) == changed
    assert {row[4]["series"] for row in audit} == {"2025-06"}
    assert all(set(row[3]) == {"grade"} for row in audit)
    after = desk.snapshot(*GRADED)
    assert await regraded(desk) == []
    assert desk.snapshot(*GRADED) == after


async def test_a_newer_specification_takes_its_series_along(desk: Desk, put_in: Callable[..., Any]) -> None:
    """The same figures under changed rules are another version; without their series, rules move no course."""
    await desk.record("teacher", batch("k", desk.entry("ann", PAPER_1, "20", attempt=2)))
    assert desk.grade_of("ann")[2] == "52"
    rules = own_rules(desk.world, retake=Retake.BEST)
    put_in(None, rules)
    assert await regraded(desk) == []
    put_in(own_series(desk.world), rules)
    assert put_in(own_series(desk.world), rules).known == 1
    assert len(await regraded(desk)) == 2
    assert series_of(desk) == dict.fromkeys(COURSES, (2, 1))
    assert desk.grade_of("ann")[2] == "63"


async def test_windows_keep_their_shift_and_move_with_their_series(desk: Desk, put_in: Callable[..., Any]) -> None:
    """A window shifted on the course's own series, and one on a series of its own, of which newer boundaries come."""
    world, other = desk.world, "2024-06"
    rules = own_rules(world, retake=Retake.BEST)
    put_in(replace(own_series(world), series=other), rules)
    put_in(own_series(world), rules)
    await regraded(desk)
    window = GlobalId("win", world.ids["autumn"])

    def course(handle: str) -> GlobalId:
        return GlobalId("crs", world.ids[handle])

    chosen = {
        "maths-10": SetWindowGrading(course("maths-10"), window, -10, "Hard.", "k1"),
        "maths-11": SetWindowGrading(course("maths-11"), window, 5, "As last year.", "k2", series=other),
    }
    for command in chosen.values():
        async with desk.unit("head") as unit:
            outcome = await set_window_grading(command, unit, desk.permit("head"), desk.actor("head"), desk.now)
            assert outcome.errors == ()
            await unit.commit()
    put_in(replace(harder(world, 3), series=other), rules)
    put_in(harder(world), rules)
    assert {course for course, _, _ in await regraded(desk)} == {world.ids[handle] for handle in COURSES}
    gradings = desk.rows(
        "SELECT course_id, version, shift, set_by IS NULL FROM usher.window_grading AS g JOIN usher.assessment_window AS w "
        "USING (school_id, window_id) WHERE g.school_id = %s AND w.name = 'Autumn'"
    )
    assert {row[1:] for row in gradings if row[0] == world.ids["maths-10"]} == {(1, -10, False)}
    assert {row[1:] for row in gradings if row[0] == world.ids["maths-11"]} == {(1, 5, False), (2, 5, True)}
    graded = desk.rows(
        "SELECT g.course_id, g.shift, b.series, b.version FROM usher.grade AS g "
        "JOIN usher.boundary_set AS b USING (boundary_set_id) WHERE g.school_id = %s AND g.version > 1"
    )
    assert {row[1:] for row in graded if row[0] == world.ids["maths-10"]} == {(-10, "2025-06", 2)}
    assert {row[1:] for row in graded if row[0] == world.ids["maths-11"]} == {(5, other, 2)}
    assert await regraded(desk) == []


async def test_the_log_tells_of_it_without_a_person(
    desk: Desk, put_in: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Officers read whose grades were written, and that the installation's operator had it done."""
    put_in(harder(desk.world))
    await regraded(desk)
    reader = Reader(Served(desk.pool, monkeypatch, desk.world), desk.world)
    document = "{ accessLog(first: 50) { nodes { kind capacity person staff { id } operation reason } } }"
    nodes = (await reader.ask("dpo", document))["accessLog"]["nodes"]
    told = [node for node in nodes if node["operation"] == "regrade-job"]
    assert len(told) == 2
    for node in told:
        assert (node["kind"], node["capacity"], node["person"], node["staff"]) == ("write", "OPERATOR", None, None)
        assert node["reason"] == "Newer boundaries of the series were put in."


async def step(desk: Desk, state: WindowState) -> TakeStepOutcome:
    """Of mathematics in year 10, in autumn, by who leads it."""
    window, course = GlobalId("win", desk.world.ids["autumn"]), GlobalId("crs", desk.world.ids["maths-10"])
    command = TakeStep(window, state, str(uuid4()), course, f"So that it is {state}.")
    async with desk.unit("maths-lead") as unit:
        outcome = await take_step(command, unit, desk.permit("maths-lead"), desk.actor("maths-lead"), desk.now)
        await unit.commit()
    return outcome


def graded_by(desk: Desk, handle: str = "maths-10") -> dict[int, int]:
    """How many grades of the course stand on each version of the boundaries."""
    rows = desk.rows(
        "SELECT b.version, count(*) FROM usher.grade AS g JOIN usher.boundary_set AS b USING (boundary_set_id) "
        "WHERE g.school_id = %s AND g.course_id = %s GROUP BY 1",
        desk.world.ids[handle],
    )
    return dict(rows)


@pytest.mark.parametrize("state", [WindowState.LOCKED, WindowState.MODERATING])
async def test_what_is_locked_stands_until_it_is_reopened(
    desk: Desk, put_in: Callable[..., Any], state: WindowState
) -> None:
    """The job leaves it and says so, a mark that is agreed on is graded by what stands, and reopening moves all of it."""
    put_in(harder(desk.world))
    await regraded(desk)
    await desk.record("teacher", batch("k", desk.entry("ann", PAPER_1, "70")))
    await step(desk, WindowState.LOCKED)
    if state is WindowState.MODERATING:
        await step(desk, state)
    before = desk.rows("SELECT * FROM usher.grade WHERE school_id = %s AND course_id = %s ORDER BY grade_id",
                       desk.world.ids["maths-10"])  # fmt: skip
    put_in(harder(desk.world, 20))
    told = {course: found for course, found, _ in await regraded(desk)}
    left = told[desk.world.ids["maths-10"]]
    assert (left.changed, dict(left.left)) == (0, {desk.world.ids["autumn"]: len(before)})
    assert told[desk.world.ids["maths-11"]].left == {}
    assert series_of(desk) == dict.fromkeys(COURSES, (1, 3))
    assert before == desk.rows("SELECT * FROM usher.grade WHERE school_id = %s AND course_id = %s ORDER BY grade_id",
                               desk.world.ids["maths-10"])  # fmt: skip
    [(said,)] = desk.rows(
        "SELECT details -> 'left' FROM usher.audit_operation WHERE school_id = %s AND operation_name = 'regrade-job' "
        "AND details ->> 'course' = %s ORDER BY occurred_at DESC LIMIT 1", str(desk.world.ids["maths-10"]),
    )  # fmt: skip
    assert said == {str(desk.world.ids["autumn"]): len(before)}
    kept = (await standing(desk.pool, desk.world.school_id)).kept
    assert [(one.course, one.series, one.version, one.grades) for one in kept] == [
        ("Mathematics, year 10", "2025-06", 2, len(before))
    ]
    if state is WindowState.MODERATING:
        key = desk.world.ids["mark ann maths-10 1"]
        for agreeing, handle in ((False, "maths-lead"), (True, "teacher")):
            second = SecondMark(GlobalId("mrk", key, desk.world.year), 2, Decimal(71), "Read again.")
            command = SecondMarks((second,), agreeing, str(uuid4()))
            async with desk.unit(handle) as unit:
                found = await second_marks(command, unit, desk.permit(handle), desk.actor(handle), desk.now)
                await unit.commit()
            assert found.errors == ()
        assert desk.grade_of("ann")[2] == "103"
    assert graded_by(desk) == {2: len(before)}
    assert desk.grade_of("ann")[0] == "5"
    events = len(desk.events())
    await step(desk, WindowState.OPEN)
    assert graded_by(desk) == {3: len(before)}
    assert desk.grade_of("ann")[2] == ("103" if state is WindowState.MODERATING else "102")
    new = [kind for _, kind, _ in desk.events()[events:]]
    assert sorted(new) == ["gradeUpdated"] * len(before) + ["windowStepTaken"]
    assert (await standing(desk.pool, desk.world.school_id)).kept == []
    assert await regraded(desk) == []


async def test_what_is_published_stands(desk: Desk, put_in: Callable[..., Any]) -> None:
    """Of the learners whose reports are out, until one of their marks is corrected."""
    with psycopg.connect(desk.owner_url) as owner:
        owner.execute(
            "UPDATE usher.publication SET status = 'LIVE' WHERE school_id = %s AND window_id = %s",
            [desk.world.school_id, desk.world.ids["autumn"]],
        )
    reported = desk.rows("SELECT count(DISTINCT r.learner_id) FROM usher.report AS r WHERE r.school_id = %s")
    assert reported[0][0] > 0
    put_in(harder(desk.world))
    found = {course: one for course, one, _ in await regraded(desk)}[desk.world.ids["maths-10"]]
    assert sum(found.left.values()) > 0
    await desk.record("teacher", batch("k", desk.entry("ann", PAPER_1, "70")))
    assert desk.grade_of("ann")[0] == "5"


@pytest.mark.parametrize("fault", ["rising", "above the maximum", "unknown specification", "weights"])
async def test_a_refused_folder_writes_nothing(desk: Desk, put_in: Callable[..., Any], fault: str) -> None:
    """Though the rest of it is sound; each code is in the sentence."""
    rows = own_series(desk.world).rows
    spoilt, code = {
        "rising": ((replace(rows[0], mark=Fraction(1)), *rows[1:]), "NOT_DESCENDING"),
        "above the maximum": ((replace(rows[0], mark=Fraction(161)), *rows[1:]), "BOUNDARY_ABOVE_MAXIMUM"),
    }.get(fault, (rows, "UNKNOWN_SPECIFICATION" if fault == "unknown specification" else "WEIGHTS_DO_NOT_SUM"))
    series = object.__new__(BoundarySet)
    for name in BoundarySet.__slots__:
        object.__setattr__(series, name, spoilt if name == "rows" else getattr(own_series(desk.world), name))
    if fault == "unknown specification":
        series = replace(series, specification=f"TEST:{uuid4().hex}")
    rules = own_rules(desk.world, max_mark=Fraction(170)) if fault == "weights" else None
    counts = "SELECT (SELECT count(*) FROM usher.specification), count(*), %s FROM usher.boundary_set"
    before = desk.rows(counts)
    with pytest.raises(BadUserInput, match=code):
        put_in(series, rules)
    assert desk.rows(counts) == before
    assert await courses_left(desk.pool, desk.world.school_id) == []


async def test_marks_that_are_recorded_meanwhile_count(desk: Desk, put_in: Callable[..., Any]) -> None:
    """Course by course there is one writer: the job waits for a batch, and grades with its marks."""
    put_in(harder(desk.world))
    course = desk.world.ids["maths-10"]
    async with desk.unit("teacher") as unit:
        await desk.record_in(unit, "teacher", batch("k", desk.entry("ann", PAPER_1, "70")))
        job = asyncio.create_task(regrade_course(desk.pool, desk.world.school_id, course, datetime.now(UTC)))
        await _somebody_waits(desk.owner_url)
        await unit.commit()
    found = await job
    assert found is not None
    assert found.grades == found.changed
    assert desk.grade_of("ann") == ("5", "COMPLETE", "102", 3)


async def test_two_runs_at_once_do_each_course_once(desk: Desk, put_in: Callable[..., Any], app_url: str) -> None:
    """The second waits for the first, course by course, and finds nothing left to do there."""
    await desk.record("teacher", batch("k", desk.entry("ann", PAPER_1, "70")))
    put_in(harder(desk.world))
    async with Pool(app_url, min_size=2, max_size=2) as pool:
        courses = [desk.world.ids[handle] for handle in COURSES] * 4
        found = await asyncio.gather(
            *(regrade_course(pool, desk.world.school_id, course, datetime.now(UTC)) for course in courses)
        )
    assert sum(one is not None for one in found) == len(COURSES)
    assert desk.grade_of("ann")[0] == "5"
    audit = desk.rows(
        "SELECT count(*) FROM usher.audit_operation WHERE school_id = %s AND operation_name = 'regrade-job'"
    )
    assert audit == [(len(COURSES),)]
    assert [event[0] for event in desk.events()] == list(range(2, len(desk.events()) + 2))


async def test_marks_and_new_boundaries_in_any_order_end_in_one_grade(desk: Desk, put_in: Callable[..., Any]) -> None:
    """Twelve batches beside the job: none is lost, and the grade is of the last mark and the newest boundaries."""
    put_in(harder(desk.world))
    course = desk.world.ids["maths-10"]

    async def write(place: int) -> None:
        outcome = await desk.record("teacher", batch(f"k{place}", desk.entry("ann", PAPER_1, 40 + place)))
        assert outcome.errors == ()

    job = regrade_course(desk.pool, desk.world.school_id, course, datetime.now(UTC))
    *_, found = await asyncio.gather(*(write(place) for place in range(12)), job)
    assert found is not None
    [(score, version, versions)] = desk.rows(
        "SELECT m.score, m.version, (SELECT count(*) FROM usher.mark_version AS v WHERE v.school_id = m.school_id "
        "AND v.mark_id = m.mark_id) FROM usher.mark AS m WHERE m.school_id = %s AND m.mark_id = %s",
        desk.world.ids["mark ann maths-10 1"],
    )
    assert (version, versions) == (13, 13)
    assert desk.grade_of("ann")[2] == str(score + 32)
    assert set(graded_by(desk)) == {2}


async def _somebody_waits(owner_url: str) -> None:
    query = (
        "SELECT count(*) > 0 FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid) "
        "WHERE NOT l.granted AND a.datname = current_database()"
    )
    async with asyncio.timeout(20), await psycopg.AsyncConnection.connect(owner_url, autocommit=True) as watcher:
        # What is waited for happens in PostgreSQL, which tells nobody.
        while (await (await watcher.execute(query)).fetchone()) != (True,):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


_CHILD = """\
import asyncio, os, sys
from uuid import UUID
from server.commands import regrading
from server.commands.jobs.regrade import regrade_school
from server.database.pool import Pool

async def main(app_url, school_id):
    async with Pool(app_url, min_size=1, max_size=1) as pool:
        write, turns = regrading.write_events, []

        async def pause(connection, *values):
            await write(connection, *values)
            turns.append(1)
            if len(turns) == 2:  # all of the second course is written: COMMIT alone is missing
                os.write(1, b"%d\\n" % connection.info.backend_pid)
                await asyncio.Event().wait()

        regrading.write_events = pause
        await regrade_school(pool, UUID(school_id), lambda *told: None)

asyncio.run(main(*sys.argv[1:]))
"""


async def test_a_run_that_was_killed_is_gone_on_with(desk: Desk, app_url: str, put_in: Callable[..., Any]) -> None:
    """The first course is done and stays so, the second is as it was; the next run does the second alone."""
    await desk.record("teacher", batch("k", desk.entry("ann", PAPER_1, "70")))
    put_in(harder(desk.world))
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _CHILD, app_url, str(desk.world.school_id),
        stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert child.stdout is not None
    pid = int(await asyncio.wait_for(child.stdout.readline(), 60))
    os.kill(child.pid, signal.SIGKILL)
    assert await child.wait() == -signal.SIGKILL
    await backend_ended(desk.owner_url, pid)
    [left] = await courses_left(desk.pool, desk.world.school_id)
    assert sorted(series_of(desk).values()) == [(1, 1), (1, 2)]
    kept = "SELECT count(*) FROM usher.grade_version WHERE school_id = %s AND course_id = %s AND version > 0"
    done = [desk.world.ids[handle] for handle in COURSES if desk.world.ids[handle] != left]
    before = desk.rows(kept, done[0])
    told = await regraded(desk)
    assert [course for course, _, _ in told] == [left]
    assert series_of(desk) == dict.fromkeys(COURSES, (1, 2))
    assert desk.rows(kept, done[0]) == before
    assert desk.grade_of("ann")[0] == "5"
    assert [event[0] for event in desk.events()] == list(range(2, len(desk.events()) + 2))


def test_the_command_line_shows_what_is_left_and_does_it(
    desk: Desk,
    app_url: str,
    put_in: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The status, the run, the status again, and the page of what is stored."""
    monkeypatch.setenv("USHER_DATABASE_URL", app_url)
    put_in(harder(desk.world))
    assert call(["grading", "regrade", "--status"]) == 0
    assert int(capsys.readouterr().out.split()[-2]) >= 2
    assert series_of(desk) == dict.fromkeys(COURSES, (1, 1))
    assert call(["grading", "regrade"]) == 0
    printed = capsys.readouterr()
    assert " 0 left." in printed.out
    assert "Mathematics, year 10: 6 of 6 grades made anew" in printed.err
    assert series_of(desk) == dict.fromkeys(COURSES, (1, 2))
    row_id = f"{own_rules(desk.world).identity}:2025-06"
    assert call(["grading", "sheet", row_id]) == 0
    page = capsys.readouterr().out
    assert "as version 1 of the specification, 2 of the series" in page
    assert ["9", "150", "93.8", "%", "9"] in [line.split() for line in page.splitlines()]
    assert call(["grading", "sheet", f"{row_id}x"]) == 1
    assert "stored are 2025-06" in capsys.readouterr().err


async def test_units_sat_before_count_under_new_boundaries(
    pool: Pool, app_url: str, owner_url: str, today: date, put_in: Callable[..., Any]
) -> None:
    """31 of the autumn gave way to 75, 32 counts still: 107, which is a 6 from 95 and a 5 where all is 15 higher."""
    world = unit_school(f"regraded units {uuid4()}", today)
    insert_world(app_url, world)
    desk = Desk(world, pool, owner_url)
    await desk.record("teacher", batch("k", desk.entry("ann", "maths-10 spring 1", "75")))
    assert _spring(desk) == [("6", "107", 1)]
    put_in(harder(world, 15))
    await regraded(desk)
    assert _spring(desk) == [("5", "107", 2)]
    assert await courses_left(pool, world.school_id) == []


def _spring(desk: Desk) -> list[tuple[str, str, int]]:
    rows = desk.rows("SELECT window_id, value, subject_mark, version FROM usher.grade WHERE school_id = %s")
    return [(value, mark, version) for window, value, mark, version in rows if window == desk.world.ids["spring"]]
