"""forecasts: what marks so far let one expect of a learner, to whoever may read forecasts of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final
from uuid import UUID

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
    targets,
)
from server.queries.ids import decode
from server.queries.noun import Argument
from server.resolvers.fact_values import StaffNames, id_of
from server.resolvers.forecast_kinds import (
    CONFIRMATION_KIND,
    CONFIRMED,
    COURSE_KIND,
    ESTIMATE_KIND,
    FORECAST_KIND,
)
from server.resolvers.inquiry import Inquirer, Inquiry

_LABEL: Final = "estimate"
_PLACES: Final = 2


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
    learner = decode(given["learner"], ("learner",), "lrn", yearly=False).key
    course, window = _key(given, "course", "crs"), _key(given, "window", "win")
    wanted = Wanted(inquirer.school_id, inquirer.person_id, inquirer.now.date(), learner, course=course, window=window)
    looks = await _looks(inquirer, wanted)
    shown = [one for one in looks if course in (None, one.course.course_id)]
    _log(inquirer, learner, shown)
    methods = _methods(given)
    names = StaffNames(inquirer)
    return [_course(one, looks, methods, names) for one in shown]


def _methods(given: Mapping[str, Any]) -> tuple[Method, ...]:
    """Each once, in the order asked for."""
    asked = given.get("methods")
    return tuple(Method) if asked is None else tuple(dict.fromkeys(Method[str(plain(one))] for one in asked))


def _key(given: Mapping[str, Any], name: str, prefix: str) -> UUID | None:
    return None if given.get(name) is None else decode(given[name], (name,), prefix, yearly=False).key


async def _looks(inquirer: Inquirer, wanted: Wanted) -> list[_Look]:
    """The courses that something can be reckoned in."""
    connection, asked = inquirer.connection, inquirer.asked
    permit = asked.planner.permit(asked.profile, READ)
    of = await courses(connection, wanted, permit)
    if not of:
        return []
    given = (connection, wanted.school_id, wanted.learner, of)
    sat, aims, confirmed = await brought(*given), await targets(*given), await confirmations(*given)
    return [
        _Look(course, one, outlook, aims.get(course.course_id), confirmed.get(course.course_id, ()))
        for course, one in zip(of, sat, strict=True)
        if (outlook := one.outlook(course)) is not None
    ]


def _log(inquirer: Inquirer, learner: UUID, shown: Iterable[_Look]) -> None:
    """Of each element that the answer tells, where a rule asks for it."""
    asked = inquirer.asked
    told = {"forecast"} if shown else set[str]()
    for one in shown:
        held = {"grade": one.course.grade, "mark": one.course.mark, "target": one.target is not None}
        told |= {element for element, shows in held.items() if shows}
    for element in sorted(told):
        if "log" in asked.planner.plan(asked.profile, element, "read").duties:
            inquirer.log(element, (learner,))


def _course(look: _Look, looks: Sequence[_Look], methods: Sequence[Method], names: StaffNames) -> dict[str, Any]:
    course, target = look.course, look.target
    made = {one.method: one for one in look.outlook.estimates}
    aimed = look.target_points
    return {
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
    Argument("learner", "ID!", "Of whom."),
    Argument("course", "ID", "Of this course alone; of all that the learner follows today where left out."),
    Argument("window", "ID", "The assessment window; where left out each course's newest with marks."),
    Argument("methods", "[ForecastMethod!]", "By these methods; by all where left out."),
)
FORECASTS: Final = Inquiry(
    "forecasts",
    "[CourseForecasts!]!",
    "What marks so far let one expect of a learner, by named methods. Estimates: what is to be used must be confirmed.",
    _ARGUMENTS,
    frozenset({("name", "read"), ("forecast", "read")}),
    _forecasts,
    (FORECAST_KIND, ESTIMATE_KIND, CONFIRMATION_KIND, COURSE_KIND),
)
