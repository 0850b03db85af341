"""A vendor's program as a person of the school, from its first grant on."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from server.commands.keys import new_key
from server.commands.statements import execute, fetch
from server.commands.storable import storable
from server.database.pool import PoolConnection

_LONGEST_ID = 63

_REGISTERED = "SELECT 1 FROM usher.oauth_client AS c WHERE c.client_id = $1::text AND c.ended_at IS NULL"
_FIND = """\
SELECT i.person_id FROM usher.login_identity AS i
WHERE i.identity = $2::text AND i.school_id = $1::uuid AND i.capacity = 'CLIENT'"""
_PERSON = "INSERT INTO usher.person (school_id, person_id, created_at) VALUES ($1::uuid, $2::uuid, $3::timestamptz)"
# Its role is its capacity's own: no row gives it.
_PROFILE = """\
INSERT INTO usher.access_profile (school_id, person_id, capacity, profile_version, valid_from)
VALUES ($1::uuid, $2::uuid, 'CLIENT', 1, $3::date)"""
_IDENTITY = """\
INSERT INTO usher.login_identity (identity, school_id, person_id, capacity, school_name)
SELECT $2::text, s.school_id, $3::uuid, 'CLIENT', s.name FROM usher.school AS s WHERE s.school_id = $1::uuid"""


async def is_registered(connection: PoolConnection, client_id: str) -> bool:
    """Whether the installation knows the program, and has not ended it."""
    return storable(client_id, _LONGEST_ID) and bool(await fetch(connection, _REGISTERED, [client_id]))


async def find_program(connection: PoolConnection, school_id: UUID, client_id: str) -> UUID | None:
    rows = await fetch(connection, _FIND, [school_id, client_id])
    return rows[0][0] if rows else None


async def add_program(connection: PoolConnection, school_id: UUID, client_id: str, now: datetime) -> UUID:
    """A person of the school in the capacity of a program; the school's people are locked. Returns the person."""
    person = new_key()
    await execute(connection, _PERSON, [school_id, person, now])
    await execute(connection, _PROFILE, [school_id, person, now.date()])
    await execute(connection, _IDENTITY, [school_id, client_id, person])
    return person
