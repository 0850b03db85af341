"""What feeds the facts, as rows to be read: certificates, roles, sessions, broken glass, notices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, LiteralString
from uuid import UUID

from server.database.pool import PoolConnection

# Whose rows: others' where $3, one's own ($2) where $4, and of one person where $5 names them.
_TRAINING = """\
SELECT x.certificate_id, x.person_id, concat_ws(' ', s.title, s.given_name, s.family_name), x.course, x.completed_on,
    x.expires_on, x.evidence
FROM usher.training_certificate AS x
LEFT JOIN usher.staff AS s ON s.school_id = $1::uuid AND s.staff_id = x.person_id
WHERE x.school_id = $1::uuid AND ((x.person_id <> $2::uuid AND $3::boolean) OR (x.person_id = $2::uuid AND $4::boolean))
    AND ($5::uuid IS NULL OR x.person_id = $5::uuid)
ORDER BY x.expires_on DESC, x.certificate_id LIMIT 1000"""
_ROLES = """\
SELECT x.role_assignment_id, x.person_id, concat_ws(' ', s.title, s.given_name, s.family_name), x.role, x.source,
    x.valid_from, x.valid_to
FROM usher.role_assignment AS x
LEFT JOIN usher.staff AS s ON s.school_id = $1::uuid AND s.staff_id = x.person_id
WHERE x.school_id = $1::uuid AND x.role <> ALL($6::text[])
    AND ((x.person_id <> $2::uuid AND $3::boolean) OR (x.person_id = $2::uuid AND $4::boolean))
    AND ($5::uuid IS NULL OR x.person_id = $5::uuid)
ORDER BY x.valid_from DESC, x.role_assignment_id LIMIT 1000"""
_TEACHING = """\
SELECT x.teaching_assignment_id, x.staff_id, concat_ws(' ', s.title, s.given_name, s.family_name), x.class_id, c.name,
    x.kind, x.source, x.valid_from, x.valid_to
FROM usher.teaching_assignment AS x
LEFT JOIN usher.staff AS s ON s.school_id = $1::uuid AND s.staff_id = x.staff_id
JOIN usher.class AS c ON c.school_id = $1::uuid AND c.class_id = x.class_id
WHERE x.school_id = $1::uuid AND ((x.staff_id <> $2::uuid AND $3::boolean) OR (x.staff_id = $2::uuid AND $4::boolean))
    AND ($5::uuid IS NULL OR x.staff_id = $5::uuid)
ORDER BY x.valid_from DESC, x.teaching_assignment_id LIMIT 1000"""
_SUPERVISIONS = """\
SELECT x.supervision_id, x.trainee_id, concat_ws(' ', s.title, s.given_name, s.family_name), x.supervisor_id,
    concat_ws(' ', w.title, w.given_name, w.family_name), x.valid_from, x.valid_to
FROM usher.supervision AS x
LEFT JOIN usher.staff AS s ON s.school_id = $1::uuid AND s.staff_id = x.trainee_id
JOIN usher.staff AS w ON w.school_id = $1::uuid AND w.staff_id = x.supervisor_id
WHERE x.school_id = $1::uuid AND ((x.trainee_id <> $2::uuid AND $3::boolean) OR (x.trainee_id = $2::uuid AND $4::boolean))
    AND ($5::uuid IS NULL OR x.trainee_id = $5::uuid)
ORDER BY x.valid_from DESC, x.supervision_id LIMIT 1000"""
_REQUESTS = """\
SELECT x.request_id, x.requester_id, x.name, x.reason, x.hours, x.requested_at, d.decision, d.decided_at, d.reason,
    d.starts_at, d.ends_at, e.ended_at
FROM usher.support_request AS x
LEFT JOIN usher.support_decision AS d ON d.school_id = $1::uuid AND d.request_id = x.request_id
LEFT JOIN usher.support_end AS e ON e.school_id = $1::uuid AND e.request_id = x.request_id
WHERE x.school_id = $1::uuid AND ((x.requester_id <> $2::uuid AND $3::boolean) OR (x.requester_id = $2::uuid AND $4::boolean))
    AND ($5::uuid IS NULL OR x.requester_id = $5::uuid)
ORDER BY x.requested_at DESC, x.request_id LIMIT 1000"""
_GLASS = """\
SELECT x.glass_id, x.person_id, concat_ws(' ', s.title, s.given_name, s.family_name), x.reason, x.started_at, x.ends_at,
    e.ended_at
FROM usher.break_glass AS x
LEFT JOIN usher.staff AS s ON s.school_id = $1::uuid AND s.staff_id = x.person_id
LEFT JOIN usher.break_glass_end AS e ON e.school_id = $1::uuid AND e.glass_id = x.glass_id
WHERE x.school_id = $1::uuid AND ((x.person_id <> $2::uuid AND $3::boolean) OR (x.person_id = $2::uuid AND $4::boolean))
    AND ($5::uuid IS NULL OR x.person_id = $5::uuid)
