"""One operation's asker: where the principal stands now, under which rule book, and what the audit will say."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from graphql import OperationDefinitionNode

from server.commands.actor import Actor
from server.commands.keys import new_key
from server.compliance.audit import write_audit
from server.database.context import Context
from server.database.pool import Pool, PoolConnection
from server.database.reads import LogMap
from server.errors import BadUserInput, PolicyUnavailable, SecondFactorRequired, Unauthenticated
from server.identity.principal import Principal
from server.policies.ceiling import Ceiling
from server.policies.planner import Planner
from server.policies.profile import Profile
from server.policies.second_factor import demands_second_factor
from server.policies.vocabulary import Capacity, scope_facts
from server.queries.ask import Coordinate
from server.queries.cursors import Cursors
from server.queries.rule_books import load_planner
from server.queries.run import Run
from server.queries.standing import Standing, load_standing
from server.register.purposes import PURPOSES
from server.register.school_hours import within_school_hours
from server.resolvers.trusted import Admission

MOST_STANDINGS = 20_000
MOST_PLANNERS = 500
_ONE_FACTOR = (
    "This account may do what takes two factors: sign in again with a second one, then ask with the new token."
)


# Made anew for each request, and a frozen one takes three times as long to make.
@dataclass(slots=True, eq=False)
class Asked:
    """`profile` holds the standing's facts and what this operation states: its reason and purpose.

    `admission`: by what right a client's document is asked.
    """

    principal: Principal
    standing: Standing
    profile: Profile
    planner: Planner
    now: datetime
    purpose: str | None
    reason: str | None
    admission: Admission | None = None
    home: str = ""

    @property
    def context(self) -> Context:
        admission = self.admission
        documents = None if admission is None else (admission.client_id, admission.version)
        return _context(self.principal, self.standing.policy_version, self.standing.profile_version, documents)

    def run(self, variables: Mapping[str, Any], cursors: Cursors, keys: Mapping[str, Any] | None = None) -> Run:
        return Run(
            school=self.principal.school_id,
            viewer=self.principal.person_id,
            capacity=self.principal.capacity,
            today=self.now.date(),
            variables=variables,
            roles=self.standing.roles_json,
            capabilities=self.standing.facts_json,
            cursors=cursors,
            keys=keys or {},
        )

    def actor(self, digest: str, operation: OperationDefinitionNode, coordinates: frozenset[Coordinate]) -> Actor:
        return Actor(
            person_id=self.principal.person_id,
            capacity=self.principal.capacity,
            profile_version=self.standing.profile_version,
            policy_version=self.standing.policy_version,
            ceiling_digest=self.planner.ceiling_digest,
            document_digest=digest,
            client_id=self.principal.client_id,
            role_names=tuple(self.standing.profile.named()),
            facts=tuple(sorted(self.profile.facts)),
            operation_name=operation.name.value if operation.name else None,
            footprint=footprint(coordinates),
            purpose=self.purpose,
            reason=self.reason,
            ip_address=self.principal.address,
            home=self.home,
        )

    async def audit(
        self,
        connection: PoolConnection,
        log: LogMap,
        digest: str,
        operation: OperationDefinitionNode,
        coordinates: frozenset[Coordinate],
    ) -> None:
        """The audit row of a read, in its own transaction."""
        actor = self.actor(digest, operation, coordinates)
        record = actor.record(self.principal.school_id, new_key(), self.now, "read", log)
        await write_audit(connection, record)


def footprint(coordinates: frozenset[Coordinate]) -> dict[str, object]:
    """{action: [elements]}, sorted."""
    found: dict[str, list[str]] = {}
    for element, action in sorted(coordinates):
        found.setdefault(action, []).append(element)
    return dict(found)


class Standings:
    """What one worker remembers of principals and rule books; the guard of each transaction proves it fresh."""

    def __init__(self, pool: Pool, ceiling: Ceiling, home: str = "") -> None:
        self._pool = pool
        self._ceiling = ceiling
        self._home = home
        self._standings: OrderedDict[tuple[Any, ...], Standing] = OrderedDict()
        self._planners: dict[str, Planner] = {}
        self._books: OrderedDict[tuple[Any, int], Planner] = OrderedDict()
        self._missed = {"standings": 0, "rule_books": 0}

    def remembered(self) -> Iterator[tuple[str, int, int]]:
        """Of each cache its name, how much it holds, and how often what was looked for was not there."""
        yield "standings", len(self._standings), self._missed["standings"]
        yield "rule_books", len(self._books), self._missed["rule_books"]

    async def of(
        self,
        principal: Principal,
        now: datetime,
        purpose: str | None,
        reason: str | None,
        *,
        fresh: bool = False,
        admission: Admission | None = None,
    ) -> Asked:
        """Raises Unauthenticated, PolicyUnavailable, SecondFactorRequired, and BadUserInput for a purpose that is not
        registered.
        """
        standing = await self._standing(principal, now, fresh)
        _check_ended(principal, standing)
        try:
            planner = await self._planner(principal, standing)
        except PolicyUnavailable:
            # The guard never sees what can't be planned: only a new look finds the version that mends it.
            self._standings.pop(_key(principal), None)
            raise
        if not principal.factor and demands_second_factor(planner, standing.profile):
            if not fresh:  # what demanded it may have ended, which no guard tells of where nothing is asked
                return await self.of(principal, now, purpose, reason, fresh=True, admission=admission)
            raise SecondFactorRequired(_ONE_FACTOR)
        reason = reason if reason and reason.strip() else standing.reason
        if purpose is not None and purpose not in PURPOSES:
            raise _no_purpose()
        hours = asks_hours(planner) and within_school_hours(now)
        profile = _stated(_personal(standing.profile, principal), purpose, bool(reason and reason.strip()), hours)
        return Asked(principal, standing, profile, planner, now, purpose, reason, admission, self._home)

    def turn_away(self, principal: Principal) -> None:
        """Whose token is known to have ended, before they are charged: it would be paid by whoever had it taken from them.

        Raises Unauthenticated.
        """
        known = self._standings.get(_key(principal))
        if known is not None:
            _check_ended(principal, known)

    async def prefetch(self, school_id: UUID, version: int) -> None:
        """Have the version's planner at hand, planned for whoever of the school asked lately.

        Only a school that somebody asks about here: a notification can't make a worker load what nobody wants. Raises
        PolicyUnavailable and Unavailable.
        """
        here = [(key, known) for key, known in self._standings.items() if key[0] == school_id]
        if not here:
            return
        planner = await self._book(school_id, version)
        profiles = {known.profile for _, known in here}
        for old in {known.policy_version for _, known in here}:
            book = self._books.get((school_id, old))
            for profile, element, action in book.planned(profiles) if book else ():
                planner.plan(profile, element, action)
                await asyncio.sleep(0)
        for key, known in here:
            if self._standings.get(key) is known and known.policy_version < version:
                self._standings.pop(key)

    async def _standing(self, principal: Principal, now: datetime, fresh: bool) -> Standing:
        key = _key(principal)
        known = None if fresh else self._standings.get(key)
        if known is not None and (known.until is None or now < known.until):
            return known
        self._missed["standings"] += 1
        standing = await load_standing(self._pool, *key, now)
        self._standings[key] = standing
        if len(self._standings) > MOST_STANDINGS:
            self._standings.popitem(last=False)
        return standing

    async def _planner(self, principal: Principal, standing: Standing) -> Planner:
        return await self._book(principal.school_id, standing.policy_version)

    async def _book(self, school_id: UUID, version: int) -> Planner:
        key = (school_id, version)
        known = self._books.get(key)
        if known is None:
            self._missed["rule_books"] += 1
            if len(self._planners) > MOST_PLANNERS:
                self._planners.clear()
            known = await load_planner(self._pool, *key, self._ceiling, self._planners)
            self._books[key] = known
            if len(self._books) > MOST_STANDINGS:
                self._books.popitem(last=False)
        return known


def _check_ended(principal: Principal, standing: Standing) -> None:
    if standing.ended_tokens and not standing.ended_tokens.isdisjoint(principal.endings):
        raise Unauthenticated("The bearer token was ended. Ask for a new one.")


def _key(principal: Principal) -> tuple[UUID, UUID, str]:
    return (principal.school_id, principal.person_id, principal.capacity)


def _personal(profile: Profile, principal: Principal) -> Profile:
    """Less than the profile where the token is: support access is a person's, so that a program that acts for one of
    the vendor's staff has none; and a program may have asked for fewer scopes than the school granted it."""
    if principal.capacity == Capacity.OPERATOR and principal.client_id is not None:
        return replace(profile, facts=profile.facts - {"grant"})
    if principal.scopes is not None:
        kept = scope_facts(principal.scopes)
        left_out = {f for f in profile.facts if f.startswith("scope:") and f not in kept}
        return replace(profile, facts=profile.facts - left_out) if left_out else profile
    return profile


@lru_cache(maxsize=MOST_PLANNERS)
def asks_hours(planner: Planner) -> bool:
    """Whether any of its rules looks at the clock: else the hour is no fact, and plans are the same all day."""
    return any("hours" in rule.conditions for rule in planner.book.rules)


# Both are asked with each request, and answer with the same object each time: plans and statements are found by it.
@lru_cache(maxsize=MOST_STANDINGS)
def _stated(profile: Profile, purpose: str | None, reason: bool, hours: bool) -> Profile:
    """The profile with what the operation states, and the hour."""
    facts = [f"purpose:{purpose}"] if purpose else []
    facts += ["reason"] if reason else []
    facts += ["hours"] if hours else []
    return profile.with_facts(facts) if facts else profile


@lru_cache(maxsize=MOST_STANDINGS)
def _context(
    principal: Principal, policy_version: int, profile_version: int, documents: tuple[str, int] | None
) -> Context:
    who = (principal.school_id, principal.person_id, principal.capacity)
    return Context(*who, policy_version, profile_version, documents)


def _no_purpose() -> BadUserInput:
    said = "Usher-Purpose names no registered purpose: leave it out, or name one."
    return BadUserInput(said, ("Usher-Purpose",))
