"""recordMarks on real PostgreSQL, as the application's role: what it leaves, and what faults leave of it."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import AsyncRawCursor

from server import tables
from server.commands.marks import MarkEntry, MarkPart, Mode, RecordMarks
from server.database.failures import GuardFailed
from server.database.pool import Pool
from server.errors import BadUserInput, IdempotencyConflict, Unavailable
from server.grading.marks import MarkState
from server.grading.results import ENGINE_VERSION
from server.policies.rule import Rule
from server.policies.rule_book import RuleBook
from server.policies.shipped import starting_book
from server.queries.ids import GlobalId
from tests.unit.commands.desk import Desk, backend_ended, batch, codes, crowd, keys, waits_for_lock
from tests.wire_tap import WireTap
from tests.worlds import insert_world, small_school
from tests.worlds.qualification import BOUNDARIES_ID, SPECIFICATION_ID
from tests.worlds.world import World

PAPER_1, PAPER_2 = "maths-10 paper 1", "maths-10 paper 2"

NewDesk = Callable[..., Desk]


@pytest.fixture
def new_desk(pool: Pool, app_url: str, owner_url: str, today: date, request: pytest.FixtureRequest) -> NewDesk:
    """Makes a desk in a school of its own; `change` may add rows to the school first."""

    def make(change: Callable[[World], object] | None = None, book: RuleBook | None = None) -> Desk:
        world = small_school(f"{request.node.nodeid}/{uuid4()}", today)
        if change is not None:
            change(world)
        insert_world(app_url, world)
        return Desk(world, pool, owner_url, book)

    return make


@pytest.fixture
def desk(new_desk: NewDesk) -> Desk:
    return new_desk()


async def test_a_batch_leaves_marks_versions_grades_audit_and_events(desk: Desk) -> None:
    """One transaction holds all that later work needs: who, when, why, by which rules, and in which order."""
    command = batch(
        "save-1",
        desk.entry("ann", PAPER_1, "70", reason="A remark.", expected_version=1),
        desk.entry("eve", PAPER_1, state=MarkState.PENDING),
    )
    outcome = await desk.record("teacher", command)
    assert outcome.errors == ()
    ids = desk.world.ids
    assert keys(outcome.marks) == [ids["mark ann maths-10 1"], ids["mark eve maths-10 1"]]
    assert [key.year for key in outcome.marks] == [desk.world.year] * 2
    assert desk.rows(
        "SELECT state, score, version, recorded_by, recorded_at FROM usher.mark WHERE school_id = %s"
        " AND mark_id = ANY(%s) ORDER BY mark_id",
        keys(outcome.marks),
    ) == [("SCORED", Decimal(70), 2, ids["teacher"], desk.now), ("PENDING", None, 2, ids["teacher"], desk.now)]
    [(audit_id, elements, kind, capacity, person, details, digest)] = desk.rows(
        "SELECT audit_id, elements, kind, capacity, person_id, details, document_digest FROM usher.audit_operation"
        " WHERE school_id = %s AND occurred_at = %s",
        desk.now,
    )
    assert (kind, capacity, person, digest) == ("write", "STAFF", ids["teacher"], "d0c")
    assert elements == {"mark": sorted(map(str, (ids["ann"], ids["eve"])))} | {"grade": elements["mark"]}
    assert details == {"marks": 2, "grades": 2, "refused": 0}
    assert desk.rows(
        "SELECT state, score, recorded_by, recorded_at, capacity, batch, reason FROM usher.mark_version"
        " WHERE school_id = %s AND version = 2 ORDER BY mark_id"
    ) == [
        ("SCORED", Decimal(70), ids["teacher"], desk.now, "STAFF", str(audit_id), "A remark."),
        ("PENDING", None, ids["teacher"], desk.now, "STAFF", str(audit_id), None),
    ]
    assert desk.rows(
        "SELECT value, status, kind, subject_mark, floor, ceiling, specification_id, boundary_set_id, engine_version,"
        " version, computed_at FROM usher.grade WHERE school_id = %s AND grade_id = ANY(%s) ORDER BY grade_id",
        keys(outcome.grades),
    ) == [
        ("6", "COMPLETE", "CURRENT", "102", "6", "6", SPECIFICATION_ID, BOUNDARIES_ID, ENGINE_VERSION, 2, desk.now),
        (None, "INCOMPLETE", "CURRENT", None, "3", "8", SPECIFICATION_ID, BOUNDARIES_ID, ENGINE_VERSION, 2, desk.now),
    ]
    events = desk.events()
    assert [(row[0], row[1]) for row in events] == [
        (2, "markRecorded"), (3, "markRecorded"), (4, "gradeUpdated"), (5, "gradeUpdated"),
    ]  # fmt: skip
    assert events[0][2] == {
        "year": desk.world.year,
        "mark": str(ids["mark ann maths-10 1"]),
        "learner": str(ids["ann"]),
        "assessment": str(ids[PAPER_1]),
        "course": str(ids["maths-10"]),
    }
    assert desk.rows("SELECT last_sequence FROM usher.outbox_head WHERE school_id = %s") == [(5,)]


async def test_the_idempotency_record_holds_ids_and_codes_only(desk: Desk) -> None:
    """No score and no sentence: a repeat is read back anew."""
    command = batch("k", desk.entry("ann", PAPER_1, "70.00"), desk.entry("eve", PAPER_1, "81"), mode=Mode.PER_ROW)
    outcome = await desk.record("teacher", command)
    [(stored,)] = desk.rows(
        "SELECT outcome FROM usher.idempotency_record WHERE school_id = %s AND idempotency_key = 'k'"
    )
    mark, grade, done = outcome.marks[0], outcome.grades[0], outcome.batch
    assert done is not None
    assert stored == {
        "batch": done.hex,
        "marks": [[mark.year, mark.key.hex]],
        "grades": [[grade.year, grade.key.hex]],
        "errors": [{"position": 1, "code": "MARK_ABOVE_MAXIMUM", "field": "score", "stored": None}],
    }


async def test_a_repeat_gives_the_same_and_does_nothing(desk: Desk) -> None:
    """Phones send twice."""
    command = batch("k", desk.entry("ann", PAPER_1, "70"), desk.entry("dan", PAPER_1, "1"), mode=Mode.PER_ROW)
    first = await desk.record("teacher", command)
    before = desk.snapshot()
    second = await desk.record("teacher", command)
    assert second.replayed
    assert (second.marks, second.grades, second.errors) == (first.marks, first.grades, first.errors)
    assert second.batch == first.batch
    assert desk.snapshot() == before


async def test_a_key_with_other_content_is_refused(desk: Desk) -> None:
    """The key stands for one change; another person's same key is another key."""
    await desk.record("teacher", batch("k", desk.entry("ann", PAPER_1, "70")))
    before = desk.snapshot()
    with pytest.raises(IdempotencyConflict):
        await desk.record("teacher", batch("k", desk.entry("ann", PAPER_1, "71")))
    assert desk.snapshot() == before
    outcome = await desk.record("maths-lead", batch("k", desk.entry("ann", PAPER_1, "71")))
    assert not outcome.replayed
    assert outcome.errors == ()


