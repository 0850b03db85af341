"""What breaking the glass would open."""

from __future__ import annotations

from dataclasses import replace

from server.policies.planner import Planner
from server.policies.profile import Profile
from server.register.elements import ELEMENTS

REASON = frozenset({"reason"})
BROKEN = REASON | {"break_glass"}


def glass_opens(planner: Planner, profile: Profile) -> tuple[str, ...]:
    """The elements of which the profile would read more with the glass broken than with a reason alone."""
    unbroken = replace(profile, facts=profile.facts - BROKEN)
    calm, broken = unbroken.with_facts(REASON), unbroken.with_facts(BROKEN)
    return tuple(
        element
        for element in ELEMENTS
        if not planner.plan(calm, element, "read").covers(planner.plan(broken, element, "read"))
    )
