"""People of the school, as changes of access ask for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from psycopg import Connection, RawCursor

from server.commands.statements import fetch
from server.database.pool import PoolConnection

# Several changes of officers, one after the other.
_LOCK = "SELECT s.school_id FROM usher.school AS s WHERE s.school_id = $1::uuid FOR NO KEY UPDATE"
_ACCOUNT = """\
SELECT 1 FROM usher.access_profile AS p
WHERE p.school_id = $1::uuid AND p.person_id = $2::uuid AND p.capacity = $3::text
    AND (p.valid_to IS NULL OR p.valid_to > $4::date)"""
_STAFF = "SELECT 1 FROM usher.staff AS s WHERE s.school_id = $1::uuid AND s.staff_id = $2::uuid"
_HOLDERS = """\
SELECT DISTINCT r.person_id FROM usher.role_assignment AS r
JOIN usher.access_profile AS p ON p.school_id = $1::uuid AND p.person_id = r.person_id AND p.capacity = 'STAFF'
    AND p.valid_from <= $3::date AND (p.valid_to IS NULL OR p.valid_to > $3::date)
WHERE r.school_id = $1::uuid AND r.role = ANY($2::text[])
    AND r.valid_from <= $3::date AND (r.valid_to IS NULL OR r.valid_to > $3::date)
ORDER BY r.person_id"""


async def lock_people(connection: PoolConnection, school_id: UUID) -> None:
    await fetch(connection, _LOCK, [school_id])


async def has_account(connection: PoolConnection, school_id: UUID, person_id: UUID, capacity: str, today: date) -> bool:
    """Whether the person may act in that capacity, today or later."""
    return bool(await fetch(connection, _ACCOUNT, [school_id, person_id, capacity, today]))


async def is_staff(connection: PoolConnection, school_id: UUID, person_id: UUID) -> bool:
    return bool(await fetch(connection, _STAFF, [school_id, person_id]))


async def holders(connection: PoolConnection, school_id: UUID, named: Sequence[str], today: date) -> list[UUID]:
    """Who holds one of the named roles today, with a valid account: for telling them, never for deciding."""
    return [row[0] for row in await fetch(connection, _HOLDERS, [school_id, list(named), today])]


def holders_now(connection: Connection[Any], school_id: UUID, named: Sequence[str], today: date) -> list[UUID]:
    """The same, for a plain connection."""
    rows = RawCursor(connection).execute(_HOLDERS, [school_id, list(named), today]).fetchall()
    return [row[0] for row in rows]