async def test_a_key_is_forgotten_after_seven_days(desk: Desk) -> None:
    """The result is kept 7 days; then the key is as good as new."""
    await desk.record("teacher", batch("k", desk.entry("ann", PAPER_1, "70")))
    with psycopg.connect(desk.owner_url) as connection:
        connection.execute(
            "UPDATE usher.idempotency_record SET created_at = created_at - interval '8 days' WHERE school_id = %s",
            [desk.world.school_id],
        )
    outcome = await desk.record("teacher", batch("k", desk.entry("ann", PAPER_1, "71")))
    assert (outcome.replayed, outcome.errors) == (False, ())


@pytest.mark.parametrize("first_commits", [True, False])
async def test_two_clients_racing_one_key_have_one_effect(desk: Desk, first_commits: bool) -> None:
    """The second waits on the unique key: it repeats the first's answer, or does the work if the first gave up."""
    command = batch("k", desk.entry("ann", PAPER_1, "70"))
    async with AsyncExitStack() as stack, desk.unit("teacher") as second:
        first = await stack.enter_async_context(desk.unit("teacher"))
        told = await desk.record_in(first, "teacher", command)
        waiting = asyncio.create_task(desk.record_in(second, "teacher", command))
        await waits_for_lock(desk.owner_url, second)
        if first_commits:
            await first.commit()
        await stack.aclose()
        other = await waiting
        await second.commit()
    assert other.replayed is first_commits
    assert other.marks == told.marks
    assert desk.rows("SELECT count(*) FROM usher.mark_version WHERE school_id = %s AND version > 1") == [(1,)]
    assert desk.rows("SELECT count(*) FROM usher.audit_operation WHERE school_id = %s AND kind = 'write'") == [(1,)]
    assert [event[0] for event in desk.events()] == [2, 3]


