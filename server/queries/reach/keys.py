"""Which relations some plans look at: no others are looked up."""

from __future__ import annotations

from collections.abc import Iterable

from server.policies.permit import Coordinate
from server.policies.profile import Profile
from server.policies.vocabulary import atoms
from server.queries.reach.access import LINES
from server.queries.reach.places import coordinates, places
from server.queries.reach.plans import Plans
from server.queries.reach.relations import Key, key_of


def keys(several: Iterable[Plans], asked: Iterable[tuple[Profile, Coordinate]]) -> frozenset[Key]:
    """For the rows in which each profile might see each coordinate, under each of several books."""
    books = tuple(several)
    found: set[Key | None] = set()
    for profile, coordinate in asked:
        needed = coordinates(*coordinate)
        families = {place.family for element, _ in needed for place in places(element)} | {"learner", LINES}
        tokens = {token for one in needed for plans in books for token in plans.of(profile, *one).tokens}
        found |= {key_of(family, atom) for family in families for token in tokens for atom in atoms(token)}
    return frozenset(key for key in found if key is not None)
