"""What each person sees of each element is what the oracle answers cell by cell, and whoCanSee is its transpose."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

import pytest

from server.database.pool import Pool
from server.policies.rule_book import RuleBook
from server.policies.shipped import starting_book
from server.queries.reach.access import Seen
from server.queries.reach.places import places
from server.queries.reach.school import School
from server.register.elements import ELEMENTS
from tests.oracle.asker import asker
from tests.oracle.enforcing import Books
from tests.oracle.rows import Rows
from tests.oracle.things import Thing
from tests.oracle.visibility import Visibility
from tests.properties.reach.officers import at_the_desk, everything, plans
from tests.properties.reads.books import mutated
from tests.properties.reads.choosing import Choosing
from tests.worlds import World, insert_world, small_school, varied_school

# Types of rows, and the elements that their fields show: written down once more, and compared with the declarations.
OF_LEARNER: Final = frozenset(
    {
        "name", "identifier", "learner_address", "learner_contact", "groups", "gender", "date_of_birth", "age", "education",
        "attendance", "first_language", "medical", "sen_provision", "sen_needs", "access_arrangements", "pupil_premium",
        "service_child", "ethnicity", "looked_after", "free_school_meals",
    }
)  # fmt: skip
SHOWN: Final[dict[str, frozenset[str]]] = {
    "Learner": OF_LEARNER,
    "BehaviourEvent": frozenset({"behaviour"}),
    "Mark": frozenset({"mark"}),
    "Grade": frozenset({"grade", "mark"}),
    "Target": frozenset({"target"}),
    "MarkbookCell": frozenset({"mark"}),
    "Guardian": frozenset({"guardian_name", "guardian_contact", "parent_link"}),
    "Report": frozenset({"groups"}),
    "ReportLine": frozenset({"groups", "staff_name", "grade", "target", "comment"}),
    "Staff": frozenset({"staff_name", "staff_contact"}),
    "School": frozenset({"school_structure"}),
}
SHOWN_ELEMENTS: Final = frozenset(element for shown in SHOWN.values() for element in shown)


@dataclass(frozen=True)
class Told:
    learners: frozenset[UUID]
    staff: frozenset[UUID]
    school: bool


def asked_of(seed: int, part: int, today: date) -> tuple[World, RuleBook]:
    """A school and its book: the agreement's for seed 0, a mutated one for each other."""
    book = mutated(Choosing(seed + 20 * part)) if seed else starting_book()
    plain = seed == part == 0
    return small_school("sight", today) if plain else varied_school(f"sight {seed + 20 * part}", today), book


@pytest.mark.parametrize("seed", [0, 3, 11])
async def test_what_everybody_sees_is_what_the_oracle_answers(
    pool: Pool, owner_url: str, today: date, seed: int, part: int
) -> None:
    """For every account and every element that has a field, under the agreement's book and mutated ones."""
    world, book = asked_of(seed, part, today)
    insert_world(owner_url, world)
    rows = Rows(world)
    asked, both = plans(book), Books(book)
    async with at_the_desk(pool, world) as connection:
        known = await everything(connection, world)
    things = list(_things(rows, world))
    seeing = 0
    for person in known.people:
        visibility = Visibility(rows, both, asker(rows, person.person_id, person.capacity))
        expected = _answered(visibility, things)
        sight = known.sight(person, asked)
        for element in SHOWN_ELEMENTS:
            told = _told(known.school, sight.seen(element))
            assert told == expected.get(element, _NOTHING), (person, element)
            seeing += len(told.learners)
    assert seeing > (0 if part else 200)  # some of a deep run's books show little
    assert {person.capacity for person in known.people} >= {"STAFF", "PARENT", "CLIENT", "OPERATOR"}


def test_elements_with_a_field_are_known_here() -> None:
    """An element that gets its first field is compared too."""
    declared = {element for element in ELEMENTS if any(place.existence != (element,) for place in places(element))}
    own = {"name", "mark", "grade", "target", "behaviour", "guardian_name", "staff_name", "school_structure"}
    assert declared | own == SHOWN_ELEMENTS | {"reference"}


_NOTHING: Final = Told(frozenset(), frozenset(), False)


def _things(rows: Rows, world: World) -> Iterator[Thing]:
    """Every row that may stand in an answer; of marks, grades and targets one for each course of a learner."""
    day = world.today
    seats = {
        (row["learner_id"], row["course_id"])
        for table in ("enrolment", "mark", "grade", "target")
        for row in rows.all(table)
    }
    for learner_id, course_id in seats:
        values = {"learner_id": learner_id, "course_id": course_id}
        for kind in ("Mark", "Grade", "Target"):
            yield Thing(kind, values, day)
        yield Thing("MarkbookCell", values, day, Thing("MarkbookRow", values, day))
    for kind, table in (
        ("Learner", "learner"),
        ("Guardian", "guardian_link"),
        ("Staff", "staff"),
        ("School", "school"),
    ):
        yield from (Thing(kind, row, day) for row in rows.all(table))
    yield from (Thing("BehaviourEvent", {"learner_id": row["learner_id"]}, day) for row in rows.all("learner"))
    for report in rows.all("report"):
        above = Thing("Report", report, day)
        yield above
        yield from (
            Thing("ReportLine", line, day, above) for line in rows.where("report_line", report_id=report["report_id"])
        )


def _answered(visibility: Visibility, things: list[Thing]) -> dict[str, Told]:
    learners: dict[str, set[UUID]] = {}
    staff: dict[str, set[UUID]] = {}
    school: set[str] = set()
    for thing in things:
        if not visibility.exists(thing):
            continue
        for element in SHOWN[thing.type]:
            if not visibility.can(thing, element):
                continue
            if thing.type == "Staff":
                staff.setdefault(element, set()).add(thing.row["staff_id"])
            elif thing.type == "School":
                school.add(element)
            else:
                learners.setdefault(element, set()).add(thing.learner_id)
    return {
        element: Told(frozenset(learners.get(element, ())), frozenset(staff.get(element, ())), element in school)
        for element in SHOWN_ELEMENTS
    }


def _told(school: School, seen: Seen) -> Told:
    staff: Any = school.families["staff"].ids(seen.staff, "staff_id")
    return Told(frozenset(school.learner_ids(seen.learners)), frozenset(staff), seen.school)
