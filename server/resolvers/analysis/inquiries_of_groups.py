"""compareGroups: the mean points of groups of learners, by what may be read of each."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final
from uuid import UUID

from server.errors import Forbidden, ForbiddenArgument
from server.grading.analysis.grades import mean
from server.grading.analysis.shares import decimal, quotient
from server.grading.analysis.values import groups
from server.queries.analysis.grades import Cohort, grouped
from server.queries.kinds import kind
from server.queries.noun import Argument
from server.queries.statistic_groups import DIMENSIONS, Dimension
from server.resolvers.analysis.analysing import OF_CLASS, OF_COURSE, OF_YEAR_GROUP, SCOPES, WINDOW, analysing
from server.resolvers.inquiry import Inquirer, Inquiry

GROUP: Final = kind(
    "ComparedGroup",
    "The learners of one level of a dimension.",
    ("level", "String!", "The level, as in the school's statistics.", None),
    ("learners", "Int!", "How many have points."),
    ("mean", "Decimal", "The mean of their points, to two places; null of nobody."),
    ("exact", "String", "The same as an exact fraction."),
    ("gap", "Decimal", "Their mean less everybody's."),
    element="grade",
)
COMPARISON: Final = kind(
    "GroupComparison",
    "Groups of learners side by side: of all whose grades and level you may read. Of several courses, each learner's mean.",
    ("window", "ID!", "The assessment window.", None),
    ("dimension", "StatisticDimension!", "What the groups are made by.", None),
    ("partial", "Boolean!", "True: you may read part of this of some learners only, family and restricted data aside.", None),
    ("learners", "Int!", "How many have points."),
    ("mean", "Decimal", "The mean of everybody's points, to two places."),
    ("groups", "[ComparedGroup!]!", "In the order of the levels; levels that nobody has are left out."),
    element="grade",
)  # fmt: skip
_COUNTERS: Final = (
    "You may count grades and not read them: statistics tells you means of groups, by the school's census."
)


async def _groups(given: dict[str, Any], inquirer: Inquirer) -> dict[str, Any] | None:
    by = DIMENSIONS[str(given["dimension"])]
    what = analysing(given, inquirer, ("grade", by.element), SCOPES)
    if what.permit.plan("grade", "read").nothing:
        raise Forbidden(_COUNTERS, ("compareGroups",))
    if what.permit.plan(by.element, "read").nothing:
        said = f"dimension reads {by.element}, which you may not read: choose another."
        raise ForbiddenArgument(said, ("dimension",))
    found = await grouped(inquirer.connection, what.asking, what.whose, by)
    if found is None:
        return None
    what.log(found.learners, found.reveals, found.learners)
    every, known = groups(_points(found, by))
    return {
        "window": given["window"],
        "dimension": by.name,
        "partial": what.partial,
        "learners": sum(group.learners for group in known.values()),
        "mean": decimal(every, 2),
        "groups": [
            {
                "level": level,
                "learners": known[level].learners,
                "mean": decimal(known[level].mean, 2),
                "exact": quotient(known[level].mean),
                "gap": decimal(known[level].gap, 2),
            }
            for level in by.levels
            if level in known
        ],
    }


def _points(found: Cohort, by: Dimension) -> dict[str, list[Fraction]]:
    """By level, each learner's mean points."""
    own: defaultdict[UUID, list[Decimal]] = defaultdict(list)
    level: dict[UUID, str] = {}
    for one in found.held:
        if one.points is not None:
            own[one.learner_id].append(one.points)
            level[one.learner_id] = by.level_of(one.beside[0])
    grouped_: defaultdict[str, list[Fraction]] = defaultdict(list)
    for learner, points in own.items():
        grouped_[level[learner]].append(mean(points) or Fraction(0))
    return grouped_


COMPARE_GROUPS: Final = Inquiry(
    "compareGroups",
    "GroupComparison",
    "Mean points of groups of learners, of a class, a course or a year group. FORBIDDEN_ARGUMENT for a dimension that you"
    " may read of nobody. Null where there is no such thing.",
    (
        WINDOW,
        Argument("dimension", "StatisticDimension!", "What the groups are made by."),
        OF_CLASS,
        OF_COURSE,
        OF_YEAR_GROUP,
    ),
    frozenset({("school_structure", "read")}),
    _groups,
    (GROUP, COMPARISON),
)
