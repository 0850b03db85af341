"""gradeDistribution and marksToNext: how a window's grades are spread, and who is near the next one."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Any, Final

from server.compliance.disclosure.levels import told_levels
from server.errors import Forbidden
from server.grading.analysis.grades import Level, mean, short_of, spread
from server.grading.analysis.scale import scale
from server.grading.analysis.shares import decimal, quotient
from server.queries.analysis.asking import MOST_LEARNERS
from server.queries.analysis.counted import counted
from server.queries.analysis.grades import Cohort, Held, cohort, ruled
from server.queries.analysis.scope import Whose
from server.queries.ids import GlobalId
from server.queries.kinds import kind
from server.queries.noun import Argument
from server.queries.statistic_groups import SMALLEST
from server.queries.statistic_tables import SCHOOL, smallest
from server.resolvers.analysis.analysing import (
    OF_CLASS,
    OF_COURSE,
    OF_YEAR_GROUP,
    SCOPES,
    WINDOW,
    Analysing,
    analysing,
    counting,
)
from server.resolvers.inquiry import Inquirer, Inquiry

LEVEL: Final = kind(
    "GradeSpreadLevel",
    "One grade.",
    ("grade", "String!", "The grade."),
    ("points", "Decimal", "Its points."),
    ("count", "Int", "How many results; null where it is suppressed."),
    ("cumulative", "Int", "How many of this grade or a better one; null where part of them is suppressed."),
    ("suppressed", "Boolean!", "True: not told, whether it is small, none, or would give another away."),
    element="grade",
)
SPREAD: Final = kind(
    "GradeSpread",
    "How the grades of a window are spread.",
    ("window", "ID!", "The assessment window.", None),
    ("exact", "Boolean!", "True: reckoned from the grades that you may read, as they stand.", None),
    ("partial", "Boolean!", "True: you may read the grades of some learners only, family and restricted data aside.", None),
    ("asOf", "DateTime", "Where figures are not exact, when the grades stood so: figures of other days are not told.", None),
    ("threshold", "Int", "Where figures are not exact, the fewest results of which one is told.", None),
    ("entries", "Int", "How many results have a grade; null where it is suppressed."),
    ("ungraded", "Int", "How many have none yet; null where figures are not exact."),
    ("mean", "Decimal", "Mean of the points, to two places; null where figures are not exact, or of nobody."),
    ("grades", "[GradeSpreadLevel!]!", "Best first."),
    element="grade",
)  # fmt: skip
NEAR: Final = kind(
    "NearNextGrade",
    "A learner on the way to the next grade.",
    ("learner", "ID!", "The learner's id.", "name"),
    ("name", "String!", "The name the learner goes by.", "name"),
    ("course", "String!", "The course.", "school_structure"),
    ("grade", "String", "The grade now.", "grade"),
    ("nextGrade", "String!", "The grade above.", "grade"),
    ("marks", "String!", "Subject marks short of it, exact.", "grade"),
    ("wholeMarks", "Int!", "The same in whole marks, rounded up.", "grade"),
    ("specification", "String!", "Code of the specification.", "grade"),
    ("series", "String!", "The series whose boundaries were used.", "grade"),
    ("shift", "Int!", "How far boundaries were shifted, in per cent.", "grade"),
    ("method", "String!", "How a fractional total was rounded.", "grade"),
    ("confidence", "String!", "How sure the boundaries are.", "grade"),
)
NEARNESS: Final = kind(
    "NearNextGrades",
    "Who is near the next grade, of those whose grades you may read.",
    ("window", "ID!", "The assessment window.", None),
    ("partial", "Boolean!", "True: you may read the grades of some learners only, family and restricted data aside.", None),
    ("count", "Int!", "How many there are; of a year group, in all courses.", "grade"),
    ("learners", "[NearNextGrade!]!", f"The nearest first, then by name; at most {MOST_LEARNERS}.", "grade"),
)  # fmt: skip


async def _distribution(given: dict[str, Any], inquirer: Inquirer) -> dict[str, Any] | None:
    what = analysing(given, inquirer, ("grade",), SCOPES)
    if what.permit.plan("grade", "read").nothing:
        return await _counted(given, what)
    found = await cohort(inquirer.connection, what.asking, what.whose)
    if found is None:
        return None
    what.log(found.learners, found.reveals, found.learners)
    points = [one.points for one in found.held if one.grade is not None and one.points is not None]
    levels = spread((one.grade, one.points) for one in found.held if one.grade is not None)
    return {
        "window": given["window"],
        "exact": True,
        "partial": what.partial,
        "asOf": None,
        "threshold": None,
        "entries": sum(level.count for level in levels),
        "ungraded": sum(one.grade is None for one in found.held),
        "mean": decimal(mean(points), 2),
        "grades": [_level(level) for level in levels],
    }


async def _counted(given: dict[str, Any], what: Analysing) -> dict[str, Any] | None:
    """For who may count grades and read none: the course's, as they stood, small numbers suppressed."""
    if what.whose is not Whose.COURSE:
        said = "You may count grades and not read them: ask of a course, or the school's statistics."
        raise Forbidden(said, (what.whose.value,))
    counting(what.inquirer, ("name", "grade"))
    what.asking.given["now"] = what.inquirer.now
    found = await counted(what.inquirer.connection, what.asking)
    if found is None:
        return None
    levels = scale(found.content) if found.content is not None else ()
    threshold = smallest(SCHOOL, found.threshold)
    names = [grade for grade, _ in levels]
    entries, shown = told_levels(names, {} if found.closed else found.counts, threshold, SMALLEST)
    return {
        "window": given["window"],
        "exact": False,
        "partial": False,
        "asOf": found.at if found.at is not None and found.at <= what.inquirer.now else None,
        "threshold": threshold,
        "entries": entries,
        "ungraded": None,
        "mean": None,
        "grades": _told(levels, shown),
    }


