"""The row of an event, read as a mutation's payload reads its rows; several events of one stream in one statement."""

from __future__ import annotations

from typing import Final

from graphql import GraphQLSchema

from server.queries.ask import Ask, IdPick, Lookup
from server.queries.cost import Cost
from server.queries.noun import Many
from server.queries.nouns import NOUNS
from server.queries.reading import Reading, RootPart, footprint, read_payload
from server.queries.roots import everything
from server.queries.selection import Document, Selected

# No response key can be these: they are no GraphQL names.
ID_KEY: Final = " id"
GATE: Final = " gate"
MOST_AT_ONCE: Final = 200
"""How many events one statement reads."""


def read_event(
    schema: GraphQLSchema, document: Document, type_name: str, selected: Selected, row: tuple[str, str, str]
) -> Reading:
    """Of a payload's type: `row` is its field, the noun, and the column that holds the keys, which the run has under GATE.

    The answer holds, under each of the field's response keys, the rows that exist for the asker, each with its id under
    ID_KEY; under GATE the ids alone, where the field isn't selected.
    """
    name, noun_name, column = row
    read = read_payload(schema, document, type_name, selected, {name: (noun_name, column, "")})
    for part in read.parts:
        for ask in part.asks:
            ask.picks = (*ask.picks, IdPick(ID_KEY))
            ask.lookup = Lookup(column, yearly=NOUNS[noun_name].yearly, keys=GATE)
            ask.limit = MOST_AT_ONCE
    parts = read.parts or (_gate(noun_name, column),)
    asks = [ask for part in parts for ask in part.asks]
    return Reading(type_name, parts, footprint(asks), read.python, document, read.cost)


def read_gate(document: Document, type_name: str, row: tuple[str, str, str]) -> Reading:
    """Under GATE the id of one row of many, if any exists for the asker."""
    part = _gate(row[1], row[2], most=1)
    return Reading(type_name, (part,), footprint(part.asks), python=False, document=document, cost=Cost(1))


def _gate(noun_name: str, column: str, most: int = MOST_AT_ONCE) -> RootPart:
    """Where no field of the row is selected, the row must exist all the same."""
    noun = NOUNS[noun_name]
    edge = Many(GATE, noun.name, everything, "", "", maximum=most)
    ask = Ask(noun, "list", edge, (IdPick(ID_KEY),), {}, path=(GATE,), limit=most)
    ask.lookup = Lookup(column, yearly=noun.yearly, keys=GATE)
    return RootPart(GATE, GATE, (ask,))
