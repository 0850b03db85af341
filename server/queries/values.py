"""Values as GraphQL's JSON: SQL that coerces a column to the scalar of its field."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, ColumnElement, Text, cast, func
from sqlalchemy.dialects.postgresql import aggregate_order_by

from server.queries.constants import inline, number

_MOST_ARGUMENTS = 90
"""json_build_object takes at most 100; an object of more is joined of several."""


def coerced(kind: str, value: ColumnElement[Any]) -> ColumnElement[Any]:
    """`value` as the JSON of the scalar `kind`: Decimal, ID, Date and DateTime are strings."""
    match kind:
        case "Decimal":
            return cast(func.trim_scale(value), Text)
        case "Date":
            return func.to_char(value, inline("YYYY-MM-DD"))
        case "DateTime":
            return func.to_char(func.timezone(inline("UTC"), value), inline('YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
        case _:
            return value


def build(pairs: list[tuple[str, ColumnElement[Any]]]) -> ColumnElement[Any]:
    """A JSON object with these members in this order."""
    if 2 * len(pairs) <= _MOST_ARGUMENTS:
        return func.json_build_object(*(part for key, value in pairs for part in (inline(key), value)), type_=JSON())
    half = len(pairs) // 2
    left, right = cast(build(pairs[:half]), Text), cast(build(pairs[half:]), Text)
    glued = func.left(left, number(-1))
    return cast(glued.op("||")(inline(", ")).op("||")(func.substr(right, number(2))), JSON)


def listed(
    values: ColumnElement[Any],
    order: ColumnElement[Any],
    *,
    descending: bool = False,
    only: ColumnElement[Any] | None = None,
) -> ColumnElement[Any]:
    """All rows' values as a JSON list, empty where there is none; with `only`, of the rows that pass it."""
    gathered = func.json_agg(aggregate_order_by(values, order.desc() if descending else order.asc()))
    chosen = gathered if only is None else gathered.filter(only)
    return func.coalesce(chosen, cast(inline("[]"), JSON), type_=JSON())
