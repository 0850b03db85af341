"""Plans of one rule book for many people: asked once for all of whom the book and its guardrails say the same."""

from __future__ import annotations

from collections.abc import Hashable

from server.policies.alike import Alike
from server.policies.permit import Coordinate
from server.policies.plan import Plan
from server.policies.planner import Planner
from server.policies.profile import Profile

__all__ = ["Outlook", "Plans"]


class Outlook(dict[Coordinate, Plan]):
    """The plans of one profile. Asks Casbin for what is missing where nobody has yet: slow."""

    def __init__(self, plans: Plans, profile: Profile) -> None:
        self._plans = plans
        self.profile = profile

    def __missing__(self, coordinate: Coordinate) -> Plan:
        self[coordinate] = found = self._plans.asked(self.profile, coordinate)
        return found


class Plans:
    """`planner` may be at work for others meanwhile: plans only ever grow in number.

    What was asked for `like` is not asked again, where both books are under the same guardrails.
    """

    def __init__(self, planner: Planner, like: Plans | None = None) -> None:
        self.planner = planner
        self.alike = Alike(planner.book, planner.ceiling)
        shared = like is not None and like.planner.ceiling_digest == planner.ceiling_digest
        self._asked: dict[Hashable, Plan] = like._asked if like is not None and shared else {}
        self._outlooks: dict[Profile, Outlook] = {}

    def of(self, profile: Profile, element: str, action: str) -> Plan:
        """In a thread where many are needed."""
        return self.outlook(profile)[element, action]

    def outlook(self, profile: Profile) -> Outlook:
        if profile not in self._outlooks:
            self._outlooks[profile] = Outlook(self, profile)
        return self._outlooks[profile]

    def asked(self, profile: Profile, coordinate: Coordinate) -> Plan:
        said = self.alike.of(profile, *coordinate)
        if said not in self._asked:
            self._asked[said] = self.planner.plan(profile, *coordinate)
        return self._asked[said]
