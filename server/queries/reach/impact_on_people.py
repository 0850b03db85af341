"""Who would see more, and who less, if another rule book were in force: real people, and real rows of the school."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from server.database.pool import PoolConnection
from server.policies.permit import Coordinate
from server.policies.planner import Planner
from server.policies.profile import Profile
from server.policies.vocabulary import ACTIONS
from server.queries.ask import LEARNER_EXISTS
from server.queries.reach.access import Seen, Sight, Viewpoint
from server.queries.reach.keys import keys
from server.queries.reach.people import Person, people_of
from server.queries.reach.places import READ, Place, coordinates, families, places
from server.queries.reach.plans import Plans
from server.queries.reach.relations import Relations, relations_of
from server.queries.reach.school import School, school_of
from server.queries.reach.stating import STATED
from server.register.elements import ELEMENTS

# The relations of more people than these are found faster for everybody at once.
_FEW: Final = 5


@dataclass(frozen=True, slots=True)
class Difference:
    """What one account gains and loses of one element.

    `stated`: only when they give a reason or a purpose, or ask within school hours.
    """

    person: Person
    element: str
    action: str
    gained: Seen
    lost: Seen
    stated: bool = False


@dataclass(frozen=True, slots=True)
class PeopleImpact:
    """`differences` in the order of elements and actions, then of people."""

    school: School
    differences: tuple[Difference, ...]

    @property
    def gaining(self) -> frozenset[UUID]:
        return frozenset(one.person.person_id for one in self.differences if one.gained)

    @property
    def losing(self) -> frozenset[UUID]:
        return frozenset(one.person.person_id for one in self.differences if one.lost)

    @property
    def learners_gained(self) -> int:
        """The learners of whom somebody sees something that they did not see before."""
        return _together(one.gained.learners for one in self.differences)

    @property
    def learners_lost(self) -> int:
        return _together(one.lost.learners for one in self.differences)


async def impact_on_people(
    connection: PoolConnection, school_id: UUID, now: datetime, old: Planner, new: Planner
) -> PeopleImpact:
    """Under `new` as compared with `old`. Casbin and the sets work in a thread. Raises psycopg.Error."""
    before = Plans(old)
    after = Plans(new, before)
    affected = await asyncio.to_thread(affected_coordinates, before, after)
    if not affected:
        return PeopleImpact(School({}), ())
    people = await people_of(connection, school_id, now)
    changed = await asyncio.to_thread(_changed, {one.profile for one in people}, affected, before, after)
    touched = sorted((one for one in people if one.profile in changed), key=lambda one: one.order)
    school = await school_of(connection, school_id, families=families(affected))
    ids = () if len(touched) > _FEW else {one.person_id for one in touched}
    wanted = await asyncio.to_thread(keys, (before, after), _asked(changed))
    relations = await relations_of(connection, school_id, now.date(), wanted, ids)
    found = await asyncio.to_thread(_differences, school, relations, touched, changed, before, after)
    return PeopleImpact(school, tuple(found))


def affected_coordinates(before: Plans, after: Plans) -> list[Coordinate]:
    """Elements and actions that a difference of the two books can reach, in the register's order."""
    differing = {
        (element, action)
        for element in ELEMENTS
        for action in ACTIONS
        if before.alike.said(element, action) != after.alike.said(element, action)
    }
    return [
        (element, action)
        for element in ELEMENTS
        for action in ACTIONS
        if not differing.isdisjoint(coordinates(element, action))
    ]


_Group = tuple[Coordinate, ...]
"""Coordinates of which a profile sees the same rows, whoever has it."""

_Changed = dict[Profile, tuple[tuple[_Group, ...], tuple[_Group, ...]]]
"""Of each profile the groups at which its plans differ: as it stands, and with a reason stated."""


def _changed(profiles: Iterable[Profile], affected: list[Coordinate], before: Plans, after: Plans) -> _Changed:
    found: _Changed = {}
    for profile in profiles:
        bare, stating = (_groups(one, affected, before, after) for one in (profile, profile.with_facts(STATED)))
        if bare or stating:
            found[profile] = bare, stating
    return found


def _groups(profile: Profile, affected: list[Coordinate], before: Plans, after: Plans) -> tuple[_Group, ...]:
    """Where neither book allows anything, nothing differs."""
    found: dict[Hashable, list[Coordinate]] = {}
    old, new = _Looks(before, profile), _Looks(after, profile)
    for coordinate in affected:
        had, has = old.at(*coordinate), new.at(*coordinate)
        if had != has and not (before.of(profile, *coordinate).nothing and after.of(profile, *coordinate).nothing):
            found.setdefault((had, has), []).append(coordinate)
    return tuple(tuple(some) for some in found.values())


class _Looks:
    """All that has a say in which rows a profile sees: where it is equal, the same rows are seen."""

    def __init__(self, plans: Plans, profile: Profile) -> None:
        self._plans = plans.outlook(profile)
        self._existing: dict[Place, Hashable] = {}

    def at(self, element: str, action: str) -> Hashable:
        gates = self._plans[element, action].gates
        if action != READ:
            return action, gates, frozenset(place.family for place in places(element))
        return action, gates, frozenset(self._at(place) for place in places(element))

    def _at(self, place: Place) -> Hashable:
        if place not in self._existing:
            needed = (*place.existence, LEARNER_EXISTS) if place.owned else place.existence
            gates = tuple(self._plans[element, READ].gates for element in needed)
            self._existing[place] = place.family, gates
        return self._existing[place]


def _asked(changed: _Changed) -> Iterator[tuple[Profile, Coordinate]]:
    for profile, (bare, stating) in changed.items():
        yield from ((profile, coordinate) for group in bare for coordinate in group)
        supposed = profile.with_facts(STATED)
        yield from ((supposed, coordinate) for group in stating for coordinate in group)


def _differences(
    school: School, relations: Relations, people: list[Person], changed: _Changed, before: Plans, after: Plans
) -> list[Difference]:
    """`people` are in order already."""
    found: dict[Coordinate, list[Difference]] = {(element, action): [] for element in ELEMENTS for action in ACTIONS}
    nobody = Viewpoint(school, relations, UUID(int=0))
    for person in people:
        for one in _of_person(nobody.of(person.person_id), person, changed[person.profile], before, after):
            found[one.element, one.action].append(one)
    return [one for several in found.values() for one in several]


def _of_person(
    view: Viewpoint, person: Person, ways: tuple[tuple[_Group, ...], ...], before: Plans, after: Plans
) -> Iterator[Difference]:
    """Of each coordinate what differs as the person stands; else, where plans differ and rows don't, what a reason opens."""
    told: set[Coordinate] = set()
    for stated, groups in zip((False, True), ways, strict=True):
        profile = person.profile.with_facts(STATED) if stated else person.profile
        sights = Sight(view, profile, before), Sight(view, profile, after)
        for group in groups:
            left = [coordinate for coordinate in group if coordinate not in told]
            if not left:
                continue
            had, has = (sight.seen(*left[0]) for sight in sights)
            if had != has:
                told.update(left)
                gained, lost = has.without(had), had.without(has)
                yield from (Difference(person, *coordinate, gained, lost, stated) for coordinate in left)


def _together(masks: Iterable[int]) -> int:
    found = 0
    for mask in masks:
        found |= mask
    return found
