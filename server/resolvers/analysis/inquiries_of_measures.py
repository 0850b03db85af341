"""measures: Attainment 8, Progress 8, EBacc, basics and tariff, of a learner, a class or a year group."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any, Final

from server.errors import Forbidden
from server.grading.measures.learners import Lacking, Measures, Standpoint, measured
from server.grading.measures.results import GAPS, Reason
from server.grading.measures.school import figures
from server.queries.analysis.asking import MOST_LEARNERS
from server.queries.analysis.measured import Taken, taken
from server.queries.noun import Argument
from server.resolvers.analysis.analysing import OF_CLASS, OF_LEARNER, OF_YEAR_GROUP, WINDOW, analysing
from server.resolvers.analysis.measure_kinds import KINDS
from server.resolvers.analysis.measure_tables import stored
from server.resolvers.analysis.measure_values import figure, of_learner
from server.resolvers.inquiry import Inquirer, Inquiry

_PRIOR: Final = "education"
_COUNTERS: Final = (
    "Measures are reckoned from grades that you may read, of which there are none: statistics tells means of groups, by"
    " the school's census."
)
_SLICE: Final = 20
_PART_READ: Final = Lacking(Reason.PART_READ, GAPS[Reason.PART_READ])


async def _measures(given: dict[str, Any], inquirer: Inquirer) -> dict[str, Any] | None:
    what = analysing(given, inquirer, ("grade", _PRIOR), ("learner", "class", "yearGroup"))
    if what.permit.plan("grade", "read").nothing:
        raise Forbidden(_COUNTERS, ("measures",))
    found = await taken(inquirer.connection, what.asking, what.whose)
    if found is None:
        return None
    tables = await stored(inquirer.connection, what.asking, found.state)
    learners = [one.learner_id for one in found.taken]
    of_results = replace(what, read=tuple(element for element in what.read if element != _PRIOR))
    of_results.log(learners, found.reveals, learners)
    what.log_of(_PRIOR, [one.learner_id for one in found.taken if one.prior_read])
    by = Standpoint(tables.tables, found.year + 1, bool(given.get("proxy")))
    reckoned = [pair async for pair in _every(found.taken, by)]
    return {
        "window": given["window"],
        "partial": what.partial,
        "count": len(reckoned),
        "files": list(tables.files),
        "figures": [figure(one) for one in figures(each for _, each in reckoned)],
        "learners": [of_learner(one, each, tables.tables) for one, each in reckoned[:MOST_LEARNERS]],
    }


async def _every(learners: Sequence[Taken], by: Standpoint) -> AsyncIterator[tuple[Taken, Measures | Lacking]]:
    """Others are served between slices of a year group."""
    for place, one in enumerate(learners, start=1):
        yield one, _reckoned(one, by)
        if place % _SLICE == 0:
            await asyncio.sleep(0)


def _reckoned(one: Taken, by: Standpoint) -> Measures | Lacking:
    """Part of a learner's results gives no measure of the learner."""
    return measured(one.results, one.prior, by) if one.whole else _PART_READ


MEASURES: Final = Inquiry(
    "measures",
    "Measures",
    "Attainment 8, Progress 8, EBacc, basics and UCAS tariff of a learner, a class or a year group, reckoned from the"
    " results of a window as they stand. Null where there is no such thing.",
    (
        WINDOW,
        OF_LEARNER,
        OF_CLASS,
        OF_YEAR_GROUP,
        Argument("proxy", "Boolean", "True: estimates of an earlier year may stand in for Progress 8, labelled so."),
    ),
    frozenset({("school_structure", "read")}),
    _measures,
    KINDS,
)
