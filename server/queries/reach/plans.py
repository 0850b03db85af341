"""Plans of one rule book for many people: asked once for all profiles that the book can't tell apart."""

from __future__ import annotations

from server.policies.narrowing import Narrowing
from server.policies.plan import Plan
from server.policies.planner import Planner
from server.policies.profile import Profile

__all__ = ["Plans"]


class Plans:
    """`planner` may be at work for others meanwhile: plans only ever grow in number."""

    def __init__(self, planner: Planner) -> None:
        self.planner = planner
        self.narrowing = Narrowing(planner.book, planner.ceiling)
        self._known: dict[tuple[Profile, str, str], Plan] = {}

    def of(self, profile: Profile, element: str, action: str) -> Plan:
        """Asks Casbin where nobody has yet: slow, so in a thread where many are needed."""
        key = (profile, element, action)
        if key not in self._known:
            self._known[key] = self.planner.plan(self.narrowing.of(profile, element, action), element, action)
        return self._known[key]
