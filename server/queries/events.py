"""Events of the outbox and the versions that plans rest on, of several schools in one message."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg import sql

from server.database.pool import Pool, PoolConnection
from server.database.repeating import repeatable

MOST_EVENTS: Final = 1000
"""How many events of a school one look brings."""

# Parameters would need a message each: so quoted text, as in context.py.
_LOOK: Final = """\
SET LOCAL app.school_id = {school};
SELECT json_build_object(
  'policy', (SELECT h.version FROM usher.policy_head AS h WHERE h.school_id = {school}),
  'profiles', (SELECT json_agg(json_build_array(p.person_id, p.capacity, p.profile_version))
    FROM usher.access_profile AS p WHERE p.school_id = {school} AND p.person_id = ANY({people}::uuid[])),
  'documents', (SELECT json_object_agg(c.client_id, c.version) FROM usher.client_documents AS c
    WHERE c.client_id = ANY({clients}::text[])),
  'last', (SELECT o.last_sequence FROM usher.outbox_head AS o WHERE o.school_id = {school}),
  'first', (SELECT min(e.sequence) FROM usher.outbox_event AS e WHERE e.school_id = {school} AND e.sequence >= coalesce(
    (SELECT o.told_from FROM usher.outbox_head AS o WHERE o.school_id = {school}), 1)),
  'events', (SELECT json_agg(json_build_array(e.sequence, e.kind, e.payload, e.occurred_at) ORDER BY e.sequence) FROM
    (SELECT x.sequence, x.kind, x.payload, x.occurred_at FROM usher.outbox_event AS x
      WHERE x.school_id = {school} AND x.sequence > {after} ORDER BY x.sequence LIMIT {most}) AS e));
"""
_GRADES: Final = """\
SELECT x.grade_id, x.academic_year FROM usher.grade AS x
WHERE x.school_id = $1::uuid AND x.academic_year = $2::integer AND x.course_id = $3::uuid AND x.window_id = $4::uuid
    AND ($5::uuid[] IS NULL OR x.learner_id = ANY($5::uuid[])) LIMIT 5000"""
_MARKS: Final = """\
SELECT DISTINCT ON (x.learner_id) x.mark_id, x.academic_year FROM usher.mark AS x
JOIN usher.assessment AS a ON a.school_id = $1::uuid AND a.assessment_id = x.assessment_id
WHERE x.school_id = $1::uuid AND x.academic_year = $2::integer AND x.course_id = $3::uuid AND a.window_id = $4::uuid
    AND ($5::uuid[] IS NULL OR x.learner_id = ANY($5::uuid[])) ORDER BY x.learner_id, x.mark_id LIMIT 5000"""
_IMPORTED: Final = {"Grade": _GRADES, "Mark": _MARKS}


@dataclass(frozen=True, slots=True)
class OutboxEvent:
    """`payload` holds ids as text, and school years."""

    sequence: int
    kind: str
    payload: Mapping[str, Any]
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Wanted:
    """At most so many events of the school after that sequence number, and the profile versions of these people, and of
    what is registered for these clients."""

    school_id: UUID
    after: int
    people: Collection[UUID] = ()
    most: int = MOST_EVENTS
    clients: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """`first` and `last` are the numbers of the oldest event that is told and of the newest; 1 and 0 where none ever was.

    `profiles` holds the versions by person and capacity, `documents` those of clients. All of one moment.
    """

    events: tuple[OutboxEvent, ...]
    first: int
    last: int
    policy_version: int | None
    profiles: Mapping[tuple[UUID, str], int]
    documents: Mapping[str, int]


async def look(pool: Pool, wanted: Sequence[Wanted]) -> list[Found]:
    """In the order of `wanted`, in one round trip. Raises Unavailable and DatabaseDefect."""
    message = "BEGIN;\n" + "".join(_message(one) for one in wanted) + "COMMIT"

    async def work(connection: PoolConnection) -> list[Found]:
        cursor = await connection.execute(message.encode(), prepare=False)
        found: list[Found] = []
        while True:
            if cursor.description is not None:
                found += [_found(value) for (value,) in await cursor.fetchall()]
            if not cursor.nextset():
                return found

    return await repeatable(pool, work)


async def imported(
    connection: PoolConnection, school_id: UUID, noun: str, event: OutboxEvent, learners: Collection[UUID] | None
) -> list[tuple[UUID, int]]:
    """Keys and years of the rows that an import may have changed: grades, or one mark a learner; None: of all learners."""
    payload = event.payload
    whom = None if learners is None else list(learners)
    cursor = connection.reader
    values = [school_id, payload["year"], payload["course"], payload["window"], whom]
    await cursor.execute(_IMPORTED[noun].encode(), values)
    return [(key, year) for key, year in await cursor.fetchall()]


def _message(one: Wanted) -> str:
    people = "{" + ",".join(sorted(map(str, one.people))) + "}"
    return (
        sql.SQL(_LOOK)
        .format(
            school=sql.Literal(str(one.school_id)),
            people=sql.Literal(people),
            clients=sql.Literal(sorted(one.clients)),
            after=sql.Literal(one.after),
            most=sql.Literal(one.most),
        )
        .as_string(None)
    )


def _found(value: Mapping[str, Any]) -> Found:
    last = value["last"] or 0
    return Found(
        tuple(_event(*entry) for entry in value["events"] or ()),
        value["first"] or last + 1,
        last,
        value["policy"],
        {(UUID(person), capacity): version for person, capacity, version in value["profiles"] or ()},
        value["documents"] or {},
    )


def _event(sequence: int, kind: str, payload: Mapping[str, Any], occurred_at: str) -> OutboxEvent:
    return OutboxEvent(sequence, kind, payload, datetime.fromisoformat(occurred_at))
