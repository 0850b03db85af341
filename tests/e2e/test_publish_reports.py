"""publishReports and receipts on real PostgreSQL: frozen snapshots, and who may have them."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql

from server.commands.reports import PublishReports, publish_reports
from server.database.pool import Pool
from server.errors import BadUserInput, Forbidden, IdempotencyConflict
from server.queries.ids import GlobalId
from tests.unit.commands.desk import Desk, batch, crowd, waits_for_lock
from tests.wire_tap import WireTap
from tests.worlds import acting, insert_world, small_school
from tests.worlds.world import World

NewDesk = Callable[..., Desk]


@pytest.fixture
def new_desk(pool: Pool, app_url: str, owner_url: str, today: date, request: pytest.FixtureRequest) -> NewDesk:
    """Makes a desk in a school of its own; `change` may add rows to the school first."""

    def make(change: Callable[[World], object] | None = None) -> Desk:
        world = small_school(f"{request.node.nodeid}/{uuid4()}", today)
        if change is not None:
            change(world)
        insert_world(app_url, world)
        return Desk(world, pool, owner_url)

    return make


@pytest.fixture
def desk(new_desk: NewDesk) -> Desk:
    return new_desk()


def autumn(
    desk: Desk, key: str = "k", year_group: str = "10", *, window: UUID | None = None, dry: bool = False
) -> PublishReports:
    of = window or desk.world.ids["autumn"]
    return PublishReports(GlobalId("win", of), year_group, "Autumn reports", key, dry)


def lines_of(desk: Desk, publication: UUID | None) -> dict[UUID, list[tuple[Any, ...]]]:
    """(position, course, teacher, grade, target, comment) by learner."""
    found: dict[UUID, list[tuple[Any, ...]]] = {}
    for learner_id, *line in desk.rows(
        "SELECT learner_id, position, course_name, teacher_name, grade, target, comment FROM usher.report_line"
        " WHERE school_id = %s AND publication_id = %s ORDER BY learner_id, position",
        publication,
    ):
        found.setdefault(learner_id, []).append(tuple(line))
    return found


def report_of(desk: Desk, learner: str, version: int) -> UUID:
    [(report_id,)] = desk.rows(
        "SELECT report_id FROM usher.report WHERE school_id = %s AND learner_id = %s AND version = %s",
        desk.world.ids[learner],
        version,
    )
    return report_id


async def test_a_publication_freezes_what_is_there(desk: Desk) -> None:
    """A report per learner of the year group, but for one whose data is restricted and one who has left."""
    outcome = await desk.publish("head", autumn(desk))
    assert (outcome.version, outcome.reports, outcome.errors) == (2, 5, ())
    ids = desk.world.ids
    lines = lines_of(desk, outcome.publication)
    assert set(lines) == {ids[learner] for learner in ("ann", "bob", "cat", "eve", "hal")}
    assert lines[ids["ann"]] == [
        (1, "English, year 10", "Dr Ink", None, "6", "Works with care."),
        (2, "Mathematics, year 10", "Dr Chalk", "3", "6", "Works with care."),
    ]
    assert [line[1:4] for line in lines[ids["cat"]]] == [
        ("English, year 10", "Dr Ink", None),
        ("Mathematics, year 10", "Dr Count", "5"),
    ]
    assert desk.rows(
        "SELECT version, status, published_by FROM usher.publication WHERE school_id = %s AND year_group = '10'"
        " ORDER BY version"
    ) == [(1, "SUPERSEDED", ids["head"]), (2, "LIVE", ids["head"])]


async def test_a_publication_leaves_audit_and_events(desk: Desk) -> None:
    """Who published whose grades, and one event a report."""
    outcome = await desk.publish("data-manager", autumn(desk))
    learners = sorted(str(desk.world.ids[learner]) for learner in ("ann", "bob", "cat", "eve", "hal"))
    [(kind, person, elements, details)] = desk.rows(
        "SELECT kind, person_id, elements, details FROM usher.audit_operation WHERE school_id = %s AND occurred_at = %s",
        desk.now,
    )
    assert (kind, person) == ("export", desk.world.ids["data-manager"])
    assert elements == dict.fromkeys(("grade", "target", "comment", "staff_name", "groups"), learners)
    assert details == {"publication": str(outcome.publication), "reports": 5}
    events = desk.events()
    assert [event[:2] for event in events] == [(sequence, "reportPublished") for sequence in range(2, 7)]
    assert sorted(event[2]["learner"] for event in events) == learners
    assert {event[2]["publication"] for event in events} == {str(outcome.publication)}


async def test_what_was_published_stays_as_it_was(desk: Desk) -> None:
    """Marks and grades go on; the snapshot does not."""
    outcome = await desk.publish("head", autumn(desk))
    frozen = desk.snapshot("report", "report_line")
    await desk.record("teacher", batch("k", desk.entry("ann", "maths-10 paper 1", "80")))
    assert desk.grade_of("ann")[0] == "7"
    assert desk.snapshot("report", "report_line") == frozen
    again = await desk.publish("head", autumn(desk, "k2"))
    assert lines_of(desk, again.publication)[desk.world.ids["ann"]][1][3] == "7"
    assert lines_of(desk, outcome.publication)[desk.world.ids["ann"]][1][3] == "3"


# Events are deleted by their job alone: tests/e2e/test_old_events.py.
@pytest.mark.parametrize(
    ("table", "verb"),
    [
        (table, verb)
        for table in ("report", "report_line", "report_receipt", "mark_version", "outbox_event")
        for verb in ("UPDATE {} SET school_id = school_id WHERE school_id = {}", "DELETE FROM {} WHERE school_id = {}")
        if (table, verb[:6]) != ("outbox_event", "DELETE")
    ],
)
def test_the_application_cannot_change_a_snapshot(desk: Desk, bare_app_url: str, table: str, verb: str) -> None:
    """It has the right to add rows, and no other."""
    statement = sql.SQL(verb).format(sql.Identifier("usher", table), desk.world.school_id)  # type: ignore[arg-type]
    with (
        acting(bare_app_url, desk.world, "STAFF", "head") as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement)


@pytest.mark.parametrize("handle", ["teacher", "maths-lead", "tutor", "year-head", "senco", "dpo", "pat", "ann"])
async def test_who_may_not_export_the_schools_grades_may_not_publish(desk: Desk, handle: str) -> None:
    """Refused before anything is asked of the rows."""
    before = desk.snapshot()
    with pytest.raises(Forbidden):
        await desk.publish(handle, autumn(desk))
    assert desk.snapshot() == before


async def test_without_commit_nothing_is_published(desk: Desk) -> None:
    """All of it is one transaction."""
    before = desk.snapshot()
    async with desk.unit("head") as unit:
        await publish_reports(autumn(desk), unit, desk.permit("head"), desk.actor("head"), desk.now)
    assert desk.snapshot() == before


async def test_a_repeat_publishes_once(desk: Desk) -> None:
    """The same key gives the same publication; with another name it is refused."""
    first = await desk.publish("head", autumn(desk))
    before = desk.snapshot()
    second = await desk.publish("head", autumn(desk))
    assert second.replayed
    assert (second.publication, second.version, second.reports) == (first.publication, first.version, first.reports)
    with pytest.raises(IdempotencyConflict):
        await desk.publish("head", autumn(desk, year_group="11"))
    assert desk.snapshot() == before


async def test_two_publications_at_once_leave_one_live(desk: Desk) -> None:
    """The second waits, and supersedes the first."""
    async with AsyncExitStack() as stack, desk.unit("data-manager") as second:
        first = await stack.enter_async_context(desk.unit("head"))
        await publish_reports(autumn(desk), first, desk.permit("head"), desk.actor("head"), desk.now)
        who = "data-manager"
        waiting = asyncio.create_task(
            publish_reports(autumn(desk), second, desk.permit(who), desk.actor(who), desk.now)
        )
        await waits_for_lock(desk.owner_url, second)
        await first.commit()
        assert (await waiting).version == 3
        await second.commit()
    assert desk.rows(
        "SELECT version, status FROM usher.publication WHERE school_id = %s AND year_group = '10' ORDER BY 1"
    ) == [(1, "SUPERSEDED"), (2, "SUPERSEDED"), (3, "LIVE")]
    assert [event[0] for event in desk.events()] == list(range(2, 12))


async def test_a_window_that_is_not_there_is_named(new_desk: NewDesk) -> None:
    """Unknown and another school's are one; the key stays free."""
    desk, away = new_desk(), new_desk()
    before = desk.snapshot()
    errors = [
        (await desk.publish("head", autumn(desk, window=window))).errors
        for window in (uuid4(), away.world.ids["autumn"])
    ]
    assert errors[0] == errors[1]
    assert [(error.code, error.path) for error in errors[0]] == [("NOT_FOUND", ("input", "window"))]
    assert desk.snapshot() == before


