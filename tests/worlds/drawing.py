"""Draws that vary a world: rows, shares and spans of days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from random import Random
from typing import TypeVar

from server.tables.row import Row
from tests.worlds.world import Values, World

T = TypeVar("T")
# First and last days around today: over, over since today, till tomorrow, for good, from today, from tomorrow, to come.
SPANS: tuple[tuple[int, int | None], ...] = (
    (-300, -100), (-90, 0), (-90, 1), (-90, None), (0, 30), (1, 60), (20, None), (-200, -90), (-1, None),
)  # fmt: skip


def rows_of(world: World, table: type[Row]) -> list[Values]:
    return world.rows[table]


def some(drawn: Random, items: Sequence[T], share: float) -> list[T]:
    return [item for item in items if drawn.random() < share]


def span(world: World, drawn: Random) -> dict[str, date | None]:
    begins, ends = drawn.choice(SPANS)
    return {"valid_from": world.days(begins), "valid_to": None if ends is None else world.days(ends)}
