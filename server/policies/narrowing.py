"""Of a profile, what a rule book looks at for one element and action: profiles alike in that share its plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from server.policies.ceiling import CEILING_ALONE, Ceiling
from server.policies.permit import Coordinate
from server.policies.profile import Profile
from server.policies.reach import Reach, reaches
from server.policies.rule_book import RuleBook

_Said = frozenset[tuple[object, ...]]


class Narrowing:
    """For one book under its ceiling. A school has dozens of profiles, but at most coordinates few of them differ."""

    def __init__(self, book: RuleBook, ceiling: Ceiling) -> None:
        self._own = _by_coordinate(book)
        self._above = _by_coordinate(ceiling.book)
        self._raised = dict(book.raised)
        self._said: dict[Coordinate, _Said] = {}

    def of(self, profile: Profile, element: str, action: str) -> Profile:
        """A profile with no more roles and facts, and with the same plan at this coordinate."""
        if element in CEILING_ALONE:
            return profile
        both = (*self._own.get((element, action), ()), *self._above.get((element, action), ()))
        met = [reach for reach in both if reach.roles & profile.roles]
        kept: set[str] = set()
        for reach in sorted(met, key=lambda one: len(one.roles)):
            if not reach.roles & kept:
                kept.add(min(reach.roles & profile.roles))
        named = {fact for reach in met for fact in reach.conditions} | {f"trained:{self._raised.get(element)}"}
        return Profile(profile.capacity, frozenset(kept), profile.facts & named)

    def said(self, element: str, action: str) -> _Said:
        """What the book says there, whatever its rules are called: where two books say the same, they decide the same."""
        if (element, action) not in self._said:
            self._said[element, action] = self._says(element, action)
        return self._said[element, action]

    def _says(self, element: str, action: str) -> _Said:
        rules = frozenset[tuple[object, ...]](
            (one.rule.effect, one.roles, one.conditions, one.rule.scope, frozenset(one.rule.duties))
            for one in self._own.get((element, action), ())
        )
        return rules | {("raised", self._raised.get(element))}


def _by_coordinate(book: RuleBook) -> Mapping[Coordinate, list[Reach]]:
    found: dict[Coordinate, list[Reach]] = defaultdict(list)
    for reach in reaches(book):
        for element in reach.elements:
            found[element, reach.rule.action].append(reach)
    return dict(found)