async def test_a_conflicting_row_last_among_two_hundred_stops_all(new_desk: NewDesk) -> None:
    """ATOMIC: nothing is written and the key stays free; PER_ROW: the other 199 are."""
    desk = new_desk(partial(crowd, count=199))
    entries = [desk.entry(f"crowd {place}", PAPER_1, 40) for place in range(199)]
    entries.append(desk.entry("ann", PAPER_1, 70, expected_version=9))
    before = desk.snapshot()
    outcome = await desk.record("teacher", batch("k", *entries))
    assert (outcome.marks, outcome.grades) == ((), ())
    assert codes(outcome) == [(199, "VERSION_CONFLICT")]
    assert outcome.errors[0].path == ("input", "marks", 199, "expectedVersion")
    assert outcome.errors[0].stored is not None
    assert outcome.errors[0].stored.key == desk.world.ids["mark ann maths-10 1"]
    assert desk.snapshot() == before
    outcome = await desk.record("teacher", batch("k", *entries, mode=Mode.PER_ROW))
    assert (len(outcome.marks), len(outcome.grades), codes(outcome)) == (199, 199, [(199, "VERSION_CONFLICT")])
    assert desk.rows("SELECT count(*) FROM usher.mark_version WHERE school_id = %s AND recorded_at = %s", desk.now) == [
        (199,)
    ]
    assert [event[0] for event in desk.events()] == list(range(2, 400))


_CHILD = """
import asyncio, os, sys
from datetime import date
from server.database.pool import Pool
from tests.unit.commands.desk import Desk, batch
from tests.worlds import small_school

async def main(seed, app_url, day):
    async with Pool(app_url, min_size=1, max_size=1) as pool:
        desk = Desk(small_school(seed, date.fromisoformat(day)), pool, "")
        async with desk.unit("teacher") as unit:
            await desk.record_in(unit, "teacher", batch("k", desk.entry("ann", "maths-10 paper 1", "70")))

            async def pause(connection):
                os.write(1, b"%d\\n" % connection.info.backend_pid)
                await asyncio.Event().wait()

            unit.before_commit(pause)  # after audit and events: COMMIT alone is missing
            await unit.commit()

asyncio.run(main(*sys.argv[1:]))
"""


async def test_a_process_killed_before_commit_leaves_nothing(desk: Desk, app_url: str) -> None:
    """Rows, grades, audit, events and key are as before; the repeat does the work once."""
    before = desk.snapshot()
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _CHILD, desk.world.seed, app_url, desk.world.today.isoformat(),
        stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert child.stdout is not None
    pid = int(await asyncio.wait_for(child.stdout.readline(), 60))
    os.kill(child.pid, signal.SIGKILL)
    assert await child.wait() == -signal.SIGKILL
    await backend_ended(desk.owner_url, pid)
    assert desk.snapshot() == before
    outcome = await desk.record("teacher", batch("k", desk.entry("ann", PAPER_1, "70")))
    assert (outcome.replayed, outcome.errors) == (False, ())
    assert [event[0] for event in desk.events()] == [2, 3]


