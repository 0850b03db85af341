"""Roles that a school is never without, whoever leaves: its rules could not be changed, or not be approved."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from server.commands.access.outcome import AccessOutcome, refused
from server.commands.access.people import lock_people
from server.commands.statements import fetch
from server.database.pool import PoolConnection

NEVER_WITHOUT: Final = {"dpo": "data protection officer", "policy_approver": "approver of policies"}

# Who holds it without an end: one whose role or account is to end leaves the school without one that day.
_LASTING = """\
SELECT 1 FROM usher.role_assignment AS r
JOIN usher.access_profile AS p ON p.school_id = $1::uuid AND p.person_id = r.person_id AND p.capacity = 'STAFF'
WHERE r.school_id = $1::uuid AND r.role = $2::text AND r.role_assignment_id <> $3::uuid
    AND r.valid_to IS NULL AND p.valid_to IS NULL
    AND r.valid_from <= $4::date AND p.valid_from <= $4::date
LIMIT 1"""


async def last_officer(
    connection: PoolConnection, school_id: UUID, role: str, assignment: UUID, today: date
) -> AccessOutcome | None:
    """A refusal where nobody else holds the role for good. Changes of a school's officers come one after the other."""
    if role not in NEVER_WITHOUT:
        return None
    await lock_people(connection, school_id)
    if await fetch(connection, _LASTING, [school_id, role, assignment, today]):
        return None
    sentence = (
        f"The school would be without a {NEVER_WITHOUT[role]}: give somebody else the role first, without an end."
    )
    return refused("LAST_OFFICER", sentence, "assignment")
