"""A dimension of two levels that is a coarser view of another: what of it follows from what the finer one tells."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from server.compliance.disclosure.family import Cell, Family


@dataclass(frozen=True, slots=True)
class Coarser:
    """`name`'s level `same` is `fine`'s level `of`; `rest` is all its others."""

    name: str
    fine: str
    of: str
    same: str
    rest: str


def follows(family: Family, told: Collection[Cell], coarser: Coarser) -> Iterator[Cell]:
    """The coarser cells that anybody can reckon from what is told: telling them too tells nothing new."""
    for hub in ("", *family.hub):
        if Cell(coarser.fine, coarser.of, hub) in told:
            yield Cell(coarser.name, coarser.same, hub)
            if Cell(hub=hub) in told:
                yield Cell(coarser.name, coarser.rest, hub)
