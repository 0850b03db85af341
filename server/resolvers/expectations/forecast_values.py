"""Forecasts as values of their types: what the viewer may not read is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from server.grading.exact import decimal_points
from server.grading.forecasts import OF_MARKS, Estimate, Method
from server.grading.measures.rounding import RoundTo, rounded_text
from server.grading.outlook import Outlook
from server.grading.thirds import exact_points
from server.queries.expectations import Brought, Confirmation, Course, Target
from server.resolvers.access.fact_values import StaffNames, id_of
from server.resolvers.expectations.forecast_kinds import CONFIRMED

_LABEL: Final = "estimate"
_PLACES: Final = 2


@dataclass(frozen=True, slots=True)
class Look:
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


def course_value(look: Look, looks: Sequence[Look], methods: Sequence[Method], names: StaffNames) -> dict[str, Any]:
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


def _forecast(look: Look, looks: Sequence[Look], made: Estimate) -> dict[str, Any]:
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


def _comparable(one: Look, look: Look, method: Method) -> Fraction | None:
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
        "shift": one.shift,
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