async def test_a_year_group_without_learners_is_named(desk: Desk) -> None:
    """Nothing is superseded by nothing."""
    before = desk.snapshot()
    outcome = await desk.publish("head", autumn(desk, year_group="13"))
    assert [(error.code, error.path) for error in outcome.errors] == [("NO_LEARNERS", ("input", "yearGroup"))]
    assert desk.snapshot() == before


@pytest.mark.parametrize(
    ("change", "field"),
    [({"name": " "}, "name"), ({"name": "x" * 201}, "name"), ({"name": "a\x00"}, "name"), ({"year_group": ""}, "yearGroup"),
     ({"idempotency_key": "with blank"}, "idempotencyKey")],
)  # fmt: skip
async def test_a_text_out_of_bounds_is_bad_input(desk: Desk, change: dict[str, Any], field: str) -> None:
    """Named, before the database is asked."""
    command = replace(autumn(desk), **change)
    with pytest.raises(BadUserInput) as refused:
        await desk.publish("head", command)
    assert refused.value.path == ("input", field)


async def test_a_dry_run_counts_and_writes_nothing(desk: Desk) -> None:
    """Its key stays free for the real run."""
    before = desk.snapshot()
    outcome = await desk.publish("head", autumn(desk, dry=True))
    assert (outcome.publication, outcome.reports) == (None, 5)
    assert desk.snapshot() == before


