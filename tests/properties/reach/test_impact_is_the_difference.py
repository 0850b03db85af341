"""The impact on people is the difference of what each of them sees under the two books, and nothing besides."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from server.database.pool import Pool
from server.policies.planner import Planner
from server.policies.rule import Rule
from server.policies.rule_book import RuleBook
from server.policies.shipped import shipped_ceiling, starting_book
from server.policies.vocabulary import ACTIONS
from server.queries.reach.access import Seen, Sight
from server.queries.reach.impact_on_people import PeopleImpact, impact_on_people
from server.queries.reach.plans import Plans
from server.queries.reach.stating import STATED
from server.register.elements import ELEMENTS
from tests.properties.reach.officers import Everything, at_the_desk, everything, noon, plans
from tests.properties.reads.books import mutated
from tests.properties.reads.choosing import Choosing
from tests.worlds import insert_world, small_school, varied_school


@pytest.mark.parametrize("seed", [2, 5, 8])
async def test_impact_is_the_difference_of_what_people_see(
    pool: Pool, owner_url: str, today: date, seed: int, part: int
) -> None:
    """For every account, element and action; what only a stated reason opens is told as such."""
    seed += 10 * part
    world = varied_school(f"impact {seed}", today)
    insert_world(owner_url, world)
    old, new = plans(), plans(mutated(Choosing(seed)))
    async with at_the_desk(pool, world) as connection:
        known = await everything(connection, world)
        told = await impact_on_people(connection, world.school_id, noon(world), old.planner, new.planner)
    assert _flat(told) == _expected(known, old, new)
    assert told.differences or part  # some of a deep run's books say nothing new
    assert {one.person.person_id for one in told.differences} == told.gaining | told.losing


async def test_what_hides_a_row_hides_its_elements(pool: Pool, owner_url: str, today: date) -> None:
    """Staff who may no longer read any name lose marks too, of which no rule has changed."""
    world = small_school("impact hidden", today)
    insert_world(owner_url, world)
    start = starting_book()
    rules = tuple(
        replace(rule, element="gender") if rule.element in ("name", "personal") and rule.action == "read" else rule
        for rule in start.rules
    )
    old, new = plans(), plans(RuleBook(rules, start.role_groups, start.element_groups))
    async with at_the_desk(pool, world) as connection:
        known = await everything(connection, world)
        told = await impact_on_people(connection, world.school_id, noon(world), old.planner, new.planner)
    assert _flat(told) == _expected(known, old, new)
    assert (world.ids["teacher"], "mark") in {
        (one.person.person_id, one.element) for one in told.differences if one.lost
    }


async def test_a_rule_for_stated_reasons_is_told_as_such(pool: Pool, owner_url: str, today: date) -> None:
    """Nobody sees more by themselves, but class teachers would by giving a reason; doubling a rule changes nothing."""
    world = small_school("impact stated", today)
    insert_world(owner_url, world)
    start = starting_book()
    rule = Rule("x1", "class_teacher", "date_of_birth", "read", "taught", ("reason",), ("log",), "allow")
    again = Rule("x2", "head", "name", "read", "school", (), (), "allow")
    old = Planner(start, shipped_ceiling())
    async with at_the_desk(pool, world) as connection:
        told: list[PeopleImpact] = []
        for added in (rule, again):
            book = RuleBook((*start.rules, added), start.role_groups, start.element_groups)
            new = Planner(book, shipped_ceiling())
            told.append(await impact_on_people(connection, world.school_id, noon(world), old, new))
    stated, nothing = told
    assert not nothing.differences
    assert all(one.stated and one.element == "date_of_birth" and not one.lost for one in stated.differences)
    assert world.ids["teacher"] in stated.gaining
    assert not stated.losing


def _flat(told: PeopleImpact) -> dict[tuple[object, ...], tuple[Seen, Seen]]:
    return {(one.person, one.element, one.action, one.stated): (one.gained, one.lost) for one in told.differences}


def _expected(known: Everything, old: Plans, new: Plans) -> dict[tuple[object, ...], tuple[Seen, Seen]]:
    found: dict[tuple[object, ...], tuple[Seen, Seen]] = {}
    for person in known.people:
        view, profile = known.view(person), person.profile
        bare = Sight(view, profile, old), Sight(view, profile, new)
        stating = profile.with_facts(STATED)
        stated = Sight(view, stating, old), Sight(view, stating, new)
        for element in ELEMENTS:
            for action in ACTIONS:
                for sights, only_stated in ((bare, False), (stated, True)):
                    had, has = (sight.seen(element, action) for sight in sights)
                    if had != has:
                        found[person, element, action, only_stated] = has.without(had), had.without(has)
                        break
    return found
