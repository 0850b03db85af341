"""What a new rule book would change, for every role, element, action, condition and kind of row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from server.policies.impact_change import Change, narrows_only, widens, widens_special
from server.policies.impact_grid import Grid
from server.policies.impact_points import Point, Side, duties_gone, gains, hit
from server.policies.impact_terms import NO_TERMS, Terms, differing, terms_above, terms_of
from server.policies.permit import Coordinate
from server.policies.planner import Planner
from server.policies.vocabulary import Capacity
from server.register.elements import ELEMENTS

__all__ = ["Change", "impact", "narrows_only", "widens", "widens_special"]


def impact(old: Planner, new: Planner) -> tuple[Change, ...]:
    """All changes, in the register's order; none exactly where no decision and no duty differs.

    ValueError for planners under different ceilings.
    """
    if old.ceiling_digest != new.ceiling_digest:
        raise ValueError("two books are compared under one ceiling: make both planners with it")
    before, after, above = terms_of(old.book), terms_of(new.book), terms_above(new.ceiling.book)
    raised = {element for element, _ in (*old.book.raised, *new.book.raised)}
    found: list[Change] = []
    for coordinate in differing(before, after):
        three = (terms.get(coordinate, NO_TERMS) for terms in (above, before, after))
        special = coordinate[0] in raised or ELEMENTS[coordinate[0]].guarded
        found += _at(coordinate, *three, special=special)
    place = {element: number for number, element in enumerate(ELEMENTS)}
    return tuple(sorted(found, key=lambda change: place[change.element]))


def _at(coordinate: Coordinate, above: Terms, before: Terms, after: Terms, *, special: bool) -> Iterator[Change]:
    for capacity in Capacity:
        grid = Grid(capacity, above, before, after)
        old, new = grid.side(above, before), grid.side(above, after)
        yield from _Comparison(grid, old, new, capacity, coordinate, special).changes()


class _Comparison:
    def __init__(
        self, grid: Grid, old: Side, new: Side, capacity: Capacity, coordinate: Coordinate, special: bool
    ) -> None:
        self._grid = grid
        self._old, self._new = old, new
        self._capacity = capacity
        self._element, self._action = coordinate
        self._special = special

    def changes(self) -> Iterator[Change]:
        gained, lost = self._by_profile(gains(self._old, self._new)), self._by_profile(gains(self._new, self._old))
        eased, added = duties_gone(self._old, self._new), duties_gone(self._new, self._old)
        profiles = {*gained, *lost, *(who for found in (eased, added) for points in found.values() for who in points)}
        for who in sorted(profiles, key=lambda point: (point.bit_count(), point)):
            had, has = _duties(self._old, who), _duties(self._new, who)
            yield Change(
                self._capacity,
                self._grid.holders(who),
                self._element,
                self._action,
                self._grid.facts(who),
                self._rows(gained.get(who, ())),
                self._rows(lost.get(who, ())),
                _sorted(has - had),
                _sorted(had - has) if self._new.sees(who) else (),
                self._special,
            )

    def _by_profile(self, points: Iterable[Point]) -> dict[Point, list[Point]]:
        found: dict[Point, list[Point]] = defaultdict(list)
        for point in points:
            found[point & self._grid.people].append(point)
        return found

    def _rows(self, points: Iterable[Point]) -> tuple[str, ...]:
        return _sorted({self._grid.row(point) for point in points})


def _duties(side: Side, who: Point) -> set[str]:
    """As a plan has them: of a profile that sees nothing there are none."""
    return {duty for duty, points in side.duties.items() if hit(who, points)} if side.sees(who) else set()


def _sorted(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(words))
