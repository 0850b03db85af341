"""forecasts: what marks so far let one expect of a learner, of several or of a class, to whoever may read theirs."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from server.errors import LimitExceeded
from server.grading.forecasts import Method
from server.queries.arguments import plain
from server.queries.expectations import (
    READ,
    Wanted,
    brought,
    confirmations,
    courses,
    reckoned,
    targets,
)
from server.queries.ids import decode
from server.queries.noun import Argument
from server.resolvers.access.fact_values import StaffNames
from server.resolvers.expectations.forecast_kinds import (
    CONFIRMATION_KIND,
    COURSE_KIND,
    ESTIMATE_KIND,
    FORECAST_KIND,
)
from server.resolvers.expectations.forecast_values import Look, course_value
from server.resolvers.expectations.forecasts_of import MOST_LEARNERS, asked_of
from server.resolvers.inquiry import Inquirer, Inquiry

MOST_RECKONED: Final = 2000
"""Courses of learners in one answer."""


async def _forecasts(given: dict[str, Any], inquirer: Inquirer) -> list[dict[str, Any]]:
    course, window = _key(given, "course", "crs"), _key(given, "window", "win")
    asked = await asked_of(given, inquirer)
    wanted = Wanted(inquirer.school_id, inquirer.person_id, inquirer.now.date(), asked.learners, course, window)
    methods = _methods(given)
    by_learner = await _looks(inquirer, wanted, methods)
    shown = [one for looks in by_learner.values() for one in looks if course in (None, one.course.course_id)]
    _log(inquirer, shown)
    asked.log(inquirer, {one.course.learner_id for one in shown})
    names = StaffNames(inquirer)
    return [
        {**course_value(one, by_learner[one.course.learner_id], methods, names), "partial": asked.partial}
        for one in shown
    ]


def _methods(given: Mapping[str, Any]) -> tuple[Method, ...]:
    """Each once, in the order asked for."""
    asked = given.get("methods")
    return tuple(Method) if asked is None else tuple(dict.fromkeys(Method[str(plain(one))] for one in asked))


def _key(given: Mapping[str, Any], name: str, prefix: str) -> UUID | None:
    return None if given.get(name) is None else decode(given[name], (name,), prefix, yearly=False).key


async def _looks(inquirer: Inquirer, wanted: Wanted, methods: Sequence[Method]) -> dict[UUID, list[Look]]:
    """The courses that something can be reckoned in, by learner. Raises LimitExceeded for too many."""
    connection, asked = inquirer.connection, inquirer.asked
    permit = asked.planner.permit(asked.profile, READ)
    of = await courses(connection, wanted, permit, MOST_RECKONED)
    if len(of) > MOST_RECKONED:
        raise LimitExceeded(f"These learners follow more than {MOST_RECKONED} courses together: ask in parts.")
    found: defaultdict[UUID, list[Look]] = defaultdict(list)
    if not of:
        return found
    given = (connection, wanted.school_id, of)
    sat, aims, confirmed = await brought(*given), await targets(*given), await confirmations(*given)
    # So many take long: others are answered meanwhile.
    made = await asyncio.to_thread(reckoned, of, sat, methods)
    for course, one, outlook in zip(of, sat, made, strict=True):
        if outlook is not None:
            pair = (course.learner_id, course.course_id)
            found[course.learner_id].append(Look(course, one, outlook, aims.get(pair), confirmed.get(pair, ())))
    return found


def _log(inquirer: Inquirer, shown: Sequence[Look]) -> None:
    """Of each element that the answer tells, of whom it tells it, where a rule asks for it."""
    asked = inquirer.asked
    told: defaultdict[str, set[UUID]] = defaultdict(set)
    for one in shown:
        held = {
            "forecast": True,
            "name": True,
            "grade": one.course.grade,
            "mark": one.course.mark,
            "target": one.target is not None,
        }
        for element, shows in held.items():
            if shows:
                told[element].add(one.course.learner_id)
    for element, learners in sorted(told.items()):
        if "log" in asked.planner.plan(asked.profile, element, "read").duties:
            inquirer.log(element, learners)


_ARGUMENTS: Final = (
    Argument("learner", "ID", "Of this learner."),
    Argument("learners", "[ID!]", f"Of these learners; at most {MOST_LEARNERS}."),
    Argument("class", "ID", "Of today's learners of this class; with learners: of those of them who are in it."),
    Argument("course", "ID", "Of this course alone; of all that the learner follows today where left out."),
    Argument("window", "ID", "The assessment window; where left out each course's newest with the learner's marks."),
    Argument("methods", "[ForecastMethod!]", "By these methods; by all where left out."),
)
FORECASTS: Final = Inquiry(
    "forecasts",
    "[CourseForecasts!]!",
    "What marks so far let one expect of a learner, of several or of a class, by named methods, in order of names."
    " Estimates: what is to be used must be confirmed.",
    _ARGUMENTS,
    frozenset({("name", "read"), ("forecast", "read")}),
    _forecasts,
    (FORECAST_KIND, ESTIMATE_KIND, CONFIRMATION_KIND, COURSE_KIND),
)
