"""An operation as a tree of asks: which rows are asked for, by which edge, with which fields and arguments.

It depends on the document and the shape of its variables alone, never on who asks. Its coordinates are the footprint.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, cast

from server.queries.arguments import Given, Tree
from server.queries.noun import TELLING, Explained, Filter, Leaf, Many, Noun, One, Order, Tally
from server.register.existence import EXISTENCE

Coordinate = tuple[str, str]


@dataclass(frozen=True, slots=True)
class TypenamePick:
    key: str
    name: str


@dataclass(frozen=True, slots=True)
class IdPick:
    key: str


@dataclass(frozen=True, slots=True)
class LeafPick:
    key: str
    leaf: Leaf


@dataclass(frozen=True, slots=True)
class GroupPick:
    key: str
    picks: tuple[TypenamePick | LeafPick, ...]


@dataclass(frozen=True, slots=True)
class ExplainedPick:
    key: str
    field: Explained


@dataclass(frozen=True, slots=True)
class CanPick:
    """viewerCan(element, action)."""

    key: str
    element: str
    action: str


@dataclass(frozen=True, slots=True)
class WithheldPick:
    """`shown` are the response keys within an entry and what each shows: element, reason or __typename."""

    key: str
    shown: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class EdgePick:
    key: str
    ask: Ask


@dataclass(frozen=True, slots=True)
class TallyPick:
    key: str
    edge: Tally
    ask: Ask
    shown: tuple[tuple[str, str], ...]


Pick = TypenamePick | IdPick | LeafPick | GroupPick | ExplainedPick | CanPick | WithheldPick | EdgePick | TallyPick


@dataclass(frozen=True, slots=True)
class Sorting:
    """`asked` tells an order that the caller named from the list's own."""

    order: Order
    descending: bool
    path: tuple[str | int, ...]
    asked: bool = True


@dataclass(frozen=True, slots=True)
class Condition:
    """One operation of a filter field, such as `eq`; `operand` is its value."""

    filter: Filter
    operation: str
    operand: Given
    path: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Alternatives, each a conjunction."""

    alternatives: tuple[tuple[Condition | AnyOf, ...], ...]


Wanted = tuple[Condition | AnyOf, ...]


Shown = tuple[tuple[str, str], ...]
CURSORS = frozenset({"cursor", "startCursor", "endCursor"})


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a connection: edges, nodes, pageInfo, totalCount, partial or __typename.

    `shown` are (response key, field) pairs within an edge or pageInfo; `nodes` gives the picks by the key of each `node`
    (nodes: under the empty key).
    """

    key: str
    name: str
    shown: Shown = ()
    nodes: Mapping[str, tuple[Pick, ...]] = field(default_factory=dict[str, tuple[Pick, ...]])


@dataclass(frozen=True, slots=True)
class Page:
    """A connection's parts, and where the page lies; `place` binds its cursors to the field."""

    type: str
    parts: tuple[Part, ...]
    first: Given | None
    after: Given | None
    last: Given | None
    before: Given | None
    place: str

    def asks(self, name: str) -> bool:
        return any(part.name == name for part in self.parts)

    @property
    def cursors(self) -> bool:
        """Whether any cursor is shown."""
        return any(name in CURSORS for part in self.parts for _, name in part.shown)


