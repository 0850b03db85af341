"""Names in an inquiry's answer: looked up once, when the first is asked for, by the asker's own plans."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final
from uuid import UUID

from server.queries.ask import LEARNER_EXISTS
from server.queries.ids import GlobalId
from server.queries.kinds import kind
from server.queries.reach.names import NAMES, Names, names_of
from server.queries.reach.people import Person
from server.resolvers.inquiry import Inquirer

REACHED_LEARNER: Final = kind(
    "ReachedLearner",
    "A learner of whom somebody sees something.",
    ("learner", "ID!", "The learner's id."),
    ("name", "String", "The name, where you may read it.", "name"),
)
REACHED_PERSON: Final = kind(
    "ReachedPerson",
    "An account: a person in one capacity.",
    ("person", "ID!", "The person's id."),
    ("name", "String", "The name, where you may read it.", "staff_name"),
    ("capacity", "Capacity!", "The capacity they act in."),
    ("roles", "[String!]!", "Their roles in it."),
)

Value = dict[str, Any]
Later = Callable[[], Awaitable[Any]]


class Naming:
    """Of the learners and people that one answer tells of. Without an inquirer nobody is named."""

    def __init__(self, inquirer: Inquirer | None, learners: Iterable[UUID] = (), people: Iterable[UUID] = ()) -> None:
        self._inquirer = inquirer
        self._learners = list(learners)
        self._people = list(people)
        self._names: Names | None = None

    def learner(self, learner_id: UUID) -> Value:
        async def name() -> str | None:
            return (await self.names()).learners.get(learner_id)

        return {"learner": str(GlobalId("lrn", learner_id)), "name": name}

    def told(self, learner_ids: Iterable[UUID]) -> list[Value]:
        """A list of learners, whom the audit row will name."""
        listed = list(learner_ids)
        if self._inquirer is not None:
            self._inquirer.log("audit", listed)
        return [self.learner(learner_id) for learner_id in listed]

    def person(self, person: Person) -> Value:
        async def name() -> str | None:
            return (await self.names()).people.get(person.person_id)

        return {
            "person": person_id(person.person_id),
            "name": name,
            "capacity": person.capacity.value,
            "roles": person.profile.named(),
        }

    async def names(self) -> Names:
        if self._names is None:
            self._names = Names() if self._inquirer is None else await self._looked_up(self._inquirer)
        return self._names

    async def _looked_up(self, inquirer: Inquirer) -> Names:
        permit = inquirer.asked.planner.permit(inquirer.asked.profile, NAMES)
        found = await names_of(
            inquirer.connection,
            inquirer.school_id,
            inquirer.now.date(),
            inquirer.person_id,
            permit,
            self._learners,
            self._people,
        )
        if "log" in permit.duties(LEARNER_EXISTS) and found.learners:
            inquirer.log(LEARNER_EXISTS, found.learners)
        return found


def person_id(key: UUID) -> str:
    return str(GlobalId("per", key))
