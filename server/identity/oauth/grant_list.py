"""What schools granted a program, told to the program: never a word of anybody at a school."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, LiteralString
from uuid import UUID

from server.identity.issuer import Issuer
from server.identity.oauth.clients import Connection
from server.identity.oauth.purges import list_purges
from server.identity.oauth.school_access import act_at
from server.identity.webhooks.registry import webhook_status

PAGE: Final = 100
SANDBOX: Final = "client_sandbox:"
"""Before a program's id, the installation's fact that names its school of invented people."""

_SCHOOLS: LiteralString = """
SELECT school_id, person_id, school_name FROM usher.login_identity
WHERE identity = %s AND capacity = 'CLIENT' AND (%s::uuid IS NULL OR school_id > %s::uuid)
ORDER BY school_id LIMIT %s
"""
_SANDBOX: LiteralString = "SELECT value FROM usher.installation WHERE name = %s"
_SCOPES: LiteralString = """
SELECT scope, purpose, valid_from, valid_to, ended_at FROM usher.client_grant
WHERE school_id = %s AND person_id = %s ORDER BY scope, valid_from, grant_id
"""


@dataclass(frozen=True, slots=True)
class _Scope:
    scope: str
    purpose: str
    since: date
    until: date | None
    ended_at: datetime | None

    def status(self, today: date) -> str:
        """IN_FORCE, FUTURE, ENDED (by somebody, before its time) or OVER."""
        if self.ended_at is not None:
            return "ENDED"
        if self.since > today:
            return "FUTURE"
        return "IN_FORCE" if self.until is None or today < self.until else "OVER"


def list_grants(
    connection: Connection, issuer: Issuer, client_id: str, now: datetime, after: UUID | None
) -> dict[str, Any]:
    """At most 100 schools by their ids; `next` is what the next page is asked for by, or None."""
    rows = connection.execute(_SCHOOLS, [client_id, after, after, PAGE + 1]).fetchall()
    shown = rows[:PAGE]
    sandbox = connection.execute(_SANDBOX, [SANDBOX + client_id]).fetchone()
    grants = [{**_school(connection, issuer, row, now.date()), "sandbox": sandbox == (str(row[0]),)} for row in shown]
    return {
        "grants": grants,
        "webhook": webhook_status(connection, client_id),
        "next": str(shown[-1][0]) if len(rows) > PAGE else None,
    }


def _school(connection: Connection, issuer: Issuer, row: tuple[Any, ...], today: date) -> dict[str, Any]:
    school_id, person_id, name = row
    act_at(connection, school_id, person_id)
    found = [_Scope(*each) for each in connection.execute(_SCOPES, [school_id, person_id]).fetchall()]
    scopes = [
        {
            "scope": one.scope,
            "purpose": one.purpose,
            "since": one.since.isoformat(),
            "until": None if one.until is None else one.until.isoformat(),
            "status": one.status(today),
        }
        for one in found
    ]
    return {
        "school": issuer.api_id(school_id),
        "name": name,
        "resource": issuer.school(school_id),
        "status": _whole(one["status"] for one in scopes),
        "scopes": scopes,
        "purges": list_purges(connection, school_id, person_id, today),
    }


def _whole(statuses: Iterable[str | None]) -> str:
    """IN_FORCE where one scope is: tokens are given out."""
    found = set(statuses)
    return next((word for word in ("IN_FORCE", "FUTURE", "ENDED") if word in found), "OVER")
