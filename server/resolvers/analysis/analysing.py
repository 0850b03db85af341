"""What every analysis does first and last: who may ask, of which class or course, and whom the audit names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from server.errors import BadUserInput, Forbidden
from server.policies.permit import Permit
from server.policies.plan import OPEN, Gate, Plan
from server.policies.vocabulary import Capacity
from server.queries.analysis.asking import Asking
from server.queries.analysis.scope import Whose
from server.queries.analysis.sight import STRUCTURE, Sight
from server.queries.ask import LEARNER_EXISTS
from server.queries.ids import decode
from server.queries.noun import TELLING, Argument
from server.resolvers.inquiry import Inquirer

PREFIXES: Final = {
    "class": "cls", "course": "crs", "assessment": "asm", "window": "win", "toWindow": "win", "learner": "lrn",
}  # fmt: skip
OF_LEARNER: Final = Argument("learner", "ID", "Of this learner.", "lrn")
OF_CLASS: Final = Argument("class", "ID", "Of today's learners of this class.", "cls")
OF_COURSE: Final = Argument("course", "ID", "Of the whole course.", "crs")
OF_YEAR_GROUP: Final = Argument("yearGroup", "String", "Of all courses of this year group, such as 10.")
SCOPES: Final = ("class", "course", "yearGroup")
WINDOW: Final = Argument("window", "ID!", "The assessment window.", "win")
# Restricted data is in no figure: so whoever may count everybody else may count all that is counted.
_COUNTED: Final = Plan((OPEN, Gate(frozenset({"school"}), frozenset({"restricted"}))))


@dataclass(frozen=True, slots=True)
class Analysing:
    """One analysis under way. `read` are the elements of learners that it is made of, `permit` their plans."""

    inquirer: Inquirer
    permit: Permit
    asking: Asking
    read: tuple[str, ...]
    whose: Whose

    @property
    def of_class(self) -> bool:
        return self.whose is Whose.CLASS

    @property
    def partial(self) -> bool:
        return self.asking.sight.partly(self.read)

    def log(self, learners: Iterable[UUID], reveals: str | None = None, inside: Iterable[UUID] = ()) -> None:
        """Who was read, and by a class that tells, what of those in it."""
        listed = list(learners)
        for element in (LEARNER_EXISTS, *self.read):
            self.log_of(element, listed)
        if reveals is not None:
            self.log_of(reveals, inside)

    def log_of(self, element: str, learners: Iterable[UUID]) -> None:
        if "log" in self.permit.plan(element, "read").duties:
            self.inquirer.log(element, learners)


def analysing(given: Mapping[str, Any], inquirer: Inquirer, read: Iterable[str], scopes: Iterable[str]) -> Analysing:
    """`scopes` are the arguments of which exactly one must be given. Raises Forbidden and BadUserInput."""
    if inquirer.asked.profile.capacity is not Capacity.STAFF:
        raise Forbidden("Analyses are for the school's staff: reports tell families of their own children.")
    named = [name for name in scopes if given.get(name) is not None]
    if len(named) != 1:
        said = " or ".join(scopes)
        raise BadUserInput(f"Give exactly one of {said}: it says whose results are looked at.", (said.split()[0],))
    of_class = named[0] == "class"
    elements = (*read, "groups") if of_class else tuple(read)
    wanted = {LEARNER_EXISTS, STRUCTURE, *elements, *(TELLING if of_class else ())}
    permit = inquirer.asked.planner.permit(inquirer.asked.profile, {(element, "read") for element in wanted})
    asked = {
        name: key_of(name, given[name]) for name in (*named, "assessment", "window") if given.get(name) is not None
    }
    asking = Asking(inquirer.school_id, inquirer.person_id, inquirer.now.date(), Sight(permit), asked)
    return Analysing(inquirer, permit, asking, elements, Whose(named[0]))


def counting(inquirer: Inquirer, elements: Iterable[str]) -> None:
    """Raises Forbidden unless each of the elements may be counted of everybody."""
    asked = inquirer.asked
    for element in elements:
        if not asked.planner.plan(asked.profile, element, "count").covers(_COUNTED):
            raise Forbidden(f"These figures tell of {element}, which you may not count of everybody.")


def key_of(name: str, value: Any) -> Any:
    """The key behind an id; what is no id, as it is. Raises BadUserInput."""
    return decode(value, (name,), PREFIXES[name], yearly=False).key if name in PREFIXES else value
