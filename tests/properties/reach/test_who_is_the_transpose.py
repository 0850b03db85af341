"""Who sees a learner is the transpose of what everybody sees; names are told as far as the officer may read them."""

from __future__ import annotations

from datetime import date
from itertools import chain
from uuid import UUID, uuid4

from server.database.pool import Pool
from server.policies.permit import Permit
from server.policies.planner import Planner
from server.policies.profile import Profile
from server.policies.rule_book import RuleBook
from server.policies.shipped import starting_book
from server.policies.vocabulary import Capacity
from server.queries.reach.access import Sight
from server.queries.reach.names import NAMES, names_of
from server.queries.reach.school import Rows
from server.queries.reach.who_can_see import what_can_see, who_can_see
from tests.properties.reach.officers import at_the_desk, everything, noon, plans
from tests.properties.reads.books import mutated
from tests.properties.reads.choosing import Choosing
from tests.worlds import insert_world, varied_school

ELEMENTS = ("name", "sen_needs", "mark", "comment", "guardian_contact", "safeguarding")


async def test_who_can_see_is_the_transpose_of_what_everybody_sees(
    pool: Pool, owner_url: str, today: date, part: int
) -> None:
    """For learners and elements of every family of rows."""
    world = varied_school(f"transpose {part}", today)
    insert_world(owner_url, world)
    planner = plans(book_of(part)).planner
    now, seen = noon(world), 0
    async with at_the_desk(pool, world) as connection:
        known = await everything(connection, world)
        told = [
            await what_can_see(connection, world.school_id, now, planner, person, "read") for person in known.people
        ]
        for learner in ("ann", "eve"):
            for element in ELEMENTS:
                found = await who_can_see(
                    connection, world.school_id, now, planner, world.ids[learner], element, "read"
                )
                assert found is not None
                bit = known.school.learners.where(("owner",))[str(world.ids[learner])]
                expected = {
                    sights.person
                    for sights in told
                    if any(one.element == element and one.seen.learners & bit for one in sights.shown)
                }
                assert {one.person for one in found} == expected, (learner, element)
                assert all(one.through for one in found)
                seen += len(found)
        assert await who_can_see(connection, world.school_id, now, planner, uuid4(), "name", "read") is None
    assert seen > 30 or part  # some of a deep run's books show little
    for person, sights in zip(known.people, told, strict=True):
        sight = known.sight(person, plans(book_of(part)))
        for one in sights.shown:
            assert one.seen == sight.seen(one.element)


async def test_names_are_those_that_the_officers_plan_lets_through(
    pool: Pool, owner_url: str, today: date, part: int
) -> None:
    """A tutor reads the names of the form's learners, the officer every guardian's; nobody else's is told."""
    world = varied_school(f"names {part}", today)
    insert_world(owner_url, world)
    planner = plans(book_of(part)).planner
    async with at_the_desk(pool, world) as connection:
        known = await everything(connection, world)
        everybody = [one.person_id for one in known.people]
        learners = known.school.learner_ids(known.school.learners.all)
        for person in known.people:
            permit = _permit(planner, person.profile)
            found = await names_of(connection, world.school_id, today, person.person_id, permit, learners, everybody)
            sight = known.sight(person, plans(book_of(part)))
            expected = set(known.school.learner_ids(sight.seen("name").learners))
            assert set(found.learners) == expected
            staff = set(known.school.families["staff"].ids(sight.seen("staff_name").staff, "staff_id"))
            guardians = _guardians(known.school.families["guardian"], sight)
            own = {one for one in everybody if one in expected}
            assert set(found.people) == (staff | guardians | own) & set(everybody)
        nobody = Profile(Capacity.STAFF, frozenset())
        nothing = await names_of(
            connection, world.school_id, today, everybody[0], _permit(planner, nobody), learners, everybody
        )
    assert not list(chain(nothing.learners, nothing.people))


def book_of(part: int) -> RuleBook:
    """The agreement's in a usual run, a mutated one in each other part."""
    return mutated(Choosing(part)) if part else starting_book()


def _permit(planner: Planner, profile: Profile) -> Permit:
    return planner.permit(profile, NAMES)


def _guardians(rows: Rows, sight: Sight) -> set[UUID]:
    found = 0
    for _, mask in sight.rows("guardian_name"):
        found |= mask
    return set(rows.ids(found, "guardian_id"))
