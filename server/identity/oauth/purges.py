"""What a program is to delete of schools whose scopes ended, told to the program, and its word that it has."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, LiteralString
from uuid import UUID

from server.errors import BadUserInput
from server.identity.oauth.clients import Connection
from server.identity.oauth.school_access import act_at

_PERSON: LiteralString = (
    "SELECT person_id FROM usher.login_identity WHERE identity = %s AND school_id = %s AND capacity = 'CLIENT'"
)
_PURGES: LiteralString = """
SELECT p.purge_id, p.scope, p.ended_on, p.due_on, p.acknowledged_at, EXISTS (
    SELECT 1 FROM usher.client_grant AS g
    WHERE g.school_id = %(school)s AND g.person_id = p.program_id AND g.scope = p.scope
      AND g.valid_from <= %(today)s AND (g.valid_to IS NULL OR g.valid_to > %(today)s))
FROM usher.client_purge AS p WHERE p.school_id = %(school)s AND p.program_id = %(program)s
ORDER BY p.begun_at DESC, p.purge_id DESC LIMIT 100
"""
_ACKNOWLEDGE: LiteralString = """
UPDATE usher.client_purge SET acknowledged_at = coalesce(acknowledged_at, %(now)s)
WHERE school_id = %(school)s AND program_id = %(program)s AND purge_id = %(purge)s RETURNING acknowledged_at
"""


def list_purges(connection: Connection, school_id: UUID, program: UUID, today: date) -> list[dict[str, Any]]:
    """Newest first; the transaction is the program's at the school."""
    named: dict[str, Any] = {"school": school_id, "program": program, "today": today}
    return [
        {
            "id": str(key),
            "scope": scope,
            "endedOn": ended.isoformat(),
            "dueOn": due.isoformat(),
            "status": _status(acknowledged, due, today, again=again),
        }
        for key, scope, ended, due, acknowledged, again in connection.execute(_PURGES, named).fetchall()
    ]


def acknowledge_purge(
    connection: Connection, client_id: str, school_id: UUID, purge_id: UUID, now: datetime
) -> dict[str, Any]:
    """Once is as twice. Raises BadUserInput where this program has nothing of that id to purge."""
    refusal = BadUserInput("There is no such purge of this program: read them at the grants endpoint.", ("purge",))
    found = connection.execute(_PERSON, [client_id, school_id]).fetchone()
    if found is None:
        raise refusal
    act_at(connection, school_id, found[0])
    named: dict[str, Any] = {"school": school_id, "program": found[0], "purge": purge_id, "now": now}
    row = connection.execute(_ACKNOWLEDGE, named).fetchone()
    if row is None:
        raise refusal
    return {"id": str(purge_id), "acknowledgedAt": int(row[0].timestamp())}


def _status(acknowledged: datetime | None, due: date, today: date, *, again: bool) -> str:
    """ACKNOWLEDGED, GRANTED_AGAIN, OVERDUE or DUE."""
    if acknowledged is not None:
        return "ACKNOWLEDGED"
    if again:
        return "GRANTED_AGAIN"
    return "OVERDUE" if due <= today else "DUE"
