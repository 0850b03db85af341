"""Plans of one rule book for many people: asked once for all of whom the book and its guardrails say the same."""

from __future__ import annotations

from collections.abc import Hashable

from server.policies.alike import Alike
from server.policies.permit import Coordinate
from server.policies.plan import Plan
from server.policies.planner import Planner
from server.policies.profile import Profile

__all__ = ["Plans"]


class Plans:
    """`planner` may be at work for others meanwhile: plans only ever grow in number.

    What was asked for `like` is not asked again, where both books are under the same guardrails.
    """

    def __init__(self, planner: Planner, like: Plans | None = None) -> None:
        self.planner = planner
        self.alike = Alike(planner.book, planner.ceiling)
        shared = like is not None and like.planner.ceiling_digest == planner.ceiling_digest
        self._asked: dict[Hashable, Plan] = like._asked if like is not None and shared else {}
        self._known: dict[Profile, dict[Coordinate, Plan]] = {}

    def of(self, profile: Profile, element: str, action: str) -> Plan:
        """Asks Casbin where nobody has yet: slow, so in a thread where many are needed."""
        known = self._known.setdefault(profile, {})
        if (element, action) not in known:
            said = self.alike.of(profile, element, action)
            if said not in self._asked:
                self._asked[said] = self.planner.plan(profile, element, action)
            known[element, action] = self._asked[said]
        return known[element, action]
