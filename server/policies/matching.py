"""The four functions of the matchers. Total: any input gives True or False; no I/O, no eval, no regular expressions."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from server.policies.profile import Profile
from server.policies.rule import Pair

NONE = "-"


def within(rels: Any, scope: Any) -> bool:
    """Does the row stand in this relation? Joined tokens are members of `rels` like any other."""
    return isinstance(rels, frozenset) and isinstance(scope, str) and scope in rels


def holds(sub: Any, conditions: Any) -> bool:
    """Do all conditions of the cell (joined by +) hold for the profile?"""
    if not isinstance(sub, Profile) or not isinstance(conditions, str) or not conditions:
        return False
    return conditions == NONE or sub.facts.issuperset(conditions.split("+"))


def role_matcher(pairs: Iterable[Pair]) -> Callable[[Any, Any], bool]:
    """hasRole(sub, role): one of the profile's roles is this role, or belongs to this group."""
    groups = _by_member(pairs)

    def has_role(sub: Any, role: Any) -> bool:
        if not isinstance(sub, Profile) or not isinstance(role, str):
            return False
        return role in sub.roles or any(role in groups.get(own, ()) for own in sub.roles)

    return has_role


def group_matcher(pairs: Iterable[Pair]) -> Callable[[Any, Any], bool]:
    """inGroup(element, word): the word is the element, or a group that holds it."""
    groups = _by_member(pairs)

    def in_group(element: Any, word: Any) -> bool:
        if not isinstance(element, str) or not isinstance(word, str) or not element:
            return False
        return word == element or word in groups.get(element, ())

    return in_group


def _by_member(pairs: Iterable[Pair]) -> Mapping[str, frozenset[str]]:
    groups: dict[str, set[str]] = {}
    for member, group in pairs:
        groups.setdefault(member, set()).add(group)
    return {member: frozenset(found) for member, found in groups.items()}
