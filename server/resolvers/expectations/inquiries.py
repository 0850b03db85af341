"""forecasts: what marks so far let one expect of a learner, of several or of a class, to whoever may read theirs."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final
from uuid import UUID

from server.errors import LimitExceeded
from server.grading.exact import decimal_points
from server.grading.forecasts import OF_MARKS, Estimate, Method
from server.grading.measures.rounding import RoundTo, rounded_text
from server.grading.outlook import Outlook
from server.grading.thirds import exact_points
from server.queries.arguments import plain
from server.queries.expectations import (
    READ,
    Brought,
    Confirmation,
    Course,
    Target,
    Wanted,
    brought,
    confirmations,
    courses,
    reckoned,
    targets,
)
from server.queries.ids import decode
from server.queries.noun import Argument
from server.resolvers.access.fact_values import StaffNames, id_of
from server.resolvers.expectations.forecast_kinds import (
    CONFIRMATION_KIND,
    CONFIRMED,
    COURSE_KIND,
    ESTIMATE_KIND,
    FORECAST_KIND,
)
from server.resolvers.expectations.forecasts_of import MOST_LEARNERS, asked_of
from server.resolvers.inquiry import Inquirer, Inquiry

_LABEL: Final = "estimate"
_PLACES: Final = 2
MOST_RECKONED: Final = 2000
"""Courses of learners in one answer."""


@dataclass(frozen=True, slots=True)
class _Look:
    """One course of the learner, with all that is told of it."""

    course: Course
    brought: Brought
    outlook: Outlook
    target: Target | None
    confirmed: Sequence[Confirmation]

    def points(self, method: Method) -> Fraction | None:
        """None also where the viewer may not read what they tell."""
        if not _tells(self.course, method):
            return None
        return next((one.points for one in self.outlook.estimates if one.method is method), None)

    @property
    def target_points(self) -> Fraction | None:
        if self.target is None:
            return None
        found = exact_points(self.target.points, self.target.third)
        return dict(self.outlook.scale).get(self.target.value) if found is None else found


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
        {**_course(one, by_learner[one.course.learner_id], methods, names), "partial": asked.partial} for one in shown
    ]


def _methods(given: Mapping[str, Any]) -> tuple[Method, ...]:
    """Each once, in the order asked for."""
    asked = given.get("methods")
    return tuple(Method) if asked is None else tuple(dict.fromkeys(Method[str(plain(one))] for one in asked))


def _key(given: Mapping[str, Any], name: str, prefix: str) -> UUID | None:
    return None if given.get(name) is None else decode(given[name], (name,), prefix, yearly=False).key


async def _looks(inquirer: Inquirer, wanted: Wanted, methods: Sequence[Method]) -> dict[UUID, list[_Look]]:
    """The courses that something can be reckoned in, by learner. Raises LimitExceeded for too many."""
    connection, asked = inquirer.connection, inquirer.asked
    permit = asked.planner.permit(asked.profile, READ)
    of = await courses(connection, wanted, permit, MOST_RECKONED)
    if len(of) > MOST_RECKONED:
        raise LimitExceeded(f"These learners follow more than {MOST_RECKONED} courses together: ask in parts.")
    found: defaultdict[UUID, list[_Look]] = defaultdict(list)
    if not of:
        return found
    given = (connection, wanted.school_id, of)
    sat, aims, confirmed = await brought(*given), await targets(*given), await confirmations(*given)
    # So many take long: others are answered meanwhile.
    made = await asyncio.to_thread(reckoned, of, sat, methods)
    for course, one, outlook in zip(of, sat, made, strict=True):
        if outlook is not None:
            pair = (course.learner_id, course.course_id)
            found[course.learner_id].append(_Look(course, one, outlook, aims.get(pair), confirmed.get(pair, ())))
    return found


def _log(inquirer: Inquirer, shown: Sequence[_Look]) -> None:
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


def _course(look: _Look, looks: Sequence[_Look], methods: Sequence[Method], names: StaffNames) -> dict[str, Any]:
    course, target = look.course, look.target
    made = {one.method: one for one in look.outlook.estimates}
    aimed = look.target_points
    return {
        "learner": id_of("lrn", course.learner_id),
        "learnerName": course.learner,
        "course": id_of("crs", course.course_id),
        "courseName": course.name,
        "window": id_of("win", course.window_id),
        "windowName": course.window,
        "specification": course.specification,
        "series": course.series,
        "shift": course.shift,
        "rounding": look.outlook.rounding,
        "confidence": look.outlook.confidence,
        "flags": list(look.outlook.flags) if course.grade else None,
        "target": target.value if target else None,
        "targetPoints": None if aimed is None else decimal_points(aimed),
        "targetMethod": target.method if target else None,
        "forecasts": [_forecast(look, looks, made[method]) for method in methods if method in made],
        "estimates": [
            {
                "component": one.component or None,
                "score": one.score,
                "grade": one.value,
                "version": one.version,
                "reason": one.reason,
                "recordedAt": one.recorded_at,
            }
            for one in look.brought.estimates
        ],
        "confirmations": [confirmed(one, course, names.of(one.confirmed_by, one.name)) for one in look.confirmed],
    }


def _forecast(look: _Look, looks: Sequence[_Look], made: Estimate) -> dict[str, Any]:
    course, points, aimed = look.course, look.points(made.method), look.target_points
    told = _tells(course, made.method)
    others = [held for one in looks if (held := _comparable(one, look, made.method)) is not None]
    mean = sum(others, Fraction(0)) / len(others) if others else None
    return {
        "label": _LABEL,
        "method": made.method.name,
        "methodVersion": made.version,
        "value": made.value if told else None,
        **_graded(course.grade, low=made.low, high=made.high),
        "points": None if points is None else decimal_points(points),
        "subjectMark": str(made.mark) if course.grade and course.mark and made.mark is not None else None,
        "reckoning": made.reckoning if course.mark else None,
        "targetGap": _difference(points, aimed),
        "residual": _difference(points, mean),
        "residualOver": len(others),
    }


def _comparable(one: _Look, look: _Look, method: Method) -> Fraction | None:
    """Points of another course; None where its grades are others, for then points can't be compared."""
    if one.course.course_id == look.course.course_id or one.outlook.scale != look.outlook.scale:
        return None
    return one.points(method)


def _difference(points: Fraction | None, other: Fraction | None) -> Decimal | None:
    """Rounded to two places, halves away from zero: a distance is as long in either direction."""
    if points is None or other is None:
        return None
    return Decimal(rounded_text(points - other, _PLACES, RoundTo.HALF_AWAY_FROM_ZERO))


def confirmed(one: Confirmation, course: Course, name: str | None) -> dict[str, Any]:
    """A confirmation as its type has it; `name` is that of who confirmed, as far as it may be told."""
    method = Method(one.method)
    return {
        "id": id_of(CONFIRMED, one.key),
        "method": method.name,
        "methodVersion": one.method_version,
        **_graded(_tells(course, method), value=one.value, points=one.points),
        **_graded(course.grade, low=one.low, high=one.high),
        "note": one.note,
        "confirmedBy": id_of("per", one.confirmed_by),
        "confirmedByName": name,
        "confirmedAt": one.confirmed_at,
    }


def _tells(course: Course, method: Method) -> bool:
    """Whether the viewer may read the method's grade there."""
    return course.grade and (course.mark or method not in OF_MARKS)


def _graded(readable: bool, **values: object) -> dict[str, Any]:
    """What tells the grade, or nothing of it."""
    return {name: value if readable else None for name, value in values.items()}


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