@pytest.mark.parametrize("statement", range(1, 18))
async def test_a_connection_lost_after_any_statement_leaves_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, statement: int
) -> None:
    """Each of the seventeen statements of a batch: all or nothing, and the caller is told to repeat."""
    before = desk.snapshot()
    command = batch("k", desk.entry("ann", PAPER_1, "70"), desk.entry("eve", PAPER_2, "70"))
    sent: list[int] = []
    execute = AsyncRawCursor.execute

    async def cut(self: AsyncRawCursor[Any], *values: Any, **options: Any) -> Any:
        answer = await execute(self, *values, **options)
        sent.append(self.connection.info.backend_pid)
        if len(sent) == statement:
            self.connection.pgconn.finish()
        return answer

    with monkeypatch.context() as patch:
        patch.setattr(AsyncRawCursor, "execute", cut)
        with pytest.raises(Unavailable, match="same idempotency key"):
            await desk.record("teacher", command)
    await backend_ended(desk.owner_url, sent[0])
    assert len(sent) == statement
    assert desk.snapshot() == before
    outcome = await desk.record("teacher", command)
    assert (outcome.replayed, outcome.errors, len(desk.events())) == (False, (), 4)


async def test_concurrent_batches_on_two_papers_give_the_right_grade(desk: Desk) -> None:
    """The second waits for the first's course lock, and so grades with both marks."""
    async with desk.unit("teacher") as first:
        await desk.record_in(first, "teacher", batch("one", desk.entry("ann", PAPER_1, "70")))
        async with desk.unit("maths-lead") as second:
            command = batch("two", desk.entry("ann", PAPER_2, "75"))
            waiting = asyncio.create_task(desk.record_in(second, "maths-lead", command))
            await waits_for_lock(desk.owner_url, second)
            await first.commit()
            await waiting
            await second.commit()
    assert desk.grade_of("ann") == ("9", "COMPLETE", "145", 3)


async def test_many_batches_at_once_number_their_events_without_gaps(desk: Desk) -> None:
    """Whatever is rolled back gives its numbers back; the last grade rests on the last marks."""

    async def one(place: int) -> None:
        async with desk.unit("teacher") as unit:
            entry = desk.entry("ann", PAPER_1 if place % 2 else PAPER_2, 60 + place)
            await desk.record_in(unit, "teacher", batch(f"k{place}", entry))
            if place % 3:
                await unit.commit()

    await asyncio.gather(*(one(place) for place in range(12)))
    sequences = [event[0] for event in desk.events()]
    assert sequences == list(range(2, len(sequences) + 2))
    marks = desk.rows(
        "SELECT sum(score) FROM usher.mark WHERE school_id = %s AND learner_id = %s AND course_id = %s",
        desk.world.ids["ann"],
        desk.world.ids["maths-10"],
    )
    assert desk.grade_of("ann")[2] == str(marks[0][0])


async def test_events_are_numbered_in_the_order_of_commits(desk: Desk) -> None:
    """Who worked first but commits last gets the higher numbers: a reader never sees a number appear below another."""
    async with desk.unit("teacher") as first, desk.unit("english") as second:
        early = await desk.record_in(first, "teacher", batch("k", desk.entry("ann", PAPER_1, "70")))
        late = await desk.record_in(second, "english", batch("k", desk.entry("ann", "english-10 paper 1", "55")))
        await second.commit()
        await first.commit()
    marks = [payload["mark"] for _, kind, payload in desk.events() if kind == "markRecorded"]
    assert marks == [str(late.marks[0].key), str(early.marks[0].key)]


