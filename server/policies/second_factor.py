"""Whom a school's own book makes it worth to ask for two factors (R114): officers, and whoever may read what is guarded.

Asked of the plans, never of role names: a role that a school gives more to is asked for more.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from server.policies.planner import Planner
from server.policies.profile import Profile
from server.policies.vocabulary import CONDITIONS, Capacity
from server.register.elements import ELEMENTS

_CAPACITIES: Final = frozenset({Capacity.STAFF, Capacity.OPERATOR})
# Making rules, reading the audit, and giving access, training or an account to others.
_OFFICES: Final = (
    ("policy", "write"),
    ("policy", "export"),
    ("audit", "read"),
    ("audit", "export"),
    ("role_assignment", "write"),
    ("training_record", "write"),
    ("client_grant", "write"),
    ("parent_link", "write"),
    ("account", "write"),
)
_GUARDED: Final = tuple(
    (name, action) for name, element in ELEMENTS.items() if element.guarded for action in ("read", "write", "export")
)
# What a request may state of itself, and the hour, are no obstacle to whoever has the token.
_SUPPOSED: Final = frozenset(word for word in CONDITIONS if word in ("reason", "hours") or word.startswith("purpose:"))
_KNOWN: Final = 20_000


@lru_cache(maxsize=_KNOWN)
def demands_second_factor(planner: Planner, profile: Profile) -> bool:
    """Whether one factor is too little for what `profile` may do, whatever it states with its next request.

    Parents, learners and programs are never asked: they see their own, and programs prove themselves by keys.
    """
    if profile.capacity not in _CAPACITIES:
        return False
    profiles = (profile, profile.with_facts(_SUPPOSED))
    return any(not planner.plan(one, *wanted).nothing for one in profiles for wanted in (*_OFFICES, *_GUARDED))
