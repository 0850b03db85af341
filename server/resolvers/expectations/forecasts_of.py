"""Whose forecasts are asked for: a learner's, several learners', or those of a class, as far as the asker may know who is in it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from server.errors import BadUserInput, LimitExceeded
from server.queries.analysis.asking import Asking
from server.queries.analysis.sight import STRUCTURE, Sight
from server.queries.ask import LEARNER_EXISTS
from server.queries.class_lists import class_list
from server.queries.ids import decode
from server.queries.noun import TELLING
from server.resolvers.inquiry import Inquirer

MOST_LEARNERS: Final = 200
_TOO_MANY: Final = f"forecasts takes at most {MOST_LEARNERS} learners at once: ask in parts."


@dataclass(frozen=True, slots=True)
class AskedOf:
    """`partial`: of some learners only may the asker read forecasts, by the rules alone.

    `by_class` are the elements that the list of a class tells of those who are on it.
    """

    learners: tuple[UUID, ...]
    partial: bool
    by_class: tuple[str, ...] = ()

    def log(self, inquirer: Inquirer, told: Collection[UUID]) -> None:
        """That they are in the class, where a rule asks for it."""
        asked = inquirer.asked
        for element in self.by_class:
            if told and "log" in asked.planner.plan(asked.profile, element, "read").duties:
                inquirer.log(element, told)


async def asked_of(given: Mapping[str, Any], inquirer: Inquirer) -> AskedOf:
    """Raises BadUserInput where nobody is named, or a learner in two ways, and LimitExceeded."""
    named = _named(given)
    elements = ("forecast",) if given.get("class") is None else ("forecast", "groups")
    wanted = {LEARNER_EXISTS, STRUCTURE, "forecast", "groups", *TELLING}
    sight = Sight(inquirer.asked.planner.permit(inquirer.asked.profile, {(element, "read") for element in wanted}))
    partial = sight.partly(elements)
    if given.get("class") is None:
        return AskedOf(named or (), partial)
    asking = Asking(
        inquirer.school_id,
        inquirer.person_id,
        inquirer.now.date(),
        sight,
        {
            "class": decode(given["class"], ("class",), "cls", yearly=False).key,
            "learners": None if named is None else list(named),
            "most": MOST_LEARNERS + 1,
        },
    )
    listed = await class_list(inquirer.connection, asking)
    if len(listed.learners) > MOST_LEARNERS:
        raise LimitExceeded(_TOO_MANY, ("class",))
    tells = () if listed.reveals is None else (listed.reveals,)
    return AskedOf(listed.learners, partial, (LEARNER_EXISTS, "groups", *tells))


def _named(given: Mapping[str, Any]) -> tuple[UUID, ...] | None:
    """Each once; None where a class alone is named."""
    one, several = given.get("learner"), given.get("learners")
    if one is not None and several is not None:
        raise BadUserInput("Give learner or learners, not both.", ("learners",))
    if one is not None:
        return (_key(one, ("learner",)),)
    if several is not None:
        if len(several) > MOST_LEARNERS:
            raise LimitExceeded(_TOO_MANY, ("learners",))
        return tuple(dict.fromkeys(_key(each, ("learners", at)) for at, each in enumerate(several)))
    if given.get("class") is None:
        raise BadUserInput("Give learner, learners or class: it says whose forecasts are asked for.", ("learner",))
    return None


def _key(given: str, path: tuple[str | int, ...]) -> UUID:
    return decode(given, path, "lrn", yearly=False).key