async def test_a_year_group_takes_as_many_statements_as_one_learner(
    new_desk: NewDesk, wire_tap: WireTap, owner_url: str
) -> None:
    """One INSERT a table."""
    home = new_desk(partial(crowd, count=150))
    async with Pool(wire_tap.url, min_size=1, max_size=1) as pool:
        desk = Desk(home.world, pool, owner_url)
        counts: list[tuple[int, int]] = []
        for year_group in ("11", "10"):
            wire_tap.clear()
            outcome = await desk.publish("head", autumn(desk, year_group, year_group))
            counts.append((outcome.reports, len(wire_tap.statements)))
    assert counts == [(1, 13), (155, 13)]


async def test_a_parent_sees_the_live_report_of_a_verified_child_alone(desk: Desk, bare_app_url: str) -> None:
    """The walls alone: not the superseded one, no other child's, and no mark or grade behind it."""
    await desk.publish("head", autumn(desk))
    for capacity, handle in (("PARENT", "pat"), ("LEARNER", "ann")):
        with acting(bare_app_url, desk.world, capacity, handle) as connection:
            seen = connection.execute("SELECT report_id FROM usher.report").fetchall()
            assert seen == [(report_of(desk, "ann", 2),)]
            assert connection.execute("SELECT count(DISTINCT learner_id) FROM usher.report_line").fetchone() == (1,)
            for table in ("mark", "mark_version", "grade", "target", "course_comment"):
                statement = sql.SQL("SELECT count(*) FROM usher.{}").format(sql.Identifier(table))
                assert connection.execute(statement).fetchone() == (0,)


@pytest.mark.parametrize("handle", ["pat", "ann"])
async def test_a_receipt_is_given_once(desk: Desk, handle: str) -> None:
    """The first stands; the audit row names the learner."""
    await desk.publish("head", autumn(desk))
    report = report_of(desk, "ann", 2)
    first = await desk.acknowledge(handle, report)
    assert (first.report, first.received_at, first.errors) == (report, desk.now, ())
    object.__setattr__(desk, "now", desk.now + timedelta(minutes=5))
    assert (await desk.acknowledge(handle, report)).received_at == first.received_at
    person, learner = desk.world.ids[handle], desk.world.ids["ann"]
    assert desk.rows(
        "SELECT person_id, learner_id, received_at FROM usher.report_receipt WHERE school_id = %s AND report_id = %s",
        report,
    ) == [(person, learner, first.received_at)]
    assert desk.rows(
        "SELECT person_id, elements FROM usher.audit_operation WHERE school_id = %s AND kind = 'write'"
    ) == [(person, {"parent_link": [str(learner)]})]


async def test_a_receipt_for_what_may_not_be_read_is_refused_alike(desk: Desk) -> None:
    """Superseded, withdrawn, another child's, by a link unverified or ended, unknown: one answer, nothing written."""
    await desk.publish("head", autumn(desk))
    before = desk.snapshot()
    asked = [
        ("pat", report_of(desk, "ann", 1)), ("pat", report_of(desk, "bob", 2)), ("pat", report_of(desk, "cat", 2)),
        ("pat", report_of(desk, "eve", 2)), ("pat", uuid4()), ("ann", report_of(desk, "bob", 2)),
        ("dan", report_of(desk, "dan", 1)), ("quinn", report_of(desk, "dan", 1)),
    ]  # fmt: skip
    outcomes = [await desk.acknowledge(handle, report) for handle, report in asked]
    assert len(set(outcomes)) == 1
    assert [error.code for error in outcomes[0].errors] == ["NOT_FOUND"]
    assert desk.snapshot() == before


async def test_staff_give_no_receipts(desk: Desk) -> None:
    """A receipt says that the family has it."""
    with pytest.raises(Forbidden):
        await desk.acknowledge("head", report_of(desk, "ann", 1))
