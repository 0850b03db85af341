"""compareSnapshots and valueAdded: how grades moved, and how they stand to targets and to other subjects."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final
from uuid import UUID

from server.errors import BadUserInput
from server.grading.analysis.grades import mean, moved
from server.grading.analysis.shares import decimal
from server.grading.analysis.values import added, residual
from server.grading.thirds import exact_points, shown_points
from server.queries.analysis.asking import MOST_LEARNERS
from server.queries.analysis.grades import Held, aimed
from server.queries.analysis.snapshots import Sides, sides
from server.queries.ids import GlobalId
from server.queries.kinds import kind
from server.queries.noun import Argument
from server.resolvers.analysis.analysing import OF_CLASS, OF_COURSE, OF_YEAR_GROUP, SCOPES, WINDOW, analysing, key_of
from server.resolvers.inquiry import Inquirer, Inquiry

MOVEMENT: Final = kind(
    "GradeMovement",
    "How many results went from one grade to another.",
    ("before", "String", "The grade before; null: none."),
    ("after", "String", "The grade after; null: none."),
    ("count", "Int!", "How many."),
    element="grade",
)
SNAPSHOTS: Final = kind(
    "SnapshotComparison",
    "The grades that you may read, twice.",
    ("window", "ID!", "The window before.", None),
    ("toWindow", "ID!", "The window after.", None),
    ("partial", "Boolean!", "True: you may read the grades of some learners only, family and restricted data aside.", None),
    ("learners", "Int!", "How many learners have a result before or after."),
    ("better", "Int!", "How many results have more points than before."),
    ("same", "Int!", "How many have as many."),
    ("worse", "Int!", "How many have fewer."),
    ("meanBefore", "Decimal", "Mean points of results with points both times, before."),
    ("meanAfter", "Decimal", "And after."),
    ("cells", "[GradeMovement!]!", "Pairs of grades that occur, best first."),
    element="grade",
)  # fmt: skip
ADDED: Final = kind(
    "ValueAddedRow",
    "One learner in one course.",
    ("learner", "ID!", "The learner's id.", "name"),
    ("name", "String!", "The name the learner goes by.", "name"),
    ("course", "String!", "The course.", "school_structure"),
    ("points", "Decimal", "Points of the grade.", "grade"),
    ("target", "Decimal", "Points of the target, where you may read it.", "target"),
    ("added", "Decimal", "Points less the target's.", "target"),
    ("elsewhere", "Decimal", "The mean of the learner's points in other subjects, of those you may read.", "grade"),
    ("residual", "Decimal", "Points less that mean.", "grade"),
)
_MEANS: Final = (
    ("learners", "Int!", "How many results have points.", "grade"),
    ("mean", "Decimal", "The mean of their points, to two places.", "grade"),
    ("aimed", "Int!", "How many of them have a target with points.", "target"),
    ("added", "Decimal", "The mean of points less the target's, over these.", "target"),
    ("compared", "Int!", "How many are of learners with points in another subject that you may read.", "grade"),
    ("residual", "Decimal", "The mean of points less the learner's own mean elsewhere, over these.", "grade"),
)
BY_COURSE: Final = kind(
    "ValueAddedCourse",
    "One course of those that are looked at.",
    ("course", "ID!", "The course.", None),
    ("name", "String!", "Its name.", "school_structure"),
    *_MEANS,
)
VALUE_ADDED: Final = kind(
    "ValueAdded",
    "Points of a window against targets, and against the same learners' other subjects.",
    ("window", "ID!", "The assessment window.", None),
    ("partial", "Boolean!", "True: you may read part of this of some learners only, family and restricted data aside.", None),
    *_MEANS,
    ("courses", "[ValueAddedCourse!]!", "The same by course, in order of names.", "grade"),
    ("rows", "[ValueAddedRow!]!", f"By name, the first {MOST_LEARNERS}.", "grade"),
)  # fmt: skip


async def _snapshots(given: dict[str, Any], inquirer: Inquirer) -> dict[str, Any] | None:
    what = analysing(given, inquirer, ("grade",), SCOPES)
    after = given.get("toWindow") or given["window"]
    days = (given.get("fromDay"), given.get("toDay"))
    asked = what.asking.given
    asked["other"] = key_of("toWindow", after)
    asked["before"], asked["after"] = (_end_of(given.get(name), name) for name in ("fromDay", "toDay"))
    stood = (days[0] is not None, days[1] is not None)
    found = await sides(inquirer.connection, what.asking, what.whose, days=stood)
    if found is None:
        return None
    what.log(found.learners, found.reveals, found.learners)
    return {"window": given["window"], "toWindow": after, "partial": what.partial, **_compared(found)}


def _end_of(day: date | None, argument: str) -> datetime | None:
    try:
        return None if day is None else datetime.combine(day + timedelta(days=1), time(), UTC)
    except OverflowError:
        raise BadUserInput("No day can be that late: give one of the school's years.", (argument,)) from None


def _compared(found: Sides) -> dict[str, Any]:
    pairs = [(found.before.get(one), found.after.get(one)) for one in {**found.before, **found.after}]
    points = [
        (before[1], after[1])
        for before, after in pairs
        if before is not None and after is not None and before[1] is not None and after[1] is not None
    ]
    best = {grade: scored for one in (found.before, found.after) for grade, scored in one.values()}
    cells = moved((before[0] if before else None, after[0] if after else None) for before, after in pairs)
    cells.sort(key=lambda one: (*_best_first(one.before, best), *_best_first(one.after, best)))
    return {
        "learners": len(found.learners),
        "better": sum(after > before for before, after in points),
        "same": sum(after == before for before, after in points),
        "worse": sum(after < before for before, after in points),
        "meanBefore": decimal(mean([before for before, _ in points]), 2),
        "meanAfter": decimal(mean([after for _, after in points]), 2),
        "cells": [{"before": one.before, "after": one.after, "count": one.count} for one in cells],
    }


def _best_first(grade: str | None, points: dict[str | None, Decimal | None]) -> tuple[bool, Decimal, str]:
    return grade is None, -(points.get(grade) or Decimal(0)), grade or ""


async def _added(given: dict[str, Any], inquirer: Inquirer) -> dict[str, Any] | None:
    what = analysing(given, inquirer, ("grade", "target"), SCOPES)
    found = await aimed(inquirer.connection, what.asking, what.whose)
    if found is None:
        return None
    what.log(found.learners, found.reveals, found.learners)
    return {
        "window": given["window"],
        "partial": what.partial,
        **_means(found.held),
        "courses": _by_course(found.held),
        "rows": _rows(found.held),
    }


def _means(held: Sequence[Held]) -> dict[str, Any]:
    points = [one.points for one in held if one.points is not None]
    above = [value for one in held if (value := added(one.points, exact_points(*one.beside[:2]))) is not None]
    residuals = [value for one in held if (value := residual(one.points, *one.beside[2:])) is not None]
    return {
        "learners": len(points),
        "mean": decimal(mean(points), 2),
        "aimed": len(above),
        "added": decimal(mean(above), 2),
        "compared": len(residuals),
        "residual": decimal(mean(residuals), 2),
    }


def _by_course(held: Sequence[Held]) -> list[dict[str, Any]]:
    courses: defaultdict[tuple[str, UUID], list[Held]] = defaultdict(list)
    for one in held:
        courses[one.course, one.course_id].append(one)
    return [
        {"course": str(GlobalId("crs", course_id)), "name": name, **_means(courses[name, course_id])}
        for name, course_id in sorted(courses)
    ]


def _rows(held: Sequence[Held]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for one in held[:MOST_LEARNERS]:
        target, third, total, number = one.beside
        found.append(
            {
                "learner": str(GlobalId("lrn", one.learner_id)),
                "name": one.name,
                "course": one.course,
                "points": one.points,
                "target": shown_points(target, third),
                "added": decimal(added(one.points, exact_points(target, third)), 2),
                "elsewhere": decimal(Fraction(total) / number if number else None, 2),
                "residual": decimal(residual(one.points, total, number), 2),
            }
        )
    return found


COMPARE_SNAPSHOTS: Final = Inquiry(
    "compareSnapshots",
    "SnapshotComparison",
    "Of a class, a course or a year group: grades of two windows, or of one as it stood at the end of two days (replaced"
    " results are kept). A year group's courses are those of the window's school year. Null where there is no such thing.",
    (
        WINDOW,
        Argument("toWindow", "ID", "The window after; the same where left out.", "win"),
        Argument(
            "fromDay", "Date", "The window before as it stood at the end of this day; as it stands where left out."
        ),
        Argument("toDay", "Date", "The window after as it stood at the end of this day; as it stands where left out."),
        OF_CLASS,
        OF_COURSE,
        OF_YEAR_GROUP,
    ),
    frozenset({("grade", "read"), ("school_structure", "read")}),
    _snapshots,
    (MOVEMENT, SNAPSHOTS),
)
VALUE_ADDED_INQUIRY: Final = Inquiry(
    "valueAdded",
    "ValueAdded",
    "Of a class, a course or a year group: points against targets, and against the same learners' other subjects. Null"
    " where there is no such thing.",
    (WINDOW, OF_CLASS, OF_COURSE, OF_YEAR_GROUP),
    frozenset({("grade", "read"), ("target", "read"), ("school_structure", "read")}),
    _added,
    (ADDED, BY_COURSE, VALUE_ADDED),
)
