"""takeCensus: the figures of the current school year, made once and told from then on, small ones hidden for good."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from server.commands.actor import Actor
from server.commands.input_error import InputError
from server.commands.keys import new_key
from server.commands.statements import columns, execute, fetch
from server.compliance.audit import write_audit
from server.database.pool import PoolConnection
from server.database.unit_of_work import UnitOfWork
from server.errors import Forbidden
from server.policies.permit import Coordinate, Permit
from server.queries.passing import passes
from server.queries.scopes import relation
from server.queries.statistic_groups import COUNT, DIMENSIONS, MEASURES, elements
from server.queries.statistic_tables import AUDIENCES, SCHOOL, Figures, released, smallest
from server.queries.statistics import Asker, Learner, figures, learners, settings_of

_PATH: Final = ("input", "measures")
_LOCK = "SELECT school_id FROM usher.school WHERE school_id = $1::uuid FOR NO KEY UPDATE"
_TAKEN = "SELECT measure FROM usher.statistic_census WHERE school_id = $1::uuid AND school_year = $2::int"
_CENSUS = """\
INSERT INTO usher.statistic_census (school_id, school_year, measure, threshold, taken_at, taken_by)
VALUES ($1::uuid, $2::int, $3::text, $4::int, $5::timestamptz, $6::uuid)"""
_FIGURES = """\
INSERT INTO usher.statistic_figure
    (school_id, school_year, measure, audience, dimension, level, year_group, figure)
SELECT $1::uuid, $2::int, $3::text, f.audience, f.dimension, f.level, f.year_group, f.figure
FROM unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::numeric[])
    AS f(audience, dimension, level, year_group, figure)"""

_GROUPED: Final = tuple(DIMENSIONS)
COORDINATES: Final[frozenset[Coordinate]] = frozenset(
    {("school_structure", "write")}
    | {(element, "read") for measure in MEASURES for element in elements(_GROUPED, measure) if element != "sen_flag"}
)
"""A census reads everything that statistics tell of; what it tells is part of how the school presents itself."""

_NONE = InputError("BAD_USER_INPUT", "input.measures names nothing: give at least one measure, each once.", _PATH)
_CLOSED = InputError(
    "NOT_PERMITTED",
    "A census needs every value of every learner, and some are closed to you: somebody else must take it.",
    _PATH,
)


@dataclass(frozen=True, slots=True)
class CensusOutcome:
    """`measures` are those taken now."""

    school_year: int | None = None
    measures: tuple[str, ...] = ()
    learners: int = 0
    errors: tuple[InputError, ...] = ()


async def take_census(
    measures: Sequence[str], unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime
) -> CensusOutcome:
    """In `unit`, which the caller commits unless there are errors. Raises Forbidden and psycopg.Error."""
    if any(permit.plan(*coordinate).nothing for coordinate in COORDINATES):
        raise Forbidden("A census is for those who keep the roster and may read every value: ask the data manager.")
    if not measures or len(set(measures)) != len(measures):
        return CensusOutcome(errors=(_NONE,))
    connection, school_id = unit.connection, unit.context.school_id
    await fetch(connection, _LOCK, [school_id])
    year, own = await settings_of(connection, school_id)
    before = {row[0] for row in await fetch(connection, _TAKEN, [school_id, year])}
    errors = tuple(_refusals(measures, before))
    if errors:
        return CensusOutcome(errors=errors)
    everybody = await _everybody(unit, permit, measures, now)
    if not all(learner.readable for learner in everybody):
        return CensusOutcome(errors=(_CLOSED,))
    threshold = smallest(SCHOOL, own)
    counts = await _counts(connection, unit, year) if COUNT in before else dict[str, Figures]()
    for measure in sorted(measures, key=lambda name: name != COUNT):
        # Seconds of reckoning in a large school: others are answered meanwhile.
        told = await to_thread(released, everybody, measure, threshold, counts)
        counts = told if measure == COUNT else counts
        await execute(connection, _CENSUS, [school_id, year, measure, threshold, now, unit.context.person_id])
        await execute(connection, _FIGURES, [school_id, year, measure, *columns(_rows(told), 5)])
    await _audit(unit, actor, everybody, measures, now)
    return CensusOutcome(year, tuple(measures), len(everybody))


def _refusals(measures: Sequence[str], before: Collection[str]) -> list[InputError]:
    found: list[InputError] = []
    for place, measure in enumerate(measures):
        path = (*_PATH, place)
        if measure in before:
            said = "This measure was taken this school year: a second time would tell by the difference. Wait for the next."
            found.append(InputError("ALREADY_TAKEN", said, path))
        elif measure != COUNT and COUNT not in {*before, *measures}:
            found.append(InputError("COUNT_FIRST", "Averages are told of counted groups: take COUNT too.", path))
    return found


async def _everybody(unit: UnitOfWork, permit: Permit, measures: Sequence[str], now: datetime) -> list[Learner]:
    """Without those whose data is restricted, whatever the rule book opens of it."""
    asker = Asker(unit.context.school_id, unit.context.person_id, now.date())
    plans = [permit.plan(element, "read") for element in _read(measures)]
    sources = tuple(dict.fromkeys(one.source for one in DIMENSIONS.values()))
    return await learners(
        unit.connection,
        asker,
        sources,
        [measure for measure in measures if measure != COUNT],
        lambda row: [
            relation("learner", "restricted", row, row.c.learner_id).is_not(True),
            *(passes(plan, "learner", row, row.c.learner_id) for plan in plans),
        ],
    )


def _read(measures: Sequence[str]) -> list[str]:
    named = {element for measure in measures for element in elements(_GROUPED, measure)}
    return sorted(named - {"sen_flag"})


async def _counts(connection: PoolConnection, unit: UnitOfWork, year: int) -> dict[str, Figures]:
    school_id = unit.context.school_id
    return {audience: await figures(connection, school_id, year, COUNT, audience) for audience in AUDIENCES}


def _rows(told: dict[str, Figures]) -> list[tuple[object, ...]]:
    return [(audience, *cell, figure) for audience, some in told.items() for cell, figure in sorted(some.items())]


async def _audit(
    unit: UnitOfWork, actor: Actor, everybody: Sequence[Learner], measures: Sequence[str], now: datetime
) -> None:
    """Every value of everybody was read, and what may be told of them will leave the room."""
    learner_ids = [str(learner.learner_id) for learner in everybody]
    read = dict.fromkeys(_read(measures), learner_ids)
    details: dict[str, object] = {"census": sorted(measures), "learners": len(everybody)}
    record = actor.record(unit.context.school_id, new_key(), now, "export", read, details)
    await write_audit(unit.connection, record)
