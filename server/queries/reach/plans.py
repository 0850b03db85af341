"""Plans of one rule book for many people: asked once for all profiles that the book can't tell apart."""

from __future__ import annotations

from server.policies.narrowing import Narrowing
from server.policies.plan import Plan
from server.policies.planner import Planner
from server.policies.profile import Profile

__all__ = ["Plans"]


class Plans:
    """`planner` may be at work for others meanwhile: plans only ever grow in number.

    Where its book says what the book of `like` says, under the same guardrails, the plans of `like` are taken.
    """

    def __init__(self, planner: Planner, like: Plans | None = None) -> None:
        self.planner = planner
        self._like = like if like is not None and like.planner.ceiling_digest == planner.ceiling_digest else None
        self.narrowing = Narrowing(planner.book, planner.ceiling)
        self._known: dict[tuple[Profile, str, str], Plan] = {}

    def of(self, profile: Profile, element: str, action: str) -> Plan:
        """Asks Casbin where nobody has yet: slow, so in a thread where many are needed."""
        key = (profile, element, action)
        if key not in self._known:
            self._known[key] = self._asked(profile, element, action)
        return self._known[key]

    def _asked(self, profile: Profile, element: str, action: str) -> Plan:
        said = self.narrowing.said(element, action)
        if self._like is not None and self._like.narrowing.said(element, action) == said:
            return self._like.of(profile, element, action)
        return self.planner.plan(self.narrowing.of(profile, element, action), element, action)