async def test_a_change_of_rights_before_commit_stops_all(desk: Desk) -> None:
    """The guard stands before COMMIT too."""
    before = desk.snapshot("mark", "mark_version", "grade", "audit_operation", "outbox_event", "outbox_head")
    async with desk.unit("teacher") as unit:
        await desk.record_in(unit, "teacher", batch("k", desk.entry("ann", PAPER_1, "70")))
        with psycopg.connect(desk.owner_url) as connection:
            connection.execute(
                "UPDATE usher.access_profile SET profile_version = 2 WHERE school_id = %s", [desk.world.school_id]
            )
        with pytest.raises(GuardFailed):
            await unit.commit()
    assert desk.snapshot(*before) == before


@pytest.mark.parametrize(
    ("score", "more", "code", "field"),
    [
        ("80.5", {}, "MARK_ABOVE_MAXIMUM", "score"),
        ("1e25", {}, "MARK_ABOVE_MAXIMUM", "score"),
        ("1e999999", {}, "MARK_ABOVE_MAXIMUM", "score"),
        ("40.5", {}, "MARK_STEP", "score"),
        ("40.001", {}, "MARK_STEP", "score"),
        ("1e-40", {}, "MARK_STEP", "score"),
        ("-1", {}, "MARK_BELOW_ZERO", "score"),
        ("NaN", {}, "MARK_NOT_A_NUMBER", "score"),
        ("Infinity", {}, "MARK_NOT_A_NUMBER", "score"),
        ("40", {"state": MarkState.ABSENT}, "MARK_STATE", "score"),
        (None, {"state": MarkState.SCORED}, "MARK_STATE", "score"),
        ("40", {"attempt": 0}, "BAD_ATTEMPT", "attempt"),
        ("40", {"attempt": 2**40}, "BAD_ATTEMPT", "attempt"),
        ("40", {"reason": "a\x00b"}, "BAD_TEXT", "reason"),
        ("40", {"reason": "x" * 501}, "BAD_TEXT", "reason"),
        ("40", {"expected_version": 0}, "VERSION_CONFLICT", "expectedVersion"),
        ("40", {"expected_version": 2}, "VERSION_CONFLICT", "expectedVersion"),
        ("40", {"parts": (MarkPart("1", "Sets", Decimal(5), Decimal(6)),)}, "MARK_PARTS", "parts"),
        ("4", {"parts": (MarkPart("1", "Sets", Decimal(5), Decimal(3)),)}, "MARK_PARTS", "parts"),
        ("4", {"parts": (MarkPart("1", "Sets", Decimal(5), Decimal(2)),) * 2}, "MARK_PARTS", "parts"),
    ],
)
async def test_a_bad_value_is_named_and_changes_nothing(
    desk: Desk, score: str | None, more: dict[str, object], code: str, field: str
) -> None:
    """A code, the argument's path, and no trace."""
    before = desk.snapshot()
    good = desk.entry("eve", PAPER_1, "41")
    outcome = await desk.record("teacher", batch("k", good, desk.entry("ann", PAPER_1, score, **more)))
    assert [(error.code, error.path) for error in outcome.errors] == [(code, ("input", "marks", 1, field))]
    assert desk.snapshot() == before


async def test_a_mark_given_twice_in_a_batch_is_refused_twice(desk: Desk) -> None:
    """Which of the two is meant nobody knows; another attempt is another mark."""
    entries = (desk.entry("ann", PAPER_1, "70"), desk.entry("ann", PAPER_1, "71"))
    outcome = await desk.record(
        "teacher", batch("k", *entries, desk.entry("ann", PAPER_1, "72", attempt=2), mode=Mode.PER_ROW)
    )
    assert codes(outcome) == [(0, "DUPLICATE_ENTRY"), (1, "DUPLICATE_ENTRY")]
    assert len(outcome.marks) == 1


