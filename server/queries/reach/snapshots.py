"""Nightly snapshots of what decides who can see whom: taken by the application, of each night only what changed."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from psycopg import sql

from server.database.messages import commit, send
from server.database.pool import Pool, PoolConnection
from server.database.repeating import repeatable
from server.queries.reach.night import Account, Held, Night, night
from server.queries.reach.people import people_of
from server.queries.reach.relations import KEYS, relations_of
from server.queries.reach.school import school_of
from server.queries.reach.statements import Compiled, fetched
from server.register.elements import ELEMENTS
from server.register.retention import RETENTION

_BATCH: Final = 300
# The job reads as staff do and writes as nobody can sign in: see the snapshot wall.
_OPEN: Final = """\
BEGIN ISOLATION LEVEL REPEATABLE READ;
SET LOCAL app.school_id = {school};
SET LOCAL app.capacity = 'STAFF'"""
_WRITING: Final = b"SET LOCAL app.capacity = 'JOB'"
_HEAD: Final = "SELECT h.version FROM usher.policy_head AS h WHERE h.school_id = $1::uuid"
_NIGHT: Final = """\
INSERT INTO usher.access_snapshot (school_id, taken_on, taken_at, policy_version, shared, staff)
VALUES ($1::uuid, $2::date, $3::timestamptz, $4::int, $5::text::jsonb, $6::text[]) ON CONFLICT DO NOTHING"""
_PEOPLE: Final = """\
INSERT INTO usher.access_snapshot_person (school_id, person_id, capacity, taken_on, present, roles, facts, relations)
SELECT $1::uuid, x.person_id, x.capacity, $2::date, x.present, x.roles, x.facts, x.relations
FROM jsonb_to_recordset($3::text::jsonb)
    AS x(person_id uuid, capacity text, present boolean, roles text[], facts text[], relations jsonb)"""
_LEARNERS: Final = """\
INSERT INTO usher.access_snapshot_learner (school_id, learner_id, taken_on, held)
SELECT $1::uuid, x.learner_id, $2::date, x.held
FROM jsonb_to_recordset($3::text::jsonb) AS x(learner_id uuid, held jsonb)"""
_NIGHT_OF: Final = Compiled(
    "SELECT s.taken_on, s.policy_version, s.shared, s.staff FROM usher.access_snapshot AS s "
    "WHERE s.school_id = $1::uuid AND s.taken_on <= $2::date ORDER BY s.taken_on DESC LIMIT 1",
    ("school", "day"),
    {},
)
_PEOPLE_OF: Final = Compiled(
    "SELECT DISTINCT ON (s.person_id, s.capacity) s.person_id, s.capacity, s.present, s.roles, s.facts, s.relations "
    "FROM usher.access_snapshot_person AS s WHERE s.school_id = $1::uuid AND s.taken_on <= $2::date "
    "ORDER BY s.person_id, s.capacity, s.taken_on DESC",
    ("school", "day"),
    {},
)
_LEARNERS_OF: Final = Compiled(
    "SELECT DISTINCT ON (s.learner_id) s.learner_id::text, s.held "
    "FROM usher.access_snapshot_learner AS s WHERE s.school_id = $1::uuid AND s.taken_on <= $2::date "
    "ORDER BY s.learner_id, s.taken_on DESC",
    ("school", "day"),
    {},
)
_NIGHTS: Final = Compiled(
    "SELECT s.taken_on FROM usher.access_snapshot AS s WHERE s.school_id = $1::uuid ORDER BY s.taken_on",
    ("school",),
    {},
)
# A row that a later one has replaced by the first night that is kept.
_PRUNED: Final = (
    "DELETE FROM usher.access_snapshot AS s WHERE s.school_id = $1::uuid AND s.taken_on < $2::date",
    "DELETE FROM usher.access_snapshot_person AS s WHERE s.school_id = $1::uuid AND s.taken_on < $2::date AND EXISTS ("
    "SELECT 1 FROM usher.access_snapshot_person AS n WHERE n.school_id = $1::uuid AND n.person_id = s.person_id "
    "AND n.capacity = s.capacity AND n.taken_on > s.taken_on AND n.taken_on <= $2::date)",
    "DELETE FROM usher.access_snapshot_learner AS s WHERE s.school_id = $1::uuid AND s.taken_on < $2::date AND EXISTS ("
    "SELECT 1 FROM usher.access_snapshot_learner AS n WHERE n.school_id = $1::uuid AND n.learner_id = s.learner_id "
    "AND n.taken_on > s.taken_on AND n.taken_on <= $2::date)",
)


async def take_snapshot(pool: Pool, school_id: UUID, now: datetime) -> bool:
    """The school's snapshot of this day (UTC); False where it was taken before. Prunes what retention has ended.

    Safe to run twice at once, and after being cut off. Raises Unavailable and DatabaseDefect.
    """
    opening = sql.SQL(_OPEN).format(school=sql.Literal(str(school_id))).as_bytes(None)

    async def work(connection: PoolConnection) -> bool:
        await send(connection, opening)
        taken = await _current(connection, school_id, now)
        await send(connection, _WRITING)
        if not await _stored(connection, school_id, now, taken):
            return False
        await _pruned(connection, school_id, taken.day)
        await commit(connection)
        return True

    return await repeatable(pool, work)


async def night_of(connection: PoolConnection, school_id: UUID, day: date) -> Night | None:
    """The newest snapshot of that day or before it; None where there is none. Raises psycopg.Error."""
    given = {"school": school_id, "day": day}
    found = [row async for row in fetched(connection, _NIGHT_OF, given)]
    if not found:
        return None
    [(taken_on, version, shared, staff)] = found
    given["day"] = taken_on
    people = {
        (person, capacity): Held(tuple(roles), tuple(facts), relations)
        async for person, capacity, present, roles, facts, relations in fetched(connection, _PEOPLE_OF, given)
        if present
    }
    learners = {learner: held async for learner, held in fetched(connection, _LEARNERS_OF, given)}
    return Night(taken_on, version, people, learners, shared, staff)


async def _current(connection: PoolConnection, school_id: UUID, now: datetime) -> Night:
    cursor = await connection.reader.execute(_HEAD.encode(), [school_id])
    [version] = await cursor.fetchone() or (0,)
    people = await people_of(connection, school_id, now)
    school = await school_of(connection, school_id)
    relations = await relations_of(connection, school_id, now.date(), KEYS)
    return night(now.date(), version, people, school, relations)


async def _stored(connection: PoolConnection, school_id: UUID, now: datetime, taken: Night) -> bool:
    last = await night_of(connection, school_id, taken.day)
    shared = json.dumps(taken.shared)
    values = [school_id, taken.day, now, taken.policy_version, shared, list(taken.staff)]
    cursor = await connection.reader.execute(_NIGHT.encode(), values)
    if cursor.rowcount == 0:
        return False
    await _insert(connection, _PEOPLE, school_id, taken.day, list(_people(taken, last)))
    await _insert(connection, _LEARNERS, school_id, taken.day, list(_learners(taken, last)))
    return True


def _people(taken: Night, last: Night | None) -> Iterable[Mapping[str, Any]]:
    """Accounts that are new or changed, then those that have ended."""
    known = last.people if last else dict[Account, Held]()
    for (person_id, capacity), held in taken.people.items():
        if known.get((person_id, capacity)) != held:
            told = {"roles": held.role_names, "facts": held.facts, "relations": held.relations}
            yield {"person_id": str(person_id), "capacity": capacity, "present": True, **told}
    for person_id, capacity in known.keys() - taken.people.keys():
        gone: dict[str, Any] = {"roles": [], "facts": [], "relations": {}}
        yield {"person_id": str(person_id), "capacity": capacity, "present": False, **gone}


def _learners(taken: Night, last: Night | None) -> Iterable[Mapping[str, Any]]:
    known = last.learners if last else dict[str, Any]()
    for learner_id, held in taken.learners.items():
        if known.get(learner_id) != held:
            yield {"learner_id": learner_id, "held": held}


async def _insert(
    connection: PoolConnection, statement: str, school_id: UUID, day: date, rows: Sequence[Mapping[str, Any]]
) -> None:
    for start in range(0, len(rows), _BATCH):
        await connection.reader.execute(statement.encode(), [school_id, day, json.dumps(rows[start : start + _BATCH])])


async def _pruned(connection: PoolConnection, school_id: UUID, today: date) -> None:
    kept = [day async for day in _nights(connection, school_id) if not _ended(day, today)]
    for statement in _PRUNED if kept else ():
        await connection.reader.execute(statement.encode(), [school_id, kept[0]])


async def _nights(connection: PoolConnection, school_id: UUID) -> AsyncIterator[date]:
    async for (day,) in fetched(connection, _NIGHTS, {"school": school_id}):
        yield day


def _ended(day: date, today: date) -> bool:
    """As the audit's own rows, of which these are a kind."""
    period = RETENTION[ELEMENTS["audit"].retention].period
    return period is not None and period.after(day) <= today
