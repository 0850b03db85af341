"""An explanation says what the API does, and tells those who ask about themselves nothing that is kept from them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import product
from uuid import uuid4

import pytest

from server.database.pool import Pool, PoolConnection
from server.policies.shipped import starting_book
from server.policies.vocabulary import DENY_ONLY_SCOPES, ROW_FACTS
from server.queries.reach.explaining import Answer, Question, explain
from server.queries.reach.people import Person
from server.queries.reach.places import places
from server.queries.reach.plans import Plans
from tests.properties.reach.officers import Everything, at_the_desk, everything, noon, plans
from tests.properties.reads.books import mutated
from tests.properties.reads.choosing import Choosing
from tests.worlds import World, insert_world, small_school, varied_school

PEOPLE = (("teacher", "STAFF"), ("senco-untrained", "STAFF"), ("head", "STAFF"), ("pat", "PARENT"), ("mis", "CLIENT"))
LEARNERS = ("ann", "cat", "eve")
KEPT = ("comment", "grade", "mark", "sen_needs")
ELEMENTS = ("name", "sen_needs", "mark", "comment", "guardian_contact", "behaviour")


@pytest.fixture(scope="module")
def world(app_url: str, today: date) -> World:
    found = small_school("explaining", today)
    insert_world(app_url, found)
    return found


async def test_it_says_what_the_api_does(pool: Pool, owner_url: str, today: date, part: int) -> None:
    """For people of every kind, elements of every family of rows, and learners in and out of reach."""
    world = varied_school(f"explained {part}", today) if part else small_school("explained", today)
    insert_world(owner_url, world)
    asked = plans(mutated(Choosing(part)) if part else starting_book())
    told = 0
    async with at_the_desk(pool, world) as connection:
        known = await everything(connection, world)
        for handle, capacity in PEOPLE:
            person = _person(known, world, handle, capacity)
            sight = known.sight(person, asked)
            for learner in LEARNERS:
                bit = known.school.learners.where(("owner",))[str(world.ids[learner])]
                for element in ELEMENTS:
                    question = Question(person, element, "read", world.ids[learner])
                    answer = await _asked(connection, world, question, asked)
                    assert answer is not None
                    assert answer.visible == bool(sight.seen(element).learners & bit), (handle, learner, element)
                    assert answer.explanation.sentence
                    told += answer.visible
    assert told > 15 or part  # some of a deep run's books show little


async def test_a_course_is_chosen_or_named(pool: Pool, world: World) -> None:
    """The teacher sees Ann's marks in the course they teach her, and none of another course."""
    async with at_the_desk(pool, world) as connection:
        known = await everything(connection, world)
        question = Question(_person(known, world, "teacher", "STAFF"), "mark", "read", world.ids["ann"])
        found = await _asked(connection, world, question)
        assert found is not None
        assert (found.visible, found.row.course_id) == (True, world.ids["maths-10"])
        assert "taught_course" in found.row.held
        other = Question(question.person, "mark", "read", world.ids["ann"], world.ids["english-10"])
        refused = await _asked(connection, world, other)
        assert refused is not None
        assert not refused.visible
        assert refused.explanation.changes


async def test_a_hidden_learner_hides_what_rules_would_show(pool: Pool, world: World) -> None:
    """What hides the row is told beside the element's own rules; rows of no learner need none."""
    async with at_the_desk(pool, world) as connection:
        known = await everything(connection, world)
        missing = Question(_person(known, world, "head", "STAFF"), "name", "read", uuid4())
        assert await _asked(connection, world, missing) is None
        structure = Question(missing.person, "school_structure", "read", None)
        found = await _asked(connection, world, structure)
        assert found is not None
        assert found.visible


async def test_oneself_learns_of_no_protection_and_of_no_unknown_learner(pool: Pool, world: World) -> None:
    """A protected learner, one out of reach and one who isn't there: no words of a flag, and the same ones for unknown."""
    async with at_the_desk(pool, world) as connection:
        known = await everything(connection, world)
        parent = _person(known, world, "pat", "PARENT")
        teacher = _person(known, world, "teacher", "STAFF")
        eve = await _asked(connection, world, Question(teacher, "behaviour", "read", world.ids["eve"], oneself=True))
        assert eve is not None
        assert not eve.visible
        assert not eve.row.held & DENY_ONLY_SCOPES.keys()
        assert "protected" not in str(eve)
        officer = await _asked(connection, world, Question(teacher, "behaviour", "read", world.ids["eve"]))
        assert "protected" in str(officer)
        answers = [
            await _asked(connection, world, Question(parent, "mark", "read", learner, oneself=True))
            for learner in (world.ids["dan"], uuid4())
        ]
        [first, second] = [(one.visible, one.row, one.explanation, one.hindering) for one in answers if one]
        assert first == second


async def test_oneself_learns_nothing_of_rows_that_are_not_there_for_them(
    pool: Pool, owner_url: str, today: date, part: int
) -> None:
    """Of a learner whom one knows of: neither that a comment, a report or an arrangement is recorded, nor in which course."""
    world = varied_school(f"oneself {part}", today) if part else small_school("oneself", today)
    insert_world(owner_url, world)
    hidden = seen = 0
    async with at_the_desk(pool, world) as connection:
        known = await everything(connection, world)
        for handle in ("teacher", "tutor", "maths-lead", "senco", "head"):
            person = _person(known, world, handle, "STAFF")
            sight = known.sight(person, plans())
            for learner, element in product(("ann", "bob", "cat", "dan", "fay", "hal"), KEPT):
                bit = known.school.learners.where(("owner",))[str(world.ids[learner])]
                question = Question(person, element, "read", world.ids[learner], oneself=True)
                answer = await _asked(connection, world, question)
                assert answer is not None
                owned = [place for place in places(element) if place.owned]
                if any(known.school.owners(one.family, sight.existing(one)) & bit for one in owned):
                    seen += 1
                    continue
                assert (answer.row.family, answer.row.course_id) == ("learner", None), (handle, learner, element)
                assert not answer.row.held & ROW_FACTS.keys()
                recorded = await _asked(connection, world, replace(question, oneself=False))
                hidden += recorded is not None and recorded.exists
    assert min(hidden, seen) > (0 if part else 10)


def _person(known: Everything, world: World, handle: str, capacity: str) -> Person:
    return next(one for one in known.people if (one.person_id, one.capacity) == (world.ids[handle], capacity))


async def _asked(
    connection: PoolConnection, world: World, question: Question, asked: Plans | None = None
) -> Answer | None:
    return await explain(connection, world.school_id, noon(world), (asked or plans()).planner, question)
