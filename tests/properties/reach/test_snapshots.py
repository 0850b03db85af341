"""Nights are stored as facts: read again they tell the same access, and two of them tell what changed and why."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import psycopg
import pytest

from server import tables
from server.commands.jobs.job import Desk
from server.commands.jobs.snapshots import take_snapshots
from server.compliance.mail import Mailer
from server.database.pool import Pool
from server.policies.rule_book import RuleBook
from server.policies.shipped import starting_book
from server.queries.reach.access import Sight, Viewpoint
from server.queries.reach.access_changes import AccessChanges, Cause, access_changes
from server.queries.reach.night import Night
from server.queries.reach.relations import Relations
from server.queries.reach.snapshots import night_of, take_snapshot
from server.register.elements import ELEMENTS
from tests.database import DatabaseMaker
from tests.properties.reach.officers import at_the_desk, everything, plans
from tests.worlds import World, insert_rows, insert_world, small_school, varied_school


def moment(world: World, days: int = 0) -> datetime:
    return datetime.combine(world.days(days), time(2), UTC)


async def stored(pool: Pool, world: World, *days: int) -> list[Night | None]:
    async with at_the_desk(pool, world) as connection:
        return [await night_of(connection, world.school_id, world.days(day)) for day in days]


def counted(owner_url: str, world: World) -> dict[str, int]:
    names = ("access_snapshot", "access_snapshot_person", "access_snapshot_learner")
    with psycopg.connect(owner_url) as connection:
        return {
            name: (
                connection.execute(
                    f"SELECT count(*) FROM usher.{name} WHERE school_id = %s".encode(), [world.school_id]
                ).fetchone()
                or (0,)
            )[0]
            for name in names
        }


async def test_a_night_tells_the_access_of_its_day(pool: Pool, owner_url: str, today: date, part: int) -> None:
    """Every account and element, from the stored rows alone, as from the tables themselves."""
    world = varied_school(f"night {part}", today)
    insert_world(owner_url, world)
    assert await take_snapshot(pool, world.school_id, moment(world))
    [night] = await stored(pool, world, 0)
    assert night is not None
    async with at_the_desk(pool, world) as connection:
        known = await everything(connection, world)
    school, asked = night.school(sorted(night.learners), sorted(night.staff)), plans()
    relations = Relations(night.personal(), night.of_everybody())
    assert set(night.people) == {(one.person_id, one.capacity.value) for one in known.people}
    for person in known.people:
        profile = night.people[person.person_id, person.capacity.value].profile(person.capacity.value)
        assert profile == person.profile
        then = Sight(Viewpoint(school, relations, person.person_id), profile, asked)
        now = known.sight(person, asked)
        for element in ELEMENTS:
            first, last = then.seen(element), now.seen(element)
            assert set(school.learner_ids(first.learners)) == set(known.school.learner_ids(last.learners))
            assert (first.staff.bit_count(), first.school) == (last.staff.bit_count(), last.school)


async def test_a_night_is_taken_once_and_stores_only_what_changed(pool: Pool, owner_url: str, today: date) -> None:
    """Twice at once, again the same day, then on the next: one row a night where nothing else moved."""
    world = small_school("once", today)
    insert_world(owner_url, world)
    both = await asyncio.gather(*(take_snapshot(pool, world.school_id, moment(world)) for _ in range(2)))
    assert sorted(both) == [False, True]
    assert not await take_snapshot(pool, world.school_id, moment(world) + timedelta(hours=3))
    first = counted(owner_url, world)
    assert first["access_snapshot"] == 1
    # Tomorrow some dates have moved for one account or another, but not for most.
    assert await take_snapshot(pool, world.school_id, moment(world, 1))
    second = counted(owner_url, world)
    assert second["access_snapshot"] == 2
    assert second["access_snapshot_learner"] == first["access_snapshot_learner"]
    assert second["access_snapshot_person"] < first["access_snapshot_person"] * 1.5


async def test_the_job_takes_the_night_of_every_school(
    make_database: DatabaseMaker, today: date, tmp_path: Path
) -> None:
    """Each once; the next run of the same day has nothing to do."""
    database = make_database()
    worlds = [small_school(f"job {number}", today) for number in range(2)]
    for world in worlds:
        insert_world(database.owner_url, world)
    async with Pool(database.app_url, min_size=1, max_size=1) as pool:
        desk = Desk(pool, None, tmp_path, Mailer(None, "usher@school.example", tmp_path))
        assert await take_snapshots(desk, moment(worlds[0])) == 2
        assert await take_snapshots(desk, moment(worlds[0])) == 0
    assert [counted(database.owner_url, world)["access_snapshot"] for world in worlds] == [1, 1]


async def test_nights_end_with_the_audits_retention(pool: Pool, owner_url: str, today: date) -> None:
    """What the oldest kept night needs stays; what a later row replaced by then goes."""
    world = small_school("pruned", today)
    insert_world(owner_url, world)
    old = world.today.replace(year=world.today.year - 8, day=1)
    with psycopg.connect(owner_url) as connection:
        for day in (old, old + timedelta(days=1), world.days(-1)):
            night = {"school_id": world.school_id, "taken_on": day}
            insert_rows(connection, tables.AccessSnapshotRow, [
                {**night, "taken_at": moment(world), "policy_version": 1, "shared": {}, "staff": []},
            ])  # fmt: skip
        for handle, day in (("teacher", old), ("teacher", old + timedelta(days=1)), ("head", old)):
            insert_rows(connection, tables.AccessSnapshotPersonRow, [{
                "school_id": world.school_id, "person_id": world.ids[handle], "capacity": "STAFF", "taken_on": day,
                "present": True, "roles": [], "facts": [], "relations": {},
            }])  # fmt: skip
    before = counted(owner_url, world)
    assert before["access_snapshot"] == 3
    assert await take_snapshot(pool, world.school_id, moment(world))
    with psycopg.connect(owner_url) as connection:
        nights = connection.execute(
            "SELECT taken_on FROM usher.access_snapshot WHERE school_id = %s ORDER BY 1", [world.school_id]
        ).fetchall()
        kept = connection.execute(
            "SELECT person_id, taken_on FROM usher.access_snapshot_person WHERE school_id = %s AND taken_on < %s",
            [world.school_id, world.today],
        ).fetchall()
    assert nights == [(world.days(-1),), (world.today,)]
    assert set(kept) == {(world.ids["teacher"], old + timedelta(days=1)), (world.ids["head"], old)}


@pytest.mark.parametrize(
    ("change", "account", "cause", "said"),
    [
        ("UPDATE usher.role_assignment SET valid_to = %(day)s WHERE school_id = %(school)s AND role = 'senco'",
         "senco", Cause.ROLE, "Role ended: senco."),
        ("UPDATE usher.training_certificate SET expires_on = %(day)s WHERE school_id = %(school)s AND course = 'sen'",
         "senco", Cause.FACT, "Holds no more: trained:sen."),
        ("UPDATE usher.teaching_assignment SET valid_to = %(day)s WHERE school_id = %(school)s",
         "english", Cause.RELATION, "taught: 0 more"),
        ("UPDATE usher.access_profile SET valid_to = %(day)s WHERE school_id = %(school)s AND capacity = 'PARENT'",
         "pat", Cause.ACCOUNT, "The account has ended."),
        ("UPDATE usher.learner_flag SET valid_to = %(day)s WHERE school_id = %(school)s",
         "teacher", Cause.SCHOOL, "protected: 0 more, 1 fewer."),
    ],
)  # fmt: skip
async def test_what_changed_is_told_with_its_cause(
    pool: Pool, owner_url: str, today: date, change: str, account: str, cause: Cause, said: str
) -> None:
    """A role, a certificate, a timetable, an account and a flag end tonight: each is told as what it is."""
    world = small_school(f"cause {cause}", today)
    insert_world(owner_url, world)
    await take_snapshot(pool, world.school_id, moment(world))
    with psycopg.connect(owner_url) as connection:
        connection.execute(change.encode(), {"day": world.days(1), "school": world.school_id})
    await take_snapshot(pool, world.school_id, moment(world, 1))
    told = await _changes(pool, world)
    one = next(one for one in told.accounts if one.person.person_id == world.ids[account])
    assert any(cause in changed.causes for changed in one.changes)
    assert any(words.startswith(said) for words in one.told[cause]), one.told
    assert any(changed.gained or changed.lost for changed in one.changes)


async def test_another_rule_book_is_a_cause_of_its_own(pool: Pool, owner_url: str, today: date) -> None:
    """With nothing else changed between two days, the book alone is told; the same book tells nothing."""
    world = small_school("cause book", today)
    insert_world(owner_url, world)
    await take_snapshot(pool, world.school_id, moment(world))
    [night] = await stored(pool, world, 0)
    assert night is not None
    start = starting_book()
    fewer = RuleBook(
        tuple(rule for rule in start.rules if rule.role != "senco"), start.role_groups, start.element_groups
    )
    same = await access_changes(night, night, plans().planner, plans().planner)
    assert same.accounts == ()
    told = await access_changes(night, night, plans().planner, plans(fewer).planner)
    assert {one.person.person_id for one in told.accounts} == {world.ids["senco"], world.ids["senco-untrained"]}
    assert {cause for one in told.accounts for changed in one.changes for cause in changed.causes} == {Cause.RULES}


async def _changes(pool: Pool, world: World) -> AccessChanges:
    before, after = await stored(pool, world, 0, 1)
    assert before is not None
    assert after is not None
    return await access_changes(before, after, plans().planner, plans().planner)
