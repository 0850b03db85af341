"""releaseAccessSummary and withdrawAccessSummary, from GraphQL to their commands and back."""

from __future__ import annotations

from datetime import datetime

from server.commands.access_summaries import (
    WRITE,
    ReleaseOutcome,
    release_access_summary,
    withdraw_access_summary,
)
from server.commands.actor import Actor
from server.database.unit_of_work import UnitOfWork
from server.errors import BadUserInput
from server.policies.permit import Permit
from server.queries.noun import Argument
from server.resolvers.given import Given
from server.resolvers.mutation import Change, Changed, Command, Mutation


def _changing(command: Command[ReleaseOutcome]) -> Change:
    async def change(given: Given, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime) -> Changed:
        if not given["confirm"]:
            raise BadUserInput(
                "input.confirm must be true: it concerns all families of the school.", ("input", "confirm")
            )
        outcome = await command(unit, permit, actor, now)
        return Changed(constants={"released": outcome.released}, errors=outcome.errors, written=not outcome.errors)

    return change


def _mutation(name: str, said: str, command: Command[ReleaseOutcome]) -> Mutation:
    return Mutation(
        name=name,
        description=said,
        arguments=(Argument("confirm", "Boolean!", "True: yes, for all families of the school."),),
        constants=(("released", "Boolean!", "Whether families read the summary now."),),
        coordinates=frozenset({WRITE}),
        change=_changing(command),
    )


SUMMARY_CHANGES = (
    _mutation(
        "releaseAccessSummary",
        "Let parents and learners read how often which role looked at their data; off until then.",
        release_access_summary,
    ),
    _mutation("withdrawAccessSummary", "Stop showing parents and learners who looked.", withdraw_access_summary),
)
