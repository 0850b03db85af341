"""takeCensus, from GraphQL to its command and back."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from server.commands.actor import Actor
from server.commands.censuses import COORDINATES, take_census
from server.database.unit_of_work import UnitOfWork
from server.policies.permit import Permit
from server.queries.arguments import plain
from server.queries.noun import Argument
from server.resolvers.given import Given
from server.resolvers.mutation import Changed, Mutation


async def _take(given: Given, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime) -> Changed:
    outcome = await take_census([str(plain(measure)) for measure in given["measures"]], unit, permit, actor, now)
    taken = {"schoolYear": outcome.school_year, "measures": list(outcome.measures), "learners": outcome.learners}
    return Changed(constants=taken, errors=outcome.errors, written=not outcome.errors)


TAKE_CENSUS: Final = Mutation(
    name="takeCensus",
    description="Make the figures of this school year for those who may only count. Needs every value of every learner.",
    takes="What to take.",
    arguments=(
        Argument(
            "measures",
            "[StatisticMeasure!]!",
            "The measures to take now, each once a school year; COUNT with the first of them.",
        ),
    ),
    constants=(
        ("schoolYear", "Int", "The year that the school year began in; null where nothing was taken."),
        ("measures", "[StatisticMeasure!]!", "What was taken now."),
        ("learners", "Int!", "How many learners were looked at: on roll today, their data not restricted."),
    ),
    coordinates=COORDINATES,
    change=_take,
)
