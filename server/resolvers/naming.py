"""Names in an inquiry's answer: looked up once, when the first is asked for, by the asker's own plans."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, Final
from uuid import UUID

from server.queries.ask import LEARNER_EXISTS
from server.queries.ids import GlobalId
from server.queries.kinds import Kind, Member
from server.queries.reach.names import NAMES, Names, names_of
from server.queries.reach.people import Person
from server.resolvers.inquiry import Inquirer

REACHED_LEARNER: Final = Kind(
    "ReachedLearner",
    "A learner of whom somebody sees something.",
    (
        Member("learner", "ID!", "The learner's id."),
        Member("name", "String", "The name, where you may read it.", "name"),
    ),
)
REACHED_PERSON: Final = Kind(
    "ReachedPerson",
    "An account: a person in one capacity.",
    (
        Member("person", "ID!", "The person's id."),
        Member("name", "String", "The name, where you may read it.", "staff_name"),
        Member("capacity", "Capacity!", "The capacity they act in."),
        Member("roles", "[String!]!", "Their roles in it."),
    ),
)

Value = dict[str, Any]
Later = Callable[[], Awaitable[Any]]


class Naming:
    """Of the learners and people that one answer tells of."""

    def __init__(self, inquirer: Inquirer, learners: Iterable[UUID] = (), people: Iterable[UUID] = ()) -> None:
        self._inquirer = inquirer
        self._learners = list(learners)
        self._people = list(people)
        self._names: Names | None = None

    def learner(self, learner_id: UUID) -> Value:
        async def name() -> str | None:
            return (await self.names()).learners.get(learner_id)

        return {"learner": str(GlobalId("lrn", learner_id)), "name": name}

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
            asked, inquirer = self._inquirer.asked, self._inquirer
            permit = asked.planner.permit(asked.profile, NAMES)
            self._names = await names_of(
                inquirer.connection,
                inquirer.school_id,
                inquirer.now.date(),
                inquirer.person_id,
                permit,
                self._learners,
                self._people,
            )
            self._log(permit.duties(LEARNER_EXISTS), self._names.learners)
        return self._names

    def _log(self, duties: frozenset[str], named: Mapping[UUID, str]) -> None:
        if "log" in duties and named:
            self._inquirer.log(LEARNER_EXISTS, named)


def person_id(key: UUID) -> str:
    return str(GlobalId("per", key))
