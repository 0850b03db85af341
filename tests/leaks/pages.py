"""Cursors made before a change and followed after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from server.queries.noun import Many, Order
from server.queries.nouns import NOUNS
from server.queries.roots import ROOTS
from tests.leaks.matrix import GROWING, key

PAGE = "{ nodes { KEY } pageInfo { hasNextPage hasPreviousPage endCursor } }"


@dataclass(frozen=True, slots=True)
class Pages:
    """One root list in one order."""

    edge: Many
    order: Order
    descending: bool

    def __str__(self) -> str:
        return f"{self.edge.name} {self.by}"

    @property
    def page(self) -> str:
        return PAGE.replace("KEY", key(NOUNS[self.edge.target]))

    @property
    def by(self) -> str:
        return f"orderBy: [{{ field: {self.order.name}, direction: {'DESC' if self.descending else 'ASC'} }}]"


def pages() -> list[Pages]:
    lists = [root.edge for root in ROOTS.values() if isinstance(root.edge, Many) and root.edge.paged]
    lists = [edge for edge in lists if edge.target not in GROWING]
    return [
        Pages(edge, order, descending)
        for edge in lists
        for order in NOUNS[edge.target].orders
        for descending in (False, True)
    ]


def starting(walks: list[Pages]) -> str:
    """The first two rows of each."""
    fields = (f"p{i}: {one.edge.name}(first: 2, {one.by}) {one.page}" for i, one in enumerate(walks))
    return f"{{ __typename {' '.join(fields)} }}"


def following(walks: list[Pages], first: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The three rows after those and the two before, by the cursors of the first answer: document and variables."""
    variables = {f"c{i}": first[f"p{i}"]["pageInfo"]["endCursor"] for i in range(len(walks))}
    known = [i for i in range(len(walks)) if variables[f"c{i}"] is not None]
    fields = (
        f"a{i}: {walks[i].edge.name}(first: 3, after: $c{i}, {walks[i].by}) {walks[i].page}"
        f" b{i}: {walks[i].edge.name}(last: 2, before: $c{i}, {walks[i].by}) {walks[i].page}"
        for i in known
    )
    declared = ", ".join(f"$c{i}: String" for i in known)
    heading = f"query({declared})" if declared else "query"
    return f"{heading} {{ __typename {' '.join(fields)} }}", {f"c{i}": variables[f"c{i}"] for i in known}
