"""What another book would do to the school's people and to what they asked, reckoned where it is selected."""

from __future__ import annotations

import asyncio
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from server.database.pool import PoolConnection
from server.policies.planner import Planner
from server.policies.rule_book import RuleBook
from server.policies.shipped import shipped_ceiling
from server.queries.reach.impact_on_people import impact_on_people
from server.queries.reach.replay import replayed
from server.resolvers.access.gate import AUDIT, may
from server.resolvers.inquiry import Inquirer
from server.resolvers.naming import Naming
from server.resolvers.policy.people_impact import counted_value, named, people_value, replay_value


class BookImpact:
    """`inquirer` is None in a mutation's payload, which tells of nobody and replays nothing: policyImpact does.

    Raises RuleBookInvalid for a book with unknown words.
    """

    def __init__(
        self,
        connection: PoolConnection,
        school_id: UUID,
        now: datetime,
        old: RuleBook,
        new: RuleBook,
        inquirer: Inquirer | None,
    ) -> None:
        self._connection = connection
        self._school_id = school_id
        self._now = now
        self._inquirer = inquirer
        self._books = (old, new)

    async def people(self) -> dict[str, Any]:
        """Counts and groups alone for those who may not read the audit: a rule can single out the protected."""
        impact = await impact_on_people(self._connection, self._school_id, self._now, *self._planners)
        if not self._tells:
            return await asyncio.to_thread(counted_value, impact)
        naming = Naming(self._inquirer, *await asyncio.to_thread(named, impact))
        return await asyncio.to_thread(people_value, impact, naming)

    async def replay(self) -> dict[str, Any] | None:
        """None for those who may not read the audit."""
        if self._inquirer is None or not self._tells:
            return None
        self._inquirer.log(AUDIT)
        return replay_value(await replayed(self._connection, self._school_id, *self._planners))

    @property
    def _tells(self) -> bool:
        return self._inquirer is not None and may(self._inquirer, "read")

    @cached_property
    def _planners(self) -> tuple[Planner, Planner]:
        old, new = self._books
        return self._planner(old), self._planner(new.checked())

    def _planner(self, book: RuleBook) -> Planner:
        """The book in force has been planned already."""
        in_force = None if self._inquirer is None else self._inquirer.asked.planner
        if in_force is not None and in_force.book_digest == book.digest():
            return in_force
        return Planner(book, shipped_ceiling())
