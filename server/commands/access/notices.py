"""Notices: posted to people of the school at once, read by them alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg import Connection, RawCursor
from psycopg.types.json import Jsonb

from server.commands.access.notice_kinds import NoticeKind
from server.commands.access.outcome import AccessOutcome
from server.commands.keys import new_key
from server.commands.outbox import Event, writes_events
from server.commands.statements import execute
from server.database.unit_of_work import UnitOfWork

OFFICERS: Final = ("dpo", "dsl")
"""Who is told at once when the glass is broken."""
WATCHERS: Final = ("dpo", "dsl", "head", "policy_approver")
"""Who is told of a change of officers."""
DECIDERS: Final = ("dpo", "head")
"""Who is told of support access, and of grants to programs."""

# Without RETURNING: a notice is read by whom it addresses.
_POST = """\
INSERT INTO usher.notice (school_id, notice_id, person_id, kind, payload, posted_at)
SELECT $1::uuid, n.notice_id, n.person_id, $2::text, $3::jsonb, $4::timestamptz
FROM unnest($5::uuid[], $6::uuid[]) AS n(notice_id, person_id)"""
_READ = """\
INSERT INTO usher.notice_read (school_id, notice_id, person_id, read_at)
SELECT $1::uuid, n.notice_id, n.person_id, $4::timestamptz FROM usher.notice AS n
WHERE n.school_id = $1::uuid AND n.person_id = $2::uuid AND n.notice_id = ANY($3::uuid[])
ON CONFLICT (school_id, notice_id) DO NOTHING"""


async def post_notices(
    unit: UnitOfWork, people: Iterable[UUID], kind: NoticeKind, ids: Mapping[str, UUID], now: datetime
) -> None:
    """One to each of the people, and one event `noticePosted` for each. Raises ValueError for ids that the kind doesn't name."""
    addressed = _addressed(people, kind, ids)
    if not addressed:
        return
    school_id = unit.context.school_id
    await execute(unit.connection, _POST, _values(school_id, addressed, kind, ids, now))
    unit.before_commit(writes_events(school_id, _posted(addressed), now))


def post_notices_now(
    connection: Connection[Any],
    school_id: UUID,
    people: Iterable[UUID],
    kind: NoticeKind,
    ids: Mapping[str, UUID],
    now: datetime,
) -> list[Event]:
    """The same, for a plain connection, which writes the events last of all."""
    addressed = _addressed(people, kind, ids)
    if addressed:
        RawCursor(connection).execute(_POST, _values(school_id, addressed, kind, ids, now))
    return _posted(addressed)


def _addressed(people: Iterable[UUID], kind: NoticeKind, ids: Mapping[str, UUID]) -> dict[UUID, UUID]:
    kind.check(ids)
    return {new_key(): person_id for person_id in people}


def _values(
    school_id: UUID, addressed: Mapping[UUID, UUID], kind: NoticeKind, ids: Mapping[str, UUID], now: datetime
) -> list[object]:
    payload = Jsonb({name: str(key) for name, key in ids.items()})
    return [school_id, kind.value, payload, now, list(addressed), list(addressed.values())]


def _posted(addressed: Mapping[UUID, UUID]) -> list[Event]:
    return [
        Event("noticePosted", {"notice": str(notice_id), "person": str(person_id)})
        for notice_id, person_id in addressed.items()
    ]


async def mark_notice_read(unit: UnitOfWork, notices: Sequence[UUID], now: datetime) -> AccessOutcome:
    """Those that are addressed to the caller; others are as if they weren't there."""
    context = unit.context
    await execute(unit.connection, _READ, [context.school_id, context.person_id, list(notices), now])
    return AccessOutcome()