def _told(levels: Sequence[tuple[str, Decimal]], shown: dict[str, int]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    so_far: int | None = 0
    for grade, points in levels:
        count = shown.get(grade)
        so_far = None if so_far is None or count is None else so_far + count
        found.append(
            {"grade": grade, "points": points, "count": count, "cumulative": so_far, "suppressed": count is None}
        )
    return found


def _level(level: Level) -> dict[str, Any]:
    return {
        "grade": level.grade,
        "points": level.points,
        "count": level.count,
        "cumulative": level.cumulative,
        "suppressed": False,
    }


async def _near(given: dict[str, Any], inquirer: Inquirer) -> dict[str, Any] | None:
    what = analysing(given, inquirer, ("grade",), SCOPES)
    found = await ruled(inquirer.connection, what.asking, what.whose)
    if found is None:
        return None
    near = _nearest(found, given.get("within"))
    what.log(found.learners, found.reveals, found.learners)
    shown = [_shown(one, marks) for marks, one in near[:MOST_LEARNERS]]
    return {"window": given["window"], "partial": what.partial, "count": len(near), "learners": shown}


def _nearest(found: Cohort, within: Decimal | None) -> list[tuple[Fraction, Held]]:
    """In order of marks; those at one distance stay in order of names."""
    every = ((short_of(one.marks_to_next), one) for one in found.held if one.next_grade is not None)
    near = [(marks, one) for marks, one in every if marks is not None and (within is None or marks <= within)]
    return sorted(near, key=lambda pair: pair[0])


_RULES: Final = ("specification", "series", "shift", "method", "confidence")


def _shown(one: Held, marks: Fraction) -> dict[str, Any]:
    return {
        "learner": str(GlobalId("lrn", one.learner_id)),
        "name": one.name,
        "course": one.course,
        "grade": one.grade,
        "nextGrade": one.next_grade,
        "marks": quotient(marks),
        "wholeMarks": ceil(marks),
        **dict(zip(_RULES, one.beside, strict=True)),
    }


GRADE_DISTRIBUTION: Final = Inquiry(
    "gradeDistribution",
    "GradeSpread",
    "Counts by grade of a class, a course or a year group: over the grades that you may read. Who may count grades and"
    " read none is told those of a course as they once stood, small numbers suppressed. Null where there is no such thing.",
    (WINDOW, OF_CLASS, OF_COURSE, OF_YEAR_GROUP),
    frozenset({("school_structure", "read")}),
    _distribution,
    (LEVEL, SPREAD),
)
MARKS_TO_NEXT: Final = Inquiry(
    "marksToNext",
    "NearNextGrades",
    "Of a class, a course or a year group: learners by the marks that they are short of the next grade.",
    (WINDOW, OF_CLASS, OF_COURSE, OF_YEAR_GROUP, Argument("within", "Decimal", "At most so many subject marks short.")),
    frozenset({("grade", "read"), ("school_structure", "read")}),
    _near,
    (NEAR, NEARNESS),
)