ORDER BY x.started_at DESC, x.glass_id LIMIT 1000"""
_LIVE = """\
SELECT r.request_id, r.name, r.reason, d.starts_at, d.ends_at FROM usher.support_request AS r
JOIN usher.support_decision AS d ON d.school_id = $1::uuid AND d.request_id = r.request_id
    AND d.decision = 'APPROVED' AND d.starts_at <= $2::timestamptz AND d.ends_at > $2::timestamptz
LEFT JOIN usher.support_end AS e ON e.school_id = $1::uuid AND e.request_id = r.request_id
WHERE r.school_id = $1::uuid AND e.request_id IS NULL
ORDER BY d.ends_at, r.request_id"""
_NOTICES = """\
SELECT n.notice_id, n.kind, n.payload, n.posted_at, m.read_at FROM usher.notice AS n
LEFT JOIN usher.notice_read AS m ON m.school_id = $1::uuid AND m.notice_id = n.notice_id
WHERE n.school_id = $1::uuid AND n.person_id = $2::uuid AND ($3::boolean OR m.read_at IS NULL)
ORDER BY n.posted_at DESC, n.notice_id DESC LIMIT 1000"""


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose rows may be read, and whose are asked for (None: everybody's)."""

    school_id: UUID
    viewer: UUID
    others: bool
    own: bool
    person: UUID | None = None

    @property
    def values(self) -> list[object]:
        return [self.school_id, self.viewer, self.others, self.own, self.person]


@dataclass(frozen=True, slots=True)
class Training:
    key: UUID
    person_id: UUID
    name: str
    course: str
    completed_on: date
    expires_on: date
    evidence: str


@dataclass(frozen=True, slots=True)
class RoleHeld:
    key: UUID
    person_id: UUID
    name: str
    role: str
    source: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class Teaching:
    key: UUID
    person_id: UUID
    name: str
    class_id: UUID
    class_name: str
    kind: str
    source: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class Supervision:
    key: UUID
    person_id: UUID
    name: str
    supervisor_id: UUID
    supervisor: str
    valid_from: date
    valid_to: date


@dataclass(frozen=True, slots=True)
class SupportRequest:
    key: UUID
    person_id: UUID
    name: str
    reason: str
    hours: int
    requested_at: datetime
    decision: str | None
    decided_at: datetime | None
    refusal: str | None
    starts_at: datetime | None
    ends_at: datetime | None
    ended_at: datetime | None

    def state(self, now: datetime) -> str:
        """PENDING, REFUSED, LIVE, ENDED (before its time) or OVER."""
        if self.decision != "APPROVED" or self.ends_at is None:
            return self.decision or "PENDING"
        if self.ended_at is not None:
            return "ENDED"
        return "LIVE" if now < self.ends_at else "OVER"


@dataclass(frozen=True, slots=True)
class Glass:
    key: UUID
    person_id: UUID
    name: str
    reason: str
    started_at: datetime
    ends_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class LiveSession:
    key: UUID
    name: str
    reason: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Notice:
    key: UUID
    kind: str
    payload: dict[str, str]
    posted_at: datetime
    read_at: datetime | None


async def training(connection: PoolConnection, whose: Whose) -> list[Training]:
    return [Training(*row) for row in await _fetch(connection, _TRAINING, whose.values)]


async def roles_held(connection: PoolConnection, whose: Whose, without: Sequence[str]) -> list[RoleHeld]:
    """`without` are the roles that nobody assigns."""
    return [RoleHeld(*row) for row in await _fetch(connection, _ROLES, [*whose.values, list(without)])]


async def teaching(connection: PoolConnection, whose: Whose) -> list[Teaching]:
    return [Teaching(*row) for row in await _fetch(connection, _TEACHING, whose.values)]


async def supervisions(connection: PoolConnection, whose: Whose) -> list[Supervision]:
    return [Supervision(*row) for row in await _fetch(connection, _SUPERVISIONS, whose.values)]


async def support_requests(connection: PoolConnection, whose: Whose) -> list[SupportRequest]:
    return [SupportRequest(*row) for row in await _fetch(connection, _REQUESTS, whose.values)]


async def broken_glass(connection: PoolConnection, whose: Whose) -> list[Glass]:
    return [Glass(*row) for row in await _fetch(connection, _GLASS, whose.values)]


async def live_sessions(connection: PoolConnection, school_id: UUID, now: datetime) -> list[LiveSession]:
    return [LiveSession(*row) for row in await _fetch(connection, _LIVE, [school_id, now])]


async def notices(connection: PoolConnection, school_id: UUID, person_id: UUID, *, every: bool) -> list[Notice]:
    """Newest first; `every` includes those that were read."""
    return [Notice(*row) for row in await _fetch(connection, _NOTICES, [school_id, person_id, every])]


async def _fetch(connection: PoolConnection, text: LiteralString, values: Sequence[object]) -> list[tuple[Any, ...]]:
    cursor = connection.reader
    await cursor.execute(text.encode(), values)
    return await cursor.fetchall()
