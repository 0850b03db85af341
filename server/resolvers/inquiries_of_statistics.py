"""statistics and publishedStatistics: figures of groups, for those who may count and need not read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from server.compliance.disclosure.family import Cell
from server.errors import BadUserInput, Forbidden
from server.policies.permit import Permit
from server.policies.plan import OPEN, Gate, Plan
from server.queries.arguments import plain
from server.queries.kinds import kind
from server.queries.noun import Argument
from server.queries.passing import passes
from server.queries.statistic_groups import COUNT, DIMENSIONS, YEAR_GROUP, elements
from server.queries.statistic_tables import PUBLISHED, SCHOOL, exact, smallest, table
from server.queries.statistics import Asker, Learner, figures, learners, newest_census, settings_of
from server.resolvers.inquiry import Inquirer, Inquiry

_CELL: Final = kind(
    "StatisticCell",
    "One group of learners.",
    ("yearGroup", "String", "The year group, where the table is by it."),
    ("level", "String", "The level of the table's other dimension, where it has one."),
    ("figure", "Decimal", "The count or average; null where it is suppressed, or an average of nobody."),
    ("suppressed", "Boolean!", "True: not told, whether the group is small, empty, or would give away another."),
)
_TABLE: Final = kind(
    "StatisticTable",
    "Figures of groups of learners on roll. Whose data is restricted is in no census, and in no figure made of that data.",
    ("by", "[StatisticDimension!]!", "What the groups are made by."),
    ("measure", "StatisticMeasure!", "What is told of each."),
    ("exact", "Boolean!", "True: you may read every value behind the figures, and they are of now."),
    ("schoolYear", "Int", "The year in which the school year of the figures began; null before any census."),
    ("takenAt", "DateTime", "When the figures were made; they stay as they are until the next school year."),
    ("threshold", "Int!", "The fewest learners of whom a figure is told."),
    ("cells", "[StatisticCell!]!", "The groups, in the order of their levels; none before any census."),
)
_ARGUMENTS: Final = (
    Argument(
        "by",
        "[StatisticDimension!]",
        "One dimension, or the year group and one other; everybody together where left out.",
    ),
    Argument("measure", "StatisticMeasure", "COUNT where left out."),
)
# Restricted data is in no figure: so whoever may count everybody else may count all that is counted.
_COUNTED: Final = Plan((OPEN, Gate(frozenset({"school"}), frozenset({"restricted"}))))
_PARTLY = (
    "You may read part of the values behind these figures, and could subtract them: "
    "count those you may read with totalCount, or ask for figures by other dimensions."
)


async def _statistics(given: dict[str, Any], inquirer: Inquirer) -> dict[str, Any]:
    by, measure = _by(given), _measure(given)
    permit = _permit(inquirer, by, measure, "count")
    read = [element for element in elements(by, measure) if not permit.plan(element, "read").nothing]
    exactly = len(read) == len(elements(by, measure))
    if read:
        everybody = await _readable(inquirer, permit, read, (by, measure) if exactly else ((), COUNT))
        # Of any of the elements: who is told a table is told its margins too.
        if not all(learner.readable for learner in everybody):
            raise Forbidden(_PARTLY, ("statistics",))
        if exactly:
            return await _exact(inquirer, everybody, permit, by, measure)
    return await _told(inquirer, by, measure, SCHOOL)


async def _published(given: dict[str, Any], inquirer: Inquirer) -> dict[str, Any]:
    by, measure = _by(given), _measure(given)
    permit = _permit(inquirer, by, measure, "export")
    for element in elements(by, measure):
        if "log" in permit.plan(element, "export").duties:
            inquirer.log(element)
    return await _told(inquirer, by, measure, PUBLISHED)


def _by(given: Mapping[str, Any]) -> tuple[str, ...]:
    by = tuple(str(plain(one)) for one in given.get("by") or ())
    if len(set(by)) != len(by) or len(by) > 2 or (len(by) == 2 and YEAR_GROUP not in by):
        said = (
            "by takes one dimension, or YEAR_GROUP and one other: tables of further dimensions would give groups away."
        )
        raise BadUserInput(said, ("by",))
    return by


def _measure(given: Mapping[str, Any]) -> str:
    measure = given.get("measure")
    return COUNT if measure is None else str(plain(measure))


def _permit(inquirer: Inquirer, by: tuple[str, ...], measure: str, action: str) -> Permit:
    """The plans of the table's elements. Raises Forbidden unless each may be counted, or exported, of everybody."""
    asked = inquirer.asked
    named = elements(by, measure)
    permit = asked.planner.permit(asked.profile, {(element, use) for element in named for use in ("read", action)})
    for element in named:
        if not permit.plan(element, action).covers(_COUNTED):
            raise Forbidden(f"These figures tell of {element}, which you may not {action} of everybody.", ("by",))
    return permit