@dataclass(slots=True)
class Ask:
    """Rows of one noun: `kind` one or list; a list with a page is a connection."""

    noun: Noun
    kind: Literal["one", "list"]
    edge: One | Many | Tally | None
    picks: tuple[Pick, ...]
    arguments: dict[str, Tree] = field(default_factory=dict[str, Tree])
    wanted: Wanted = ()
    sortings: tuple[Sorting, ...] = ()
    page: Page | None = None
    first: Given | None = None
    limit: int = 1
    path: tuple[str | int, ...] = ()
    lookup: Lookup | None = None

    def children(self) -> Iterator[Ask]:
        for pick in self.picks:
            if isinstance(pick, EdgePick | TallyPick):
                yield pick.ask

    def leaves(self) -> Iterator[Leaf | Explained]:
        yield from leaves(self.picks)

    def conditions(self) -> Iterator[Condition]:
        yield from _conditions(self.wanted)

    def selected(self) -> frozenset[str]:
        """Elements whose values the fields of this ask show."""
        named = {leaf.element for leaf in self.leaves()} | {e for leaf in self.leaves() for e in leaf.inputs}
        for pick in self.picks:
            if isinstance(pick, EdgePick) and isinstance(pick.ask.edge, One | Many) and pick.ask.edge.element:
                named.add(pick.ask.edge.element)
        return frozenset(named)

    def read(self) -> frozenset[str]:
        """Every element that the ask reads on its own rows: shown, filtered, ordered, joined by, or needed to exist."""
        named = set(self.selected()) | set(existence(self.noun))
        named |= {condition.filter.element for condition in self.conditions()}
        named |= {sorting.order.element for sorting in self.sortings}
        if isinstance(self.edge, Many) and self.edge.target_element:
            named.add(self.edge.target_element)
        if self.lookup is not None and self.lookup.element:
            named.add(self.lookup.element)
        if self.noun.reveals is not None:
            named |= set(TELLING)
        return frozenset(named)

    def coordinates(self) -> frozenset[Coordinate]:
        found: set[Coordinate] = {(element, "read") for element in self.read()}
        found |= {(pick.element, pick.action) for pick in self.picks if isinstance(pick, CanPick)}
        if self.noun.owner is not None:
            found.add((LEARNER_EXISTS, "read"))
        if self.page is not None and self.page.asks("totalCount"):
            found |= {(element, "count") for element in self.counted()}
        for child in self.children():
            found |= child.coordinates()
        return frozenset(found)

    def existing(self) -> tuple[str, ...]:
        return existence(self.noun)

    def counted(self) -> frozenset[str]:
        return frozenset(existence(self.noun)) | {condition.filter.element for condition in self.conditions()}


@dataclass(frozen=True, slots=True)
class Lookup:
    """How a root field finds its rows: by id, by a column that holds an element of its own, or by `keys` of the run."""

    column: str
    value: Given | None = None
    element: str | None = None
    prefix: str | None = None
    yearly: bool = False
    several: bool = False
    keys: str | None = None

    @property
    def is_id(self) -> bool:
        return self.prefix is not None

    @property
    def few(self) -> bool:
        """Whether it names a handful of rows at most."""
        if self.value is None:
            return False
        named: object = self.value.value
        return not isinstance(named, list) or len(cast(list[object], named)) <= FEW

    @property
    def path(self) -> tuple[str | int, ...]:
        return self.value.path if self.value is not None else ()


FEW = 4


def leaves(picks: Iterable[Pick]) -> Iterator[Leaf | Explained]:
    """The fields with a value, groups opened."""
    for pick in picks:
        if isinstance(pick, LeafPick):
            yield pick.leaf
        elif isinstance(pick, ExplainedPick):
            yield pick.field
        elif isinstance(pick, GroupPick):
            yield from leaves(pick.picks)


LEARNER_EXISTS = "name"
SHOWN_ON_LINES = ("grade", "target", "comment")


def existence(noun: Noun) -> tuple[str, ...]:
    """The elements of which at least one must be readable on a row for the row to exist."""
    element = EXISTENCE[noun.exists_as or noun.name].element
    return (element,) if element is not None else SHOWN_ON_LINES


def _conditions(wanted: Wanted) -> Iterator[Condition]:
    for part in wanted:
        if isinstance(part, Condition):
            yield part
        else:
            for alternative in part.alternatives:
                yield from _conditions(alternative)


def explained(asks: list[Ask]) -> bool:
    """Whether any field needs Python."""
    return any(isinstance(pick, ExplainedPick) for ask in asks for pick in ask.picks) or any(
        explained(list(ask.children())) for ask in asks
    )
