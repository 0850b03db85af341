"""After a year an audit row says what was done, in which role and why, and no longer by whom.

As usher_audit, whom the database lets do this to sealed rows of more than a year ago, and change nothing else.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

import psycopg

from server.compliance.verification import KEPT
from server.database.school_by_school import school_by_school

Connection = psycopg.AsyncConnection[tuple[Any, ...]]

MOST: Final = 5000
_SCHOOLS: Final = "SELECT DISTINCT v.school_id FROM usher.policy_version AS v ORDER BY v.school_id"
# Sealed rows alone: the digest of what is forgotten must stand in a leaf. The oldest first, so that each run ends.
_FORGET: Final = """\
UPDATE usher.audit_operation AS a SET person_id = NULL, client_id = NULL, ip_address = NULL, user_salt = NULL
WHERE a.school_id = %(school)s AND a.audit_id IN (
    SELECT o.audit_id FROM usher.audit_operation AS o
    JOIN usher.audit_leaf AS l ON l.school_id = %(school)s AND l.audit_id = o.audit_id
    WHERE o.school_id = %(school)s AND o.occurred_at <= %(until)s AND o.user_salt IS NOT NULL
    ORDER BY o.occurred_at LIMIT %(most)s)"""


async def forget_all(connection: Connection, now: datetime, most: int = MOST) -> int:
    """How many rows lost person, program, address and their salt. `connection` commits by itself.

    What is wrong at a school is raised after all have had their turn. The database's own clock has the last word.
    """

    async def work(school_id: UUID) -> int:
        forgotten = 0
        while (count := await _forget_some(connection, school_id, now, most)) > 0:
            forgotten += count
            if count < most:
                break
        return forgotten

    schools = await (await connection.execute(_SCHOOLS)).fetchall()
    return sum((await school_by_school([school_id for (school_id,) in schools], work)).values())


async def _forget_some(connection: Connection, school_id: UUID, now: datetime, most: int) -> int:
    values = {"school": school_id, "until": now - KEPT, "most": most}
    return (await connection.execute(_FORGET, values)).rowcount
