"""Whose values of logged elements an answer shows: what its audit row will name.

Each row tells it once for all elements under one plan, lists gather it, and at the end each element gets its learners.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import JSON, ColumnElement, FromClause, Label, Text, cast, func, select

from server.queries.constants import inline


@dataclass(frozen=True, slots=True)
class Seen:
    """`ids`: the learners whose value of each of the elements is shown, joined by commas; NULL or empty for none."""

    elements: tuple[str, ...]
    ids: ColumnElement[Any]


def merged(several: Sequence[Seen]) -> list[Seen]:
    """Each element once; elements that are told of in the same places stay together."""
    places: dict[str, tuple[int, ...]] = {}
    for place, one in enumerate(several):
        for element in one.elements:
            places[element] = (*places.get(element, ()), place)
    together: dict[tuple[int, ...], list[str]] = {}
    for element, found in sorted(places.items()):
        together.setdefault(found, []).append(element)
    return [
        Seen(tuple(elements), _joined([several[place].ids for place in found])) for found, elements in together.items()
    ]


Logs = list[tuple[Seen, Label[Any]]]
"""What is seen, each with its column."""


def as_columns(several: Iterable[Seen], name: str = "g") -> Logs:
    """Of one row."""
    return [(one, one.ids.label(f"{name}{i}")) for i, one in enumerate(several)]


def gathered(several: Iterable[Seen], inside: ColumnElement[Any], name: str = "g") -> Logs:
    """Of all rows that are `inside`."""
    together = [Seen(one.elements, func.string_agg(one.ids, inline(",")).filter(inside)) for one in several]
    return as_columns(together, name)


def told(several: Sequence[Seen], name: str) -> tuple[list[FromClause], ColumnElement[Any]]:
    """{element: [ids]} as JSON, each id once, NULL where nothing is shown; and what it must be selected from."""
    laterals: list[FromClause] = []
    members: list[tuple[str, ColumnElement[Any]]] = []
    for number, one in enumerate(merged(several)):
        each = func.unnest(func.string_to_array(one.ids, inline(","))).table_valued("id", name="each").render_derived()
        ids = inline('["').op("||")(func.string_agg(each.c.id.distinct(), inline('","'))).op("||")(inline('"]'))
        lateral = select(ids.label("ids")).select_from(each).where(each.c.id != inline("")).lateral(f"{name}{number}")
        laterals.append(lateral)
        members += [(element, inline(f'"{element}":').op("||")(lateral.c.ids)) for element in one.elements]
    listed = func.concat_ws(inline(","), *(member for _, member in sorted(members, key=lambda pair: pair[0])))
    whole = inline("{").op("||")(func.nullif(listed, inline(""))).op("||")(inline("}"))
    return laterals, cast(whole, JSON)


def _joined(ids: list[ColumnElement[Any]]) -> ColumnElement[Any]:
    return ids[0] if len(ids) == 1 else func.concat_ws(inline(","), *ids, type_=Text())
