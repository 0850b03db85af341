"""Which conditions can hold for whom: a rule under a condition that never holds is a rule about nobody."""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType
from typing import Final

from server.policies.reach import Reach
from server.policies.rule import Finding
from server.policies.vocabulary import CONDITIONS, ROLE_PHRASES, ROLES, TIME_BOXED, Capacity

_PURPOSES: Final = frozenset(word for word in CONDITIONS if word.startswith("purpose:"))
# Whoever asks may state a reason and a purpose, and the clock is everybody's.
_STATED: Final = _PURPOSES | {"reason", "hours"}
_CERTIFICATES: Final = frozenset(word for word in CONDITIONS if word.startswith("trained:"))
_CLIENT_SCOPES: Final = frozenset(word for word in CONDITIONS if word.startswith("scope:"))
_IN_CAPACITY: Final = MappingProxyType(
    {
        Capacity.STAFF: _STATED | _CERTIFICATES | {"supervised", "break_glass"},
        Capacity.PARENT: _STATED,
        Capacity.LEARNER: _STATED,
        Capacity.CLIENT: _STATED | _CLIENT_SCOPES | {"grant"},
        Capacity.OPERATOR: _STATED | {"grant"},
    }
)


def conditions_of(role: str) -> frozenset[str]:
    """The conditions that server.queries.standing and a request can ever bring to a session with this role alone."""
    held = _IN_CAPACITY[ROLES[role]]
    return held | {"grant"} if role in TIME_BOXED else held


def condition_findings(reach: Reach) -> Iterator[Finding]:
    """At most one finding: conditions that hold together for none of the rule's roles."""
    if not reach.roles:
        return
    missing = [(len(reach.conditions - conditions_of(role)), role) for role in sorted(reach.roles)]
    fewest, role = min(missing)
    if fewest:
        words = " and ".join(sorted(reach.conditions - conditions_of(role)))
        sentence = f"{words} never holds for {ROLE_PHRASES[role]}: leave it out, or remove the rule"
        yield Finding(reach.rule.id, "never_holds", sentence)
    elif len(reach.conditions & _PURPOSES) > 1:
        words = " and ".join(sorted(reach.conditions & _PURPOSES))
        sentence = f"{words} never hold together: a request has one purpose. Make a rule of each"
        yield Finding(reach.rule.id, "never_holds", sentence)