@pytest.mark.parametrize(("count", "key"), [(0, "k"), (501, "k"), (1, ""), (1, "a" * 201), (1, "with blank")])
async def test_a_batch_out_of_bounds_is_bad_input(desk: Desk, count: int, key: str) -> None:
    """Before the database is asked."""
    entry = desk.entry("ann", PAPER_1, "70")
    with pytest.raises(BadUserInput) as refused:
        await desk.record("teacher", RecordMarks((entry,) * count, key))
    assert refused.value.path[0] == "input"


async def test_what_may_not_be_written_looks_like_what_is_not_there(
    new_desk: NewDesk, wire_tap: WireTap, owner_url: str
) -> None:
    """Unknown, another school's, out of scope, restricted, one's own child: the same words, the same statements."""
    home, away = new_desk(), new_desk()
    async with Pool(wire_tap.url, min_size=1, max_size=1, prepare=False) as pool:
        desk = Desk(home.world, pool, owner_url)
        entries = {
            "unknown learner": desk.entry(uuid4(), PAPER_1, "40"),
            "unknown assessment": desk.entry("ann", uuid4(), "40"),
            "learner of another school": desk.entry(away.world.ids["ann"], PAPER_1, "40"),
            "assessment of another school": desk.entry("ann", away.world.ids[PAPER_1], "40"),
            "of another teacher": desk.entry("cat", PAPER_1, "40"),
            "in a course taught by another": desk.entry("ann", "english-10 paper 1", "40"),
            "of another year": desk.entry("dan", "maths-11 paper 1", "40"),
            "taught once": desk.entry("hal", PAPER_1, "40"),
            "who has left": desk.entry("fay", PAPER_1, "40"),
            "restricted": desk.entry("gus", PAPER_1, "40"),
            "own child": desk.entry("bob", PAPER_1, "40"),
            "above the maximum, unseen": desk.entry("cat", PAPER_1, "81"),
            "with a version, unseen": desk.entry("cat", PAPER_1, "40", expected_version=9),
        }
        seen: dict[str, tuple[object, list[str]]] = {}
        for name, entry in entries.items():
            wire_tap.clear()
            outcome = await desk.record("teacher", batch("k", entry))
            [error] = outcome.errors
            seen[name] = ((error.code, error.message, error.path, error.stored), list(wire_tap.statements))
    assert len({str(found) for found in seen.values()}) == 1, seen
    assert seen["own child"][0] == ("NOT_FOUND", seen["unknown learner"][0][1], ("input", "marks", 0), None)  # type: ignore[index]


def _sat_by_one_class(world: World) -> None:
    """A third paper that 10/Ma1 alone sat."""
    world.add(
        tables.AssessmentRow,
        assessment_id=world.name("quiz"),
        academic_year=world.year,
        course_id=world.ids["maths-10"],
        window_id=world.ids["autumn"],
        component_code="quiz",
        name="Quiz",
        maximum=Decimal(10),
        step=Decimal("0.5"),
        held_on=world.days(-70),
    )
    world.add(tables.AssessmentClassRow, assessment_id=world.ids["quiz"], class_id=world.ids["10/Ma1"])


async def test_a_learner_never_in_a_class_that_sat_it_is_refused(new_desk: NewDesk) -> None:
    """Only to who may write the learner's marks in the course; a former member keeps the class of that time."""
    desk = new_desk(_sat_by_one_class)
    entries = [desk.entry(learner, "quiz", "7.5") for learner in ("cat", "hal", "ann")]
    outcome = await desk.record("maths-lead", batch("k", *entries, mode=Mode.PER_ROW))
    assert codes(outcome) == [(0, "NEVER_ENROLLED")]
    assert outcome.errors[0].path == ("input", "marks", 0, "learner")
    assert (
        desk.rows(
            "SELECT class_id, score FROM usher.mark WHERE school_id = %s AND mark_id = ANY(%s)", keys(outcome.marks)
        )
        == [(desk.world.ids["10/Ma1"], Decimal("7.5"))] * 2
    )
    outcome = await desk.record("teacher", batch("k", desk.entry("cat", "quiz", "7.5")))
    assert codes(outcome) == [(0, "NOT_FOUND")]


