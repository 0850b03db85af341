"""What a job does in the name of the person who asked for it: their context, their permit, their line in the audit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from server.commands.actor import Actor
from server.commands.policy.refusals import COORDINATES
from server.database.context import Context
from server.database.messages import send
from server.database.pool import Pool, PoolConnection
from server.database.repeating import repeatable
from server.errors import Unauthenticated
from server.policies.ceiling import Ceiling
from server.policies.permit import Permit
from server.policies.profile import Profile
from server.queries.rule_books import load_planner
from server.queries.standing import load_standing

JOB: Final = "policy-job"
_SCHOOLS: Final = "SELECT DISTINCT i.school_id FROM usher.login_identity AS i ORDER BY i.school_id"


@dataclass(frozen=True, slots=True)
class InNameOf:
    """The versions are those that stood when the job looked; the transaction's guard proves that they still do."""

    school_id: UUID
    person_id: UUID
    policy_version: int
    profile_version: int

    @property
    def context(self) -> Context:
        return Context(self.school_id, self.person_id, "STAFF", self.policy_version, self.profile_version)

    async def permit(self, pool: Pool, now: datetime, ceiling: Ceiling) -> Permit | None:
        """What the person may do now; None for somebody whose account has ended. Raises PolicyUnavailable."""
        try:
            standing = await load_standing(pool, self.school_id, self.person_id, "STAFF", now)
        except Unauthenticated:
            return None
        planner = await load_planner(pool, self.school_id, self.policy_version, ceiling, {})
        return planner.permit(standing.profile, COORDINATES)

    def actor(self, profile: Profile | None, ceiling: Ceiling) -> Actor:
        return Actor(
            person_id=self.person_id,
            capacity="STAFF",
            profile_version=self.profile_version,
            policy_version=self.policy_version,
            ceiling_digest=ceiling.digest(),
            document_digest=JOB,
            role_names=tuple(profile.named()) if profile else (),
            facts=tuple(sorted(profile.facts)) if profile else (),
            operation_name=JOB,
            footprint={"write": ["policy"]},
        )


async def schools(pool: Pool) -> list[UUID]:
    """All that somebody can sign in to."""

    async def work(connection: PoolConnection) -> list[UUID]:
        await send(connection, b"BEGIN")
        return [row[0] for row in await (await connection.execute(_SCHOOLS)).fetchall()]

    return await repeatable(pool, work)
