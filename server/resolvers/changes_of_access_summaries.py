"""releaseAccessSummary and withdrawAccessSummary, from GraphQL to their commands and back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

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
from server.resolvers.mutation import Change, Changed, Mutation

_Command = Callable[[UnitOfWork, Permit, Actor, datetime], Awaitable[ReleaseOutcome]]


def _changing(command: _Command) -> Change:
    async def change(given: dict[str, Any], unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime) -> Changed:
        if not given["confirm"]:
            raise BadUserInput(
                "input.confirm must be true: it concerns all families of the school.", ("input", "confirm")
            )
        outcome = await command(unit, permit, actor, now)
        return Changed(constants={"released": outcome.released}, errors=outcome.errors, written=not outcome.errors)

    return change


def _mutation(name: str, said: str, command: _Command) -> Mutation:
    title = name[0].upper() + name[1:]
    confirmed = Argument("confirm", "Boolean!", "True: yes, for all families of the school.")
    return Mutation(
        name=name,
        description=said,
        inputs=((f"{title}Input", f"What {name} takes.", (confirmed,)),),
        payload=f"{title}Payload",
        rows={},
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
