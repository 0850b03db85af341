"""Pages of a list: which rows are shown, what is beyond them, and what the connection says of the whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.oracle.edges import Edge
from tests.oracle.lists import conditions, element_of
from tests.oracle.rows import Rows
from tests.oracle.things import Thing
from tests.oracle.values import IDS
from tests.oracle.visibility import Visibility, existence

USUAL_PAGE = 50


@dataclass
class Page:
    """A connection: `found` in order, of which `begin` to `end` are shown.

    `filtered` are the elements it was filtered by; `beyond` the row that hasNextPage or hasPreviousPage tells of;
    `countable` whether the plans let the rows be counted.
    """

    type: str
    found: list[Thing]
    begin: int
    end: int
    total: int | None
    partial: bool
    filtered: set[str]
    beyond: Thing | None
    countable: bool


def position(thing: Thing) -> str:
    """What a cursor stands for: the key of its row."""
    return str(thing.row[IDS[thing.type][1]])


def page_of(
    rows: Rows,
    visibility: Visibility,
    positions: Mapping[str, str],
    edge: Edge,
    found: list[Thing],
    arguments: dict[str, Any],
) -> Page:
    """`positions` tells which row each cursor stands at."""
    begin, end, backwards = _window(positions, found, arguments)
    outside = found[begin - 1 : begin] if backwards and begin > 0 else found[end : end + 1] if not backwards else []
    filtered = {element_of(edge.target, path) for path in conditions(edge.target, arguments.get("filter"))}
    counted = {*existence(edge.target), *filtered}
    countable = all(visibility.covers((one, "count"), (one, "read")) for one in counted)
    suppressed = any("suppress" in visibility.duties(one, "count") for one in counted)
    small = suppressed and len(found) < rows.school["suppression_threshold"]
    return Page(
        type=edge.target,
        found=found,
        begin=begin,
        end=end,
        total=len(found) if countable and not small else None,
        partial=_partial(visibility, edge.target, filtered),
        filtered=filtered,
        beyond=next(iter(outside), None),
        countable=countable,
    )


def _window(positions: Mapping[str, str], found: list[Thing], arguments: dict[str, Any]) -> tuple[int, int, bool]:
    """Where the page begins and ends, and whether it is read from its end."""
    begin, end = 0, len(found)
    keys = [position(one) for one in found]
    if arguments.get("after") is not None:
        begin = keys.index(positions[arguments["after"]]) + 1
    if arguments.get("before") is not None:
        end = keys.index(positions[arguments["before"]])
    last = arguments.get("last")
    if last is None and arguments.get("before") is not None:
        last = USUAL_PAGE
    if last is not None:
        return max(begin, end - last), end, True
    first = arguments.get("first")
    return begin, min(end, begin + (USUAL_PAGE if first is None else first)), False


def _partial(visibility: Visibility, type_name: str, filtered: set[str]) -> bool:
    """Whether some row that exists could be one on which the filter's element is withheld."""
    rows = existence(type_name)
    return any(not visibility.covers((one, "read"), (row, "read")) for one in filtered for row in rows)
