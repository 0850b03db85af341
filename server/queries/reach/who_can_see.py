"""Who can see an element of one learner, and what one person can see: from the same plans and relations."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from server.database.pool import PoolConnection
from server.policies.permit import Coordinate
from server.policies.plan import Plan
from server.policies.planner import Planner
from server.policies.profile import Profile
from server.queries.reach.access import Seen, Sight, Viewpoint
from server.queries.reach.keys import keys
from server.queries.reach.people import Person, people_of
from server.queries.reach.places import Place
from server.queries.reach.plans import Plans
from server.queries.reach.relations import Relations, relations_of
from server.queries.reach.school import School, school_of
from server.queries.reach.stating import acting
from server.register.elements import ELEMENTS


@dataclass(frozen=True, slots=True)
class Onlooker:
    """Somebody who sees it. `through` are the scopes that let them; `courses` where its rows belong to courses."""

    person: Person
    through: tuple[str, ...]
    courses: tuple[UUID, ...]
    logged: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """What a person sees of one element."""

    element: str
    seen: Seen
    logged: bool


@dataclass(frozen=True, slots=True)
class Sights:
    """All that one person sees; elements of which they see nothing are left out."""

    person: Person
    school: School
    shown: tuple[Shown, ...]


async def who_can_see(
    connection: PoolConnection,
    school_id: UUID,
    now: datetime,
    planner: Planner,
    learner_id: UUID,
    element: str,
    action: str,
    *,
    stating: bool = False,
) -> tuple[Onlooker, ...] | None:
    """In order of capacity and person; None for a learner whom the school does not have.

    `stating`: as if everybody gave a reason and a purpose. Raises psycopg.Error.
    """
    school = await school_of(connection, school_id, learner_id)
    if not school.learners.size:
        return None
    plans = Plans(planner)
    people = {one: acting(one, now, stating=stating).profile for one in await people_of(connection, school_id, now)}
    able = await asyncio.to_thread(_able, set(people.values()), element, action, plans)
    relations = await relations_of(
        connection, school_id, now.date(), keys((plans,), ((profile, (element, action)) for profile in able))
    )
    wanted = [(one, profile) for one, profile in people.items() if profile in able]
    found = await asyncio.to_thread(
        lambda: [one for each in wanted for one in _onlooker(school, relations, *each, plans, (element, action))]
    )
    return tuple(sorted(found, key=lambda one: one.person.order))


async def what_can_see(
    connection: PoolConnection,
    school_id: UUID,
    now: datetime,
    planner: Planner,
    person: Person,
    action: str,
    *,
    stating: bool = False,
) -> Sights:
    """Elements in the register's order. Raises psycopg.Error."""
    held, plans = acting(person, now, stating=stating), Plans(planner)
    elements = await asyncio.to_thread(
        lambda: [element for element in ELEMENTS if not plans.of(held.profile, element, action).nothing]
    )
    wanted = await asyncio.to_thread(keys, (plans,), [(held.profile, (element, action)) for element in elements])
    school = await school_of(connection, school_id)
    relations = await relations_of(connection, school_id, now.date(), wanted, [person.person_id])
    sight = Sight(Viewpoint(school, relations, person.person_id), held.profile, plans)
    shown = [
        Shown(element, sight.seen(element, action), _logged(plans.of(held.profile, element, action)))
        for element in elements
    ]
    return Sights(person, school, tuple(one for one in shown if one.seen))


def _able(profiles: Iterable[Profile], element: str, action: str, plans: Plans) -> frozenset[Profile]:
    return frozenset(profile for profile in profiles if not plans.of(profile, element, action).nothing)


def _onlooker(
    school: School, relations: Relations, person: Person, profile: Profile, plans: Plans, coordinate: Coordinate
) -> Iterator[Onlooker]:
    """`profile` is the person's, with what they bring to the operation."""
    view = Viewpoint(school, relations, person.person_id)
    plan = plans.of(profile, *coordinate)
    seen = [(place, mask) for place, mask in Sight(view, profile, plans).rows(*coordinate) if mask and place.owned]
    if not seen:
        return
    through = {token for place, mask in seen for token in _through(view, plan, place, mask)}
    courses = {
        course: None
        for place, mask in seen
        for rows in (school.families[place.family],)
        if "course_id" in rows.columns
        for course in rows.ids(mask, "course_id")
    }
    yield Onlooker(person, tuple(sorted(through)), tuple(courses), _logged(plan))


def _through(view: Viewpoint, plan: Plan, place: Place, mask: int) -> Iterator[str]:
    """The scopes of the school's own rules that hold for some row that is seen; the guardrails' where it has none."""
    for gate in reversed(plan.gates):
        found = [token for token in gate.allow if view.token(token, place.family) & mask]
        if found:
            yield from found
            return


def _logged(plan: Plan) -> bool:
    return "log" in plan.duties
