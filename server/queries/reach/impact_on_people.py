"""Who would see more, and who less, if another rule book were in force: real people, and real rows of the school."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from server.database.pool import PoolConnection
from server.policies.permit import Coordinate
from server.policies.planner import Planner
from server.policies.profile import Profile
from server.policies.vocabulary import ACTIONS
from server.queries.reach.access import Seen, Sight, Viewpoint
from server.queries.reach.keys import keys
from server.queries.reach.people import Person, people_of
from server.queries.reach.places import coordinates
from server.queries.reach.plans import Plans
from server.queries.reach.relations import Relations, relations_of
from server.queries.reach.school import School, school_of
from server.queries.reach.stating import STATED
from server.register.elements import ELEMENTS


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
    affected = affected_coordinates(before, after)
    if not affected:
        return PeopleImpact(School({}), ())
    people = await people_of(connection, school_id, now)
    changed = await asyncio.to_thread(_changed, {one.profile for one in people}, affected, before, after)
    touched = [one for one in people if one.profile in changed]
    school = await school_of(connection, school_id)
    everybody = len(touched) > len(people) // 4
    ids = () if everybody else {one.person_id for one in touched}
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
        if before.narrowing.said(element, action) != after.narrowing.said(element, action)
    }
    return [
        (element, action)
        for element in ELEMENTS
        for action in ACTIONS
        if not differing.isdisjoint(coordinates(element, action))
    ]


Changed = dict[Profile, list[tuple[Coordinate, bool]]]
"""Of each profile the coordinates at which its plans differ: as it stands (False), or with a reason stated (True)."""


def _changed(profiles: Iterable[Profile], affected: list[Coordinate], before: Plans, after: Plans) -> Changed:
    found: Changed = {}
    for profile in profiles:
        stating = profile.with_facts(STATED)
        for coordinate in affected:
            ways = ((profile, False), (stating, True))
            differing = [(coordinate, stated) for one, stated in ways if _differ(one, coordinate, before, after)]
            if differing:
                found.setdefault(profile, []).extend(differing)
    return found


def _differ(profile: Profile, coordinate: Coordinate, before: Plans, after: Plans) -> bool:
    """Whether any plan that has a say in what is seen differs; where neither book allows anything, nothing does."""
    if before.of(profile, *coordinate).nothing and after.of(profile, *coordinate).nothing:
        return False
    return any(
        before.of(profile, *needed).gates != after.of(profile, *needed).gates for needed in coordinates(*coordinate)
    )


def _asked(changed: Changed) -> Iterator[tuple[Profile, Coordinate]]:
    for profile, some in changed.items():
        for coordinate, stated in some:
            yield profile.with_facts(STATED) if stated else profile, coordinate


def _differences(
    school: School, relations: Relations, people: list[Person], changed: Changed, before: Plans, after: Plans
) -> list[Difference]:
    found: list[Difference] = []
    for person in people:
        view = Viewpoint(school, relations, person.person_id)
        found += _of_person(view, person, changed[person.profile], before, after)
    ranks = {coordinate: rank for rank, coordinate in enumerate((e, a) for e in ELEMENTS for a in ACTIONS)}
    return sorted(found, key=lambda one: (ranks[one.element, one.action], one.person.order))


def _of_person(
    view: Viewpoint, person: Person, some: list[tuple[Coordinate, bool]], before: Plans, after: Plans
) -> Iterator[Difference]:
    """Of each coordinate what differs as the person stands; else, where plans differ and rows don't, what a reason opens."""
    sights: dict[bool, tuple[Sight, Sight]] = {}
    told: set[Coordinate] = set()
    for coordinate, stated in some:
        if coordinate in told:
            continue
        if stated not in sights:
            profile = person.profile.with_facts(STATED) if stated else person.profile
            sights[stated] = Sight(view, profile, before), Sight(view, profile, after)
        had, has = (sight.seen(*coordinate) for sight in sights[stated])
        if had != has:
            told.add(coordinate)
            yield Difference(person, *coordinate, has.without(had), had.without(has), stated)


def _together(masks: Iterable[int]) -> int:
    found = 0
    for mask in masks:
        found |= mask
    return found
