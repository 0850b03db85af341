"""A program at a school: whom it acts as there, and what the school granted it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg import sql

from server.identity.oauth.clients import Connection

_OPEN = (
    "SET LOCAL app.school_id = {school}",
    "SET LOCAL app.person = {person}",
    "SET LOCAL app.capacity = 'CLIENT'",
)
_IDENTITY: LiteralString = (
    "SELECT person_id FROM usher.login_identity WHERE identity = %s AND school_id = %s AND capacity = 'CLIENT'"
)
_SCOPES: LiteralString = """
SELECT DISTINCT g.scope FROM usher.client_grant AS g
JOIN usher.access_profile AS p ON p.school_id = %(school)s AND p.person_id = g.person_id AND p.capacity = 'CLIENT'
WHERE g.school_id = %(school)s AND g.person_id = %(person)s
  AND g.valid_from <= %(today)s AND (g.valid_to IS NULL OR g.valid_to > %(today)s)
  AND p.valid_from <= %(today)s AND (p.valid_to IS NULL OR p.valid_to > %(today)s)
"""


@dataclass(frozen=True, slots=True)
class SchoolAccess:
    school_id: UUID
    person_id: UUID
    scopes: frozenset[str]


def school_access(connection: Connection, client_id: str, school_id: UUID, now: datetime) -> SchoolAccess | None:
    """None where the school granted the program nothing, or nothing any more, or isn't there: alike."""
    found = connection.execute(_IDENTITY, [client_id, school_id]).fetchone()
    if found is None:
        return None
    person_id: UUID = found[0]
    act_at(connection, school_id, person_id)
    named: dict[str, Any] = {"school": school_id, "person": person_id, "today": now.date()}
    scopes = frozenset(str(row[0]) for row in connection.execute(_SCOPES, named).fetchall())
    return SchoolAccess(school_id, person_id, scopes) if scopes else None


def act_at(connection: Connection, school_id: UUID, person_id: UUID) -> None:
    """The rest of the transaction is the program's at that school: walls let it see no other."""
    named = {"school": sql.Literal(str(school_id)), "person": sql.Literal(str(person_id))}
    for statement in _OPEN:
        connection.execute(sql.SQL(statement).format(**named))
