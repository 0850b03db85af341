"""The shortest way from the root to each type's rows: where fields of that type can be asked."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from functools import cache

from server.queries.noun import Many, Noun, One, Tally
from server.queries.nouns import NOUNS
from server.queries.roots import ROOTS


@dataclass(frozen=True)
class Place:
    """`before` and `after` stand around fields of `noun`; the root itself has none."""

    noun: Noun | None
    name: str
    before: str
    after: str

    @property
    def root(self) -> str:
        """The root field that the way begins with; empty at the root itself."""
        return self.name.split(".")[1] if "." in self.name else ""

    def document(self, fields: str) -> str:
        return f"{{ {self.before} {fields} {self.after} }}"


ROOT = Place(None, "Query", "", "")


@cache
def places() -> tuple[Place, ...]:
    """The root, and one place for each type with rows that a list or a root field leads to."""
    found: dict[str, Place] = {}
    waiting = deque(_step(ROOT, root.edge) for root in ROOTS.values() if root.by is None)
    while waiting:
        place = waiting.popleft()
        noun = place.noun
        assert noun is not None
        if noun.name in found:
            continue
        found[noun.name] = place
        waiting.extend(_step(place, field) for field in noun.fields if isinstance(field, One | Many))
    return (ROOT, *found.values())


def _step(place: Place, edge: One | Many | Tally) -> Place:
    """Below an edge; pages are short, for nested lists multiply."""
    noun = NOUNS[edge.target]
    size = "(first: 12)" if isinstance(edge, Many) else ""
    opened = "{ nodes {" if isinstance(edge, Many) and edge.paged else "{"
    closed = "} }" if isinstance(edge, Many) and edge.paged else "}"
    key = " __typename" if not noun.node else " id"
    way = f"{place.name}.{edge.name}"
    return Place(noun, way, f"{place.before} {edge.name}{size} {opened}{key}", f"{closed} {place.after}")
