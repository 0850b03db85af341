"""Which profiles a rule book treats alike at a coordinate: those of whom the same is said have the same plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping

from server.policies.ceiling import CEILING_ALONE, Ceiling
from server.policies.permit import Coordinate
from server.policies.profile import Profile
from server.policies.raising import Raising
from server.policies.reach import Reach, reaches
from server.policies.rule_book import RuleBook

_Said = frozenset[tuple[object, ...]]
_Met = Mapping[Coordinate, _Said]
_NOTHING: _Said = frozenset()


class Alike:
    """For one book under its ceiling. A school has dozens of profiles, and of them all few different things are said."""

    def __init__(self, book: RuleBook, ceiling: Ceiling) -> None:
        self._own = reaches(book)
        self._above = reaches(ceiling.book)
        self._raised = dict(book.raised)
        self._raising = Raising(book.raised)
        self._met: dict[Profile, tuple[_Met, _Met]] = {}
        self._by_coordinate: Mapping[Coordinate, _Said] | None = None

    def of(self, profile: Profile, element: str, action: str) -> Hashable:
        """All that guardrails and rules say of the profile there: where it is equal, in whatever book, so is the plan."""
        if profile not in self._met:
            self._met[profile] = _met(self._above, profile), _met(self._own, profile)
        above, own = (met.get((element, action), _NOTHING) for met in self._met[profile])
        raised = (self._raising.shuts(profile, element, action), self._raising.duties(element, action))
        return above, None if element in CEILING_ALONE else own, raised

    def said(self, element: str, action: str) -> Hashable:
        """What the book says there, whatever its rules are called: where two books say the same, they decide the same."""
        if self._by_coordinate is None:
            self._by_coordinate = _gathered(
                (reach, (*_saying(reach), reach.roles, reach.conditions)) for reach in self._own
            )
        return self._by_coordinate.get((element, action), _NOTHING), self._raised.get(element)


def _met(several: tuple[Reach, ...], profile: Profile) -> _Met:
    """Of the rules that match the profile."""
    return _gathered(
        (reach, _saying(reach))
        for reach in several
        if not reach.roles.isdisjoint(profile.roles) and reach.conditions <= profile.facts
    )


def _saying(reach: Reach) -> tuple[object, ...]:
    return reach.rule.effect, reach.rule.scope, frozenset(reach.rule.duties)


def _gathered(several: Iterable[tuple[Reach, tuple[object, ...]]]) -> _Met:
    found: dict[Coordinate, set[tuple[object, ...]]] = defaultdict(set)
    for reach, said in several:
        for element in reach.elements:
            found[element, reach.rule.action].add(said)
    return {coordinate: frozenset(words) for coordinate, words in found.items()}
