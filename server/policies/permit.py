"""The value that a check leaves behind, and that every statement needs."""

from collections.abc import Mapping

from server.policies.plan import Plan
from server.policies.profile import Profile

Coordinate = tuple[str, str]

_PLANNER = object()


class Permit:
    """Plans for the coordinates (element, action) of one operation. Only `Planner.permit` makes one."""

    __slots__ = ("_plans", "book_digest", "ceiling_digest", "profile")

    def __init__(
        self, maker: object, profile: Profile, plans: Mapping[Coordinate, Plan], book_digest: str, ceiling_digest: str
    ) -> None:
        if maker is not _PLANNER:
            raise TypeError("a permit is made by Planner.permit alone")
        self._plans = dict(plans)
        self.profile = profile
        self.book_digest = book_digest
        self.ceiling_digest = ceiling_digest

    def plan(self, element: str, action: str) -> Plan:
        """LookupError for a coordinate that the operation did not declare: that is a defect, never an answer."""
        try:
            return self._plans[element, action]
        except KeyError:
            raise LookupError(f"the permit was not asked for {action} of {element}") from None

    def duties(self, element: str) -> frozenset[str]:
        """The duties of every action with the element that the permit holds."""
        return frozenset(duty for (name, _), plan in self._plans.items() if name == element for duty in plan.duties)

    @property
    def coordinates(self) -> frozenset[Coordinate]:
        return frozenset(self._plans)


def permit_of_planner(
    profile: Profile, plans: Mapping[Coordinate, Plan], book_digest: str, ceiling_digest: str
) -> Permit:
    return Permit(_PLANNER, profile, plans, book_digest, ceiling_digest)
