"""The one way to say that what somebody may do has changed: every worker plans for them anew from its next request."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from server.commands.statements import execute, fetch
from server.database.failures import GuardFailed
from server.database.unit_of_work import UnitOfWork

# In key order, so that two changes of the same people wait for each other and never for good.
_LOCK = """\
SELECT p.person_id, p.capacity, p.profile_version FROM usher.access_profile AS p
WHERE p.school_id = $1::uuid AND p.person_id = ANY($2::uuid[])
ORDER BY p.person_id, p.capacity FOR UPDATE"""
_RAISE = """\
UPDATE usher.access_profile AS p SET profile_version = p.profile_version + 1
WHERE p.school_id = $1::uuid AND p.person_id = ANY($2::uuid[])"""
_HOLD_POLICY = "SELECT h.version FROM usher.policy_head AS h WHERE h.school_id = $1::uuid FOR SHARE"


async def raise_profiles(unit: UnitOfWork, people: Iterable[UUID]) -> frozenset[UUID]:
    """One step up in every capacity of these people. Returns them.

    Where the asker is one of them, the guard of COMMIT would refuse the asker's own step: commit with `recheck=False`.
    The versions that it would look at are looked at here, and held until COMMIT. Raises GuardFailed.
    """
    touched = frozenset(people)
    context, keys = unit.context, sorted(touched)
    found = await fetch(unit.connection, _LOCK, [context.school_id, keys])
    if context.person_id in touched:
        own = (context.person_id, context.capacity, context.profile_version)
        heads = await fetch(unit.connection, _HOLD_POLICY, [context.school_id])
        if own not in found or heads != [(context.policy_version,)]:
            raise GuardFailed
    await execute(unit.connection, _RAISE, [context.school_id, keys])
    return touched
