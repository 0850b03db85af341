"""Whose facts an inquiry tells, and the ids and names that it tells them by."""

from __future__ import annotations

from typing import Any, Final, Protocol
from uuid import UUID

from server.policies.vocabulary import relations
from server.queries.access.rows import Whose
from server.queries.ids import GlobalId, decode
from server.queries.noun import Argument
from server.resolvers.access.payloads import PEOPLE
from server.resolvers.inquiry import Inquirer

OF_PERSON: Final = Argument("person", "ID", "Of this member of staff alone.")


class Fact(Protocol):
    """A row about a member of staff; `name` is theirs."""

    @property
    def key(self) -> UUID: ...
    @property
    def person_id(self) -> UUID: ...
    @property
    def name(self) -> str: ...


def id_of(prefix: str, key: UUID) -> str:
    return str(GlobalId(prefix, key))


def whose(given: dict[str, Any], inquirer: Inquirer, element: str) -> Whose:
    plan = inquirer.permit.plan(element, "read")
    text = given.get("person")
    person = None
    if text is not None:
        found = decode(text, ("person",), yearly=False)
        person = found.key if found.prefix in PEOPLE else decode(text, ("person",), PEOPLE[1]).key
    return Whose(
        inquirer.school_id,
        inquirer.person_id,
        others=plan.visible(relations()),
        own=plan.visible(relations(("own",))),
        person=person,
    )


class StaffNames:
    """Names of staff, as far as the asker may read them; a name that is read under a log duty is logged."""

    def __init__(self, inquirer: Inquirer) -> None:
        asked = inquirer.asked
        self._inquirer = inquirer
        self._plan = asked.planner.plan(asked.profile, "staff_name", "read")

    def of(self, person_id: UUID, name: str) -> str | None:
        own = ("own",) if person_id == self._inquirer.person_id else ()
        if not name or not self._plan.visible(relations(own)):
            return None
        if "log" in self._plan.duties:
            self._inquirer.log("staff_name")
        return name

    def subject(self, prefix: str, row: Fact) -> dict[str, Any]:
        """The row's id, and the person whom it is about."""
        return {
            "id": id_of(prefix, row.key),
            "person": id_of("per", row.person_id),
            "personName": self.of(row.person_id, row.name),
        }