async def _readable(
    inquirer: Inquirer, permit: Permit, read: Sequence[str], wanted: tuple[tuple[str, ...], str]
) -> list[Learner]:
    """Everybody, each with whether all that the asker reads of others is open of them too; and values of a table."""
    by, measure = wanted
    plans = [permit.plan(element, "read") for element in read]
    return await learners(
        inquirer.connection,
        Asker(inquirer.school_id, inquirer.person_id, inquirer.now.date()),
        [DIMENSIONS[name].source for name in by],
        [] if measure == COUNT else [measure],
        lambda row: [passes(plan, "learner", row, row.c.learner_id) for plan in plans],
    )


async def _exact(
    inquirer: Inquirer, everybody: Sequence[Learner], permit: Permit, by: tuple[str, ...], measure: str
) -> dict[str, Any]:
    for element in elements(by, measure):
        if "log" in permit.plan(element, "read").duties:
            inquirer.log(element, [learner.learner_id for learner in everybody])
    year, own = await settings_of(inquirer.connection, inquirer.school_id)
    known = exact(everybody, by, measure)
    cells = [_cell(cell, figure, suppressed=False) for cell, figure in known.items()]
    head = {"exact": True, "schoolYear": year, "takenAt": inquirer.now, "threshold": smallest(SCHOOL, own)}
    return {"by": list(by), "measure": measure, **head, "cells": cells}


async def _told(inquirer: Inquirer, by: tuple[str, ...], measure: str, audience: str) -> dict[str, Any]:
    connection, school_id = inquirer.connection, inquirer.school_id
    census = await newest_census(connection, school_id, measure)
    head: dict[str, Any] = {"by": list(by), "measure": measure, "exact": False}
    if census is None:
        _, own = await settings_of(connection, school_id)
        return {**head, "schoolYear": None, "takenAt": None, "threshold": smallest(audience, own), "cells": []}
    known = await figures(connection, school_id, census.school_year, measure, audience)
    cells = [_cell(cell, known.get(cell), suppressed=cell not in known) for cell in table(by)]
    head |= {"schoolYear": census.school_year, "takenAt": census.taken_at}
    return {**head, "threshold": smallest(audience, census.threshold), "cells": cells}


def _cell(cell: Cell, figure: Decimal | None, *, suppressed: bool) -> dict[str, Any]:
    return {"yearGroup": cell.hub or None, "level": cell.level or None, "figure": figure, "suppressed": suppressed}


STATISTICS: Final = Inquiry(
    "statistics",
    "StatisticTable!",
    "Figures of groups of learners, for whoever may count them. Who may read every value behind them is told them exactly;"
    " who may read none is told the school's census, in which small groups are suppressed.",
    _ARGUMENTS,
    frozenset({("name", "count")}),
    _statistics,
    (_CELL, _TABLE),
)
PUBLISHED_STATISTICS: Final = Inquiry(
    "publishedStatistics",
    "StatisticTable!",
    "The figures of the school's census that may leave the school: suppressed for everybody, below ten learners at least.",
    _ARGUMENTS,
    frozenset({("name", "export")}),
    _published,
    action="export",
)
