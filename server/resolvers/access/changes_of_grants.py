"""Grants to programs: from GraphQL to their commands and back."""

from __future__ import annotations

from functools import partial
from typing import Final

from server.commands.access.grants import LONGEST, SPECIAL, GrantClient, end_client_grant, grant_client
from server.commands.access.outcome import AccessOutcome
from server.policies.vocabulary import CLIENT_SCOPES
from server.queries.noun import Argument
from server.resolvers.access.payloads import access_mutation
from server.resolvers.given import Given, key_of
from server.resolvers.mutation import Command

PROGRAM: Final = "prg"
"""Of ids of programs: their key is that of a person of the school."""
_GRANTS: Final = frozenset({("client_grant", "write")})
_SCOPES: Final = ", ".join(CLIENT_SCOPES)


def _grant(given: Given) -> Command[AccessOutcome]:
    command = GrantClient(
        client=given["client"],
        scopes=given["scopes"],
        purpose=given["purpose"],
        until=given["until"],
        declaration=given["declaration"],
        reason=given.get("reason"),
    )
    return partial(grant_client, command)


def _end(given: Given) -> Command[AccessOutcome]:
    return partial(end_client_grant, key_of(given, "program", PROGRAM), given.get("scope"), given["reason"])


GRANT_CHANGES: Final = (
    access_mutation(
        "grantClient",
        "The school lets a vendor's program in, for a purpose and a time; `id` is the program, a person of the school.",
        (
            Argument("client", "String!", "The program's id, which its vendor tells you."),
            Argument("scopes", "[String!]!", f"Of {_SCOPES}."),
            Argument("purpose", "String!", "What the vendor does with it for you: 10 to 500 characters."),
            Argument("until", "Date!", f"The first day no longer: within {LONGEST.days} days."),
            Argument("declaration", "String!", "What you declare, in your words: 10 to 500 characters."),
            Argument("reason", "String", f"For {SPECIAL} alone, and demanded for it: why, in 10 to 500 characters."),
        ),
        _GRANTS,
        PROGRAM,
        _grant,
    ),
    access_mutation(
        "endClientGrant",
        "What was granted to a program counts no longer, from its next request on; its open streams close.",
        (
            Argument("program", "ID!", "The program, of clientGrants."),
            Argument("scope", "String", "This one alone; left out: everything."),
            Argument("reason", "String!", "Why: 10 to 500 characters."),
        ),
        _GRANTS,
        PROGRAM,
        _end,
    ),
)
