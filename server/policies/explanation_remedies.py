"""What would make a decision another one: facts, relations, a role, or a relation that did not hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import product

from server.policies.impact_grid import Grid
from server.policies.impact_points import Point, minimal
from server.policies.impact_terms import NO_TERMS, terms_above, terms_of
from server.policies.matching import group_matcher
from server.policies.permit import Coordinate
from server.policies.planner import Planner
from server.policies.profile import Profile
from server.policies.rule_book import RuleBook
from server.policies.vocabulary import relations as whole
from server.policies.wording_remedies import remedy_sentence

_MOST_DENIALS = 4
_Parts = tuple[frozenset[str], frozenset[str], frozenset[str], bool]


@dataclass(frozen=True, slots=True)
class Remedy:
    """With all of this, and nothing less of it, the row would be visible.

    `facts` and `relations` would hold too, one of `roles` would be held too, and of `without` nothing would hold.
    """

    facts: frozenset[str] = frozenset()
    relations: frozenset[str] = frozenset()
    roles: tuple[str, ...] = ()
    without: frozenset[str] = frozenset()

    @property
    def sentence(self) -> str:
        return remedy_sentence(self.facts, self.relations, self.roles, self.without)

    @property
    def of_facts_alone(self) -> bool:
        return not (self.relations or self.roles or self.without)

    def supposed(
        self, profile: Profile, relations: Iterable[str], role: str | None = None
    ) -> tuple[Profile, frozenset[str]]:
        """Who would ask and of which row; `role` is one of `roles`, the first where it is left out."""
        held = profile.roles | {role or self.roles[0]} if self.roles else profile.roles
        who = Profile(profile.capacity, frozenset(held), profile.facts | self.facts)
        return who, whole((frozenset(relations) | self.relations) - self.without)


def remedies(
    planner: Planner, profile: Profile, coordinate: Coordinate, relations: frozenset[str]
) -> tuple[Remedy, ...]:
    """All that are least, the simplest first; Casbin has confirmed each. `relations` are plain ones, none joined."""
    search = _Search(planner, profile, coordinate, relations)
    found = [remedy for remedy in search.found() if planner.enforce(*_asked(remedy, profile, coordinate, relations))]
    return tuple(sorted(found, key=_simplicity))


def _asked(
    remedy: Remedy, profile: Profile, coordinate: Coordinate, relations: frozenset[str]
) -> tuple[Profile, str, str, frozenset[str]]:
    who, row = remedy.supposed(profile, relations)
    return who, *coordinate, row


def _simplicity(remedy: Remedy) -> tuple[object, ...]:
    parts = (remedy.roles[:1], remedy.without, remedy.relations, remedy.facts)
    return sum(map(len, parts)), *(sorted(part) for part in parts)


class _Search:
    """Every row that is seen contains a permission of both books: what of such a union is missing, is a remedy."""

    def __init__(self, planner: Planner, profile: Profile, coordinate: Coordinate, relations: frozenset[str]) -> None:
        above = terms_above(_about(planner.ceiling.book, coordinate)).get(coordinate, NO_TERMS)
        terms = terms_of(_about(planner.book, coordinate)).get(coordinate, NO_TERMS)
        self._grid = Grid(profile.capacity, above, terms)
        self._side = self._grid.side(above, terms)
        self._now = self._grid.point(profile.roles, profile.facts, relations)

    def found(self) -> Iterator[Remedy]:
        """Remedies that are least, those that differ in the role alone told as one."""
        pairs = {pair for whole_row in self._side.least(self._side.allowed) for pair in self._ways(whole_row)}
        grid = self._grid
        alike: dict[_Parts, list[str]] = defaultdict(list)
        for added, dropped in _least_pairs(pairs):
            roles = [role for kind in grid.holders(added) for role in kind]
            parts = frozenset(grid.facts(added)), grid.atoms(added), grid.atoms(dropped)
            alike[(*parts, bool(roles))].extend(roles)
        for (facts, relations, without, _), roles in alike.items():
            yield Remedy(facts, relations, tuple(roles), without)

    def _ways(self, whole_row: Point) -> Iterator[tuple[Point, Point]]:
        """What to add, and what to drop: a relation of each denial that would then stand against it."""
        supposed = self._now | whole_row
        added = whole_row & ~self._now
        if len(self._grid.holders(added)) > 1:
            return
        denials = minimal(one for one in (*self._side.denied, *self._side.above_denied) if one & supposed == one)
        if len(denials) > _MOST_DENIALS:
            return
        droppable = ~self._grid.people & ~whole_row
        for chosen in product(*(_bits(one & droppable) for one in denials)):
            dropped = _union(chosen)
            if self._side.visible(supposed & ~dropped):
                yield added, dropped


def _about(book: RuleBook, coordinate: Coordinate) -> RuleBook:
    """The book as far as it speaks of a coordinate."""
    element, action = coordinate
    in_group = group_matcher(book.element_groups)
    return replace(
        book, rules=tuple(rule for rule in book.rules if rule.action == action and in_group(element, rule.element))
    )


def _least_pairs(pairs: Iterable[tuple[Point, Point]]) -> list[tuple[Point, Point]]:
    kept: list[tuple[Point, Point]] = []
    for added, dropped in sorted(pairs, key=lambda pair: (pair[0].bit_count() + pair[1].bit_count(), pair)):
        if not any(one & added == one and other & dropped == other for one, other in kept):
            kept.append((added, dropped))
    return kept


def _bits(point: Point) -> list[Point]:
    return [1 << place for place in range(point.bit_length()) if point >> place & 1]


def _union(points: Iterable[Point]) -> Point:
    found = 0
    for point in points:
        found |= point
    return found
