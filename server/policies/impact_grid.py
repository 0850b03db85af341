"""Terms as points: which bit stands for which roles, facts and relations at one coordinate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from server.policies.impact_points import Point, Side
from server.policies.impact_terms import Term
from server.policies.vocabulary import ROLES, Capacity


class Grid:
    """The bits for one capacity. Roles that no term tells apart share one bit: what holds for one holds for each."""

    def __init__(self, capacity: Capacity, *books: Iterable[Term]) -> None:
        self._bits: dict[str, Point] = {}
        terms = sorted({term for book in books for term in book}, key=repr)
        self._kinds = _alike(capacity, terms)
        self.people = 0
        for _ in self._kinds:
            self.people = self.people << 1 | 1
        for word in sorted({fact for term in terms for fact in term.facts}):
            self._bits[word] = self._next()
            self.people |= self._bits[word]
        for word in sorted({atom for term in terms for atom in term.atoms}):
            self._bits[word] = self._next()

    def side(self, above: Iterable[Term], book: Iterable[Term]) -> Side:
        """A book under a ceiling, both of terms that the grid was made with."""
        above, book = tuple(above), tuple(book)
        duties: dict[str, set[Point]] = defaultdict(set)
        for term in (*above, *book):
            for duty in term.duties if term.allows else ():
                duties[duty].update(point & self.people for point in self._points((term,), allows=True))
        return Side(
            self.people,
            self._points(above, allows=True),
            self._points(above, allows=False),
            self._points(book, allows=True),
            self._points(book, allows=False),
            {duty: tuple(sorted(points)) for duty, points in duties.items()},
        )

    def point(self, roles: Iterable[str], facts: Iterable[str], relations: Iterable[str]) -> Point:
        """As far as the terms speak of these words: what none of them names has no bit."""
        held = set(roles)
        kinds = (1 << number for number, alike in enumerate(self._kinds) if not held.isdisjoint(alike))
        return sum(kinds) | sum(self._bits.get(word, 0) for word in {*facts, *relations})

    def holders(self, point: Point) -> tuple[tuple[str, ...], ...]:
        """Who the point is about: one role of each is held."""
        return tuple(roles for number, roles in enumerate(self._kinds) if point >> number & 1)

    def facts(self, point: Point) -> tuple[str, ...]:
        return tuple(word for word, bit in self._bits.items() if bit & point & self.people)

    def atoms(self, point: Point) -> frozenset[str]:
        """The relations of the point's row."""
        return frozenset(word for word, bit in self._bits.items() if bit & point & ~self.people)

    def row(self, point: Point) -> str:
        """The same, joined by &; `school` for any row."""
        return "&".join(sorted(self.atoms(point))) or "school"

    def _points(self, terms: Iterable[Term], *, allows: bool) -> tuple[Point, ...]:
        found: set[Point] = set()
        for term in terms:
            if term.allows == allows:
                rest = sum(self._bits[word] for word in (*term.facts, *term.atoms))
                found.update(1 << number | rest for number, roles in enumerate(self._kinds) if roles[0] in term.roles)
        return tuple(sorted(found))

    def _next(self) -> Point:
        return 1 << (len(self._kinds) + len(self._bits))


def _alike(capacity: Capacity, terms: Iterable[Term]) -> list[tuple[str, ...]]:
    """Roles of the capacity that a term names, those together that are in the same terms; in the vocabulary's order."""
    where: dict[str, list[int]] = {role: [] for role, owner in ROLES.items() if owner == capacity}
    for number, term in enumerate(terms):
        for role in term.roles:
            if role in where:
                where[role].append(number)
    kinds: dict[tuple[int, ...], list[str]] = {}
    for role, numbers in where.items():
        if numbers:
            kinds.setdefault(tuple(numbers), []).append(role)
    return [tuple(roles) for roles in kinds.values()]
