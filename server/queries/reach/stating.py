"""What people bring to an operation themselves: a reason, a purpose, and the hour at which they ask."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from server.policies.ladder import GIVEN
from server.queries.reach.people import Person
from server.register.school_hours import within_school_hours

STATED: Final = GIVEN | {"hours"}
"""All that anybody could bring, at some hour."""


def acting(person: Person, now: datetime, *, stating: bool = False) -> Person:
    """The person as they would ask now without a reason; or, `stating`, with all that they could bring."""
    facts = STATED if stating else frozenset({"hours"}) if within_school_hours(now) else frozenset[str]()
    return Person(person.person_id, person.profile.with_facts(facts)) if facts else person
