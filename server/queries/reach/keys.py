"""Which relations some plans look at: no others are looked up."""

from __future__ import annotations

from collections.abc import Iterable

from server.policies.permit import Coordinate
from server.policies.profile import Profile
from server.policies.vocabulary import atoms
from server.queries.reach.places import coordinates, families
from server.queries.reach.plans import Plans
from server.queries.reach.relations import Key, key_of


def keys(several: Iterable[Plans], asked: Iterable[tuple[Profile, Coordinate]]) -> frozenset[Key]:
    """For the rows in which each profile might see each coordinate, under each of several books."""
    books = tuple(several)
    looked: set[tuple[frozenset[str], frozenset[str]]] = set()
    for profile, coordinate in asked:
        needed = coordinates(*coordinate)
        found = families(needed)
        looked |= {(found, plans.of(profile, *one).tokens) for one in needed for plans in books}
    atomic = {
        (family, atom) for found, tokens in looked for token in tokens for atom in atoms(token) for family in found
    }
    return frozenset(key for family, atom in atomic if (key := key_of(family, atom)) is not None)