async def test_a_paper_outside_the_specification_does_not_change_the_grade(new_desk: NewDesk) -> None:
    """The quiz is no component: marks are kept, and the grade rests on the two papers."""
    desk = new_desk(_sat_by_one_class)
    await desk.record("teacher", batch("k", desk.entry("ann", "quiz", "7.5")))
    assert desk.grade_of("ann")[:3] == ("3", "COMPLETE", "63")


async def test_two_hundred_marks_take_as_many_statements_as_two(
    new_desk: NewDesk, wire_tap: WireTap, owner_url: str
) -> None:
    """Arrays, not loops."""
    home = new_desk(partial(crowd, count=202))
    async with Pool(wire_tap.url, min_size=1, max_size=1) as pool:
        desk = Desk(home.world, pool, owner_url)
        counts: list[int] = []
        for name, places in (("few", range(2)), ("many", range(2, 202))):
            wire_tap.clear()
            await desk.record("teacher", batch(name, *(desk.entry(f"crowd {p}", PAPER_1, 40) for p in places)))
            counts.append(len(wire_tap.statements))
    assert counts == [15, 15]


async def test_a_course_without_a_specification_has_marks_without_grades(desk: Desk) -> None:
    """No rules, no grade: nothing is guessed."""
    outcome = await desk.record("english", batch("k", desk.entry("ann", "english-10 paper 1", "55")))
    assert (len(outcome.marks), outcome.grades, outcome.errors) == (1, (), ())
    assert [event[1] for event in desk.events()] == ["markRecorded"]


@pytest.mark.parametrize("state", [MarkState.NOT_ENTERED, MarkState.PENDING])
async def test_a_blank_is_never_a_zero(desk: Desk, state: MarkState) -> None:
    """Without paper 2 there is no grade, but a span; with 0 on it there is one."""
    await desk.record("teacher", batch("a", desk.entry("ann", PAPER_2, state=state)))
    assert desk.grade_of("ann")[:3] == (None, "INCOMPLETE", None)
    await desk.record("teacher", batch("b", desk.entry("ann", PAPER_2, "0")))
    assert desk.grade_of("ann")[:3] == ("1", "COMPLETE", "31")


async def test_absence_counts_nothing_and_all_absent_is_x(desk: Desk) -> None:
    """An absent paper is flagged; no paper at all is X."""
    await desk.record("teacher", batch("a", desk.entry("ann", PAPER_2)))
    assert desk.grade_of("ann")[:3] == ("1", "COMPLETE", "31")
    await desk.record("teacher", batch("b", desk.entry("ann", PAPER_1)))
    assert desk.grade_of("ann")[:3] == ("X", "COMPLETE", None)
    [(flags,)] = desk.rows(
        "SELECT flags FROM usher.grade WHERE school_id = %s AND learner_id = %s", desk.world.ids["ann"]
    )
    assert flags == ["absent:1", "absent:2"]


async def test_the_newest_attempt_that_was_sat_counts(desk: Desk) -> None:
    """A resit replaces the first attempt, even if it is worse; an absence from the resit does not."""
    await desk.record("teacher", batch("a", desk.entry("ann", PAPER_1, "20", attempt=2)))
    assert desk.grade_of("ann")[2] == "52"
    await desk.record("teacher", batch("b", desk.entry("ann", PAPER_1, attempt=3)))
    assert desk.grade_of("ann")[2] == "52"


async def test_what_is_stored_already_is_no_new_version(desk: Desk) -> None:
    """31 is 31.00: no version, no event, no audit row; the mark is in the outcome all the same."""
    await desk.record("teacher", batch("first", desk.entry("ann", PAPER_1, "31"), desk.entry("ann", PAPER_2, "33")))
    before = desk.snapshot("mark", "mark_version", "grade", "audit_operation", "outbox_event", "outbox_head")
    outcome = await desk.record("teacher", batch("again", desk.entry("ann", PAPER_1, "31.00")))
    assert keys(outcome.marks) == [desk.world.ids["mark ann maths-10 1"]]
    assert len(outcome.grades) == 1
    assert desk.snapshot(*before) == before


