"""Asks Casbin once per profile, element and action, and remembers the answer as a plan."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from server.policies.ceiling import CEILING_ALONE, Ceiling
from server.policies.decider import Decider
from server.policies.ladder import Reason, Rung, ladder
from server.policies.permit import Coordinate, Permit, permit_of_planner
from server.policies.plan import CLOSED, OPEN, Plan
from server.policies.profile import Profile
from server.policies.raising import Raising
from server.policies.rule_book import RuleBook
from server.policies.shipped import model_text
from server.policies.vocabulary import Capacity

__all__ = ["Permit", "Planner", "Reason"]

MODEL_SHA256 = "e132a15b5df635fae098c39f91c0b2f49016b474799025f7f51ed286cc31139f"
_SILENT = frozenset({Capacity.PARENT, Capacity.LEARNER})
_CACHE_LIMIT = 100_000
_NOTHING = Plan((CLOSED, CLOSED))


class Planner:
    """Immutable: one per school and version, swapped by reference. Raises RuleBookInvalid for a book not understood."""

    def __init__(self, book: RuleBook, ceiling: Ceiling) -> None:
        self._decider = Decider(book, model_text(), MODEL_SHA256)
        self.book = book
        self.raising = Raising(book.raised)
        self.ceiling = ceiling
        self.book_digest = book.digest()
        self.ceiling_digest = ceiling.digest()
        self._plans: dict[tuple[Profile, str, str], Plan] = {}
        self._ladders: dict[tuple[Profile, str], tuple[Rung, ...]] = {}

    def plan(self, profile: Profile, element: str, action: str) -> Plan:
        """Which rows `profile` may use so. KeyError never: an unknown element or action plans nothing."""
        key = (profile, element, action)
        found = self._plans.get(key)
        if found is None:
            found = self._ask(profile, element, action)
            if len(self._plans) >= _CACHE_LIMIT:
                self._plans.clear()
            self._plans[key] = found
        return found

    def planned(self, profiles: Collection[Profile]) -> list[tuple[Profile, str, str]]:
        """What was planned for these profiles until now: (profile, element, action)."""
        return [key for key in self._plans if key[0] in profiles]

    def permit(self, profile: Profile, coordinates: Iterable[Coordinate]) -> Permit:
        """The plans of one operation, under this version of the book."""
        plans = {(element, action): self.plan(profile, element, action) for element, action in coordinates}
        return permit_of_planner(profile, plans, self.book_digest, self.ceiling_digest)

    def withheld(self, profile: Profile, element: str) -> tuple[Rung, ...]:
        """Why a row's element is withheld: the first entry whose plan passes the row gives the reason, None always.

        Ask only for rows where the plan for `read` does not pass. Parents and learners get (): the silent form.
        """
        if profile.capacity in _SILENT:
            return ()
        key = (profile, element)
        if key not in self._ladders:
            if len(self._ladders) >= _CACHE_LIMIT:
                self._ladders.clear()
            self._ladders[key] = ladder(profile, lambda supposed: self.plan(supposed, element, "read"))
        return self._ladders[key]

    def enforce(self, profile: Profile, element: str, action: str, rels: frozenset[str]) -> bool:
        """Casbin's answer for one row, without any plan: slow, for proofs and explanations."""
        if self.raising.shuts(profile, element, action):
            return False
        if not self.ceiling.decider.enforce(profile, element, action, rels):
            return False
        return element in CEILING_ALONE or self._decider.enforce(profile, element, action, rels)

    def _ask(self, profile: Profile, element: str, action: str) -> Plan:
        if self.raising.shuts(profile, element, action):
            return _NOTHING
        ceiling = self.ceiling.decider
        upper = ceiling.gate(profile, element, action)
        if not upper.allow:
            return _NOTHING
        if element in CEILING_ALONE:
            lower, own = OPEN, frozenset[str]()
        else:
            lower, own = self._decider.gate(profile, element, action), self._decider.duties(profile, element, action)
        plan = Plan((upper, lower))
        if plan.nothing:
            return plan
        duties = ceiling.duties(profile, element, action) | self.raising.duties(element, action)
        return replace(plan, duties=own | duties)
