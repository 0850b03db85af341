"""The one family of groups that a census tells of: everybody, each level of the hub and of every dimension, and the
crossings of each dimension with the hub.

Two dimensions meet only through the hub, so that tables that agree on its margin always belong to some whole school:
what can't be derived from one table can't be derived from all of them together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple


class Cell(NamedTuple):
    """A group: `hub` and `level` of `dimension`; an empty text is no condition."""

    dimension: str = ""
    level: str = ""
    hub: str = ""


WHOLE = Cell()


@dataclass(frozen=True, slots=True)
class Person:
    """One learner: a level of the hub, and one of each dimension."""

    hub: str
    levels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Family:
    """`hub` are the hub's levels; `dimensions` maps each other dimension to its levels. Levels follow from closed lists,
    never from who is at the school."""

    hub: tuple[str, ...]
    dimensions: Mapping[str, tuple[str, ...]]

    def hub_line(self) -> list[Cell]:
        return [Cell(hub=level) for level in self.hub]

    def line(self, dimension: str) -> list[Cell]:
        return [Cell(dimension, level) for level in self.dimensions[dimension]]

    def table(self, dimension: str) -> list[Cell]:
        return [Cell(dimension, level, hub) for hub in self.hub for level in self.dimensions[dimension]]

    def cells(self) -> Iterator[Cell]:
        yield WHOLE
        yield from self.hub_line()
        for dimension in self.dimensions:
            yield from self.line(dimension)
            yield from self.table(dimension)


def groups_of(person: Person) -> Iterator[Cell]:
    """Every group of the family that the person is in."""
    yield WHOLE
    yield Cell(hub=person.hub)
    for dimension, level in person.levels.items():
        yield Cell(dimension, level)
        yield Cell(dimension, level, person.hub)


def counted(people: Iterable[Person]) -> Counter[Cell]:
    return Counter(cell for person in people for cell in groups_of(person))