async def test_a_dry_run_says_what_would_be_written_and_writes_nothing(desk: Desk) -> None:
    """Its key stays free for the real run."""
    before = desk.snapshot()
    entries = (desk.entry("ann", PAPER_1, "70"), desk.entry("eve", PAPER_1, "51"), desk.entry("dan", PAPER_1, "1"))
    outcome = await desk.record("teacher", batch("k", *entries, mode=Mode.PER_ROW, dry_run=True))
    assert (outcome.would_write, codes(outcome), outcome.marks) == (1, [(2, "NOT_FOUND")], ())
    assert (await desk.record("teacher", batch("k", *entries, dry_run=True))).would_write == 0
    assert desk.snapshot() == before
    assert not (await desk.record("teacher", batch("k", entries[0]))).replayed


def _write_only() -> RuleBook:
    """A school whose class teachers write marks and may not read them."""
    start = starting_book()
    kept = tuple(
        rule for rule in start.rules if not (rule.role == "class_teacher" and rule.action in ("read", "write"))
    )
    return RuleBook(
        (*kept, Rule("w1", "class_teacher", "mark", "write", "taught_course", (), ("log",), "allow")),
        start.role_groups,
        start.element_groups,
    )


async def test_a_dry_run_is_no_oracle_for_who_may_not_read(new_desk: NewDesk) -> None:
    """Whoever writes without reading gets the same count whether or not the guess is right."""
    desk = new_desk(book=_write_only())
    counts = [
        (await desk.record("teacher", batch("k", desk.entry("ann", PAPER_1, guess), dry_run=True))).would_write
        for guess in ("31", "32")
    ]
    assert counts == [1, 1]
    assert (await desk.record("teacher", batch("k", desk.entry("ann", PAPER_1, "31")))).errors == ()


async def test_parts_are_replaced(desk: Desk) -> None:
    """A question that is no longer given loses its score; parts alone are a change too; a new score clears them."""
    query = (
        "SELECT question, topic, score, maximum FROM usher.mark_part WHERE school_id = %s AND mark_id = %s"
        " ORDER BY position, question"
    )
    mark = desk.world.ids["mark ann maths-10 1"]

    async def save(key: str, score: str, parts: tuple[MarkPart, ...] | None) -> None:
        outcome = await desk.record("teacher", batch(key, desk.entry("ann", PAPER_1, score, parts=parts)))
        assert outcome.errors == ()

    sets, maps = MarkPart("2", "Sets", Decimal(40), Decimal(30)), MarkPart("3", "Maps", Decimal(40), Decimal(1))
    await save("a", "31", (sets, maps))
    assert desk.rows(query, mark) == [
        ("1", "Number", None, Decimal(5)), ("2", "Sets", Decimal(30), Decimal(40)), ("3", "Maps", Decimal(1), Decimal(40)),
    ]  # fmt: skip
    assert desk.rows("SELECT version FROM usher.mark WHERE school_id = %s AND mark_id = %s", mark) == [(2,)]
    await save("b", "31", (sets, maps))
    assert desk.rows("SELECT version FROM usher.mark WHERE school_id = %s AND mark_id = %s", mark) == [(2,)]
    await save("c", "32", None)
    assert [row[2] for row in desk.rows(query, mark)] == [None] * 3


async def test_another_type_of_id_finds_nothing(desk: Desk) -> None:
    """The key of a class is no learner's."""
    entry = MarkEntry(
        GlobalId("lrn", desk.world.ids["10/Ma1"]), GlobalId("asm", desk.world.ids[PAPER_1]), score=Decimal(1)
    )
    assert codes(await desk.record("teacher", batch("k", entry))) == [(0, "NOT_FOUND")]
