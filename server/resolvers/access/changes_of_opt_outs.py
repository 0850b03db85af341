"""Learners left out of a program's data: from GraphQL to their commands and back."""

from __future__ import annotations

from functools import partial
from typing import Final

from server.commands.access.opt_outs import ASKERS, WRITE, OptOut, end_client_opt_out, opt_out_of_client
from server.commands.access.outcome import AccessOutcome
from server.queries.noun import Argument
from server.resolvers.access.changes_of_grants import PROGRAM
from server.resolvers.access.payloads import access_mutation
from server.resolvers.given import Given, key_of
from server.resolvers.mutation import Command

OPT_OUT: Final = "opo"
_REASON: Final = Argument("reason", "String!", "Why: 10 to 500 characters.")


def _opt_out(given: Given) -> Command[AccessOutcome]:
    program, learner = key_of(given, "program", PROGRAM), key_of(given, "learner", "lrn")
    return partial(opt_out_of_client, OptOut(program, learner, given["askedBy"], given["reason"]))


def _end(given: Given) -> Command[AccessOutcome]:
    return partial(end_client_opt_out, key_of(given, "optOut", OPT_OUT), given["reason"])


OPT_OUT_CHANGES: Final = (
    access_mutation(
        "optOutOfClient",
        "A learner is left out of all that a program reads and writes, from its next request on; its feed is told once.",
        (
            Argument("program", "ID!", "The program, of clientGrants."),
            Argument("learner", "ID!", "The learner."),
            Argument("askedBy", "String!", f"Who asked for it: {', '.join(ASKERS)}."),
            _REASON,
        ),
        frozenset({WRITE}),
        OPT_OUT,
        _opt_out,
    ),
    access_mutation(
        "endClientOptOut",
        "The program may know of the learner again.",
        (Argument("optOut", "ID!", "The record, of clientOptOuts."), _REASON),
        frozenset({WRITE}),
        OPT_OUT,
        _end,
    ),
)
