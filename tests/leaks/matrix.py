"""The matrix: what the declarations let anybody ask, each as one probe with its coordinate, position and element.

A probe is the text of one field. Probes of one place are packed into one operation by aliases, so a position costs an
alias, not an operation. Nothing here names a field of the schema: nouns, filters, orders, lists, tallies and look-ups
come from `server/queries`, values to ask by from the rows of a world as they are and as they would be changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from server.queries.comparisons import OPERATIONS
from server.queries.ids import GlobalId
from server.queries.noun import Argument, Explained, Filter, Group, Leaf, Many, Noun, One, Order, Tally
from server.queries.nouns import NOUNS
from server.queries.roots import LOOKUPS, ROOTS
from tests.leaks.hidden import changed_everywhere
from tests.leaks.ways import Place, places
from tests.oracle.lists import FILTERS
from tests.oracle.rows import Rows
from tests.oracle.things import Thing
from tests.worlds import World

POSITIONS: Final[Mapping[str, str]] = {
    "eq": "filter", "in": "filter", "ne": "negation", "contains": "search", "startsWith": "search",
    "gt": "range", "gte": "range", "lt": "range", "lte": "range", "from": "range", "to": "range",
}  # fmt: skip
LISTED: Final = "{ totalCount partial pageInfo { hasNextPage hasPreviousPage } nodes { KEY } }"
COUNTED: Final = "{ totalCount partial pageInfo { hasNextPage } }"
ORDERED: Final = "{ nodes { KEY } pageInfo { hasNextPage } }"
# The specification and the steps of a GradeExplanation, an Explained: what it is computed from is told by its texts.
EXPLAINED: Final = "{ grade steps { kind text } notices { message } }"


# Reading it adds to it: an answer of it is another each time, for those who may read it at all.
GROWING: Final = frozenset({"AuditEntry"})


@dataclass(frozen=True, slots=True)
class Probe:
    """`coordinate` such as Learner.filter.gender; `text` is the field without alias, asked at `place`."""

    coordinate: str
    position: str
    element: str
    place: Place
    text: str

    @property
    def name(self) -> str:
        return f"{self.coordinate} {self.position} {self.place.name} {self.text}"

    @property
    def grows(self) -> bool:
        lists = [root.edge.name for root in ROOTS.values() if root.edge.target in GROWING]
        return any(name in f"{self.place.before} {self.text}".replace("(", " ").split() for name in lists)

    def __str__(self) -> str:
        return self.name


def probes(world: World) -> list[Probe]:
    """Every one, in a fixed order."""
    asked = Asked(world)
    found = [probe for place in places() for probe in _at(place, asked)]
    found += [
        probe for place in places() if place.noun is None for probe in (*_lookups(place, world), *_nodes(place, world))
    ]
    return list({probe.name: probe for probe in found}.values())


def _at(place: Place, asked: Asked) -> Iterator[Probe]:
    if place.noun is None:
        for root in ROOTS.values():
            if isinstance(root.edge, Many):
                yield from _list("Query", place, root.edge, asked)
        return
    yield from _selected(place.noun, place, place.noun.name, "select")
    for field in place.noun.fields:
        if isinstance(field, One):
            yield from _hop(place.noun, place, field, "")
        elif isinstance(field, Many):
            yield from _list(place.noun.name, place, field, asked)
            for arguments in _arguments(field.arguments, asked.world):
                yield from _hop(place.noun, place, field, arguments)
        elif isinstance(field, Tally):
            yield from _tally(place.noun, place, field, asked.world)


def values(noun: Noun) -> str:
    """Every value of one row, nothing below it."""
    return " ".join(_value(field) for field in noun.fields if isinstance(field, Leaf | Group | Explained))


def _value(field: Leaf | Group | Explained) -> str:
    if isinstance(field, Group):
        return f"{field.name} {{ {' '.join(leaf.name for leaf in field.leaves)} }}"
    return f"{field.name} {EXPLAINED}" if isinstance(field, Explained) else field.name


def told(noun: Noun) -> Iterator[tuple[str, str]]:
    """(coordinate, element) of every value of a row, its inputs too."""
    for field in noun.fields:
        if isinstance(field, Group):
            yield from ((f"{field.type}.{leaf.name}", leaf.element) for leaf in field.leaves)
        elif isinstance(field, Leaf | Explained):
            yield from ((f"{noun.name}.{field.name}", element) for element in (field.element, *field.inputs))


def whole(noun: Noun, *, can: bool = False) -> str:
    """A row's id, values, and what is said about them."""
    asked = sorted({element for _, element in told(noun)}) if can else []
    may = " ".join(f"can_{one}: viewerCan(element: {one.upper()})" for one in asked)
    return f"{{ __typename {'id' if noun.node else ''} {values(noun)} withheld {{ element reason }} {may} }}"


def _selected(noun: Noun, place: Place, owner: str, position: str) -> Iterator[Probe]:
    """Each value of a row alone, so that what one tells is not hidden by another; and twice under two names."""
    for field in noun.fields:
        if isinstance(field, Leaf | Group | Explained):
            leaves = field.leaves if isinstance(field, Group) else (field,)
            for leaf in leaves:
                coordinate = f"{field.type if isinstance(field, Group) else owner}.{leaf.name}"
                yield Probe(coordinate, position, leaf.element, place, _value(field))
    yield Probe(f"{owner}.withheld", "withheld", "", place, "withheld { element reason }")


def _hop(noun: Noun, place: Place, edge: One | Many, arguments: str) -> Iterator[Probe]:
    """An edge plans its target anew: all values of the rows that it leads to."""
    target = NOUNS[edge.target]
    inner = f"{{ nodes {whole(target)} }}" if isinstance(edge, Many) and edge.paged else whole(target)
    size = "first: 8" if isinstance(edge, Many) else ""
    given = ", ".join(part for part in (arguments, size) if part)
    text = f"{edge.name}{f'({given})' if given else ''} {inner}"
    position = "argument" if arguments else "hop"
    yield Probe(f"{noun.name}.{edge.name}", position, edge.element or "", place, text)
    if isinstance(edge, Many):
        for argument in edge.arguments:
            if arguments.startswith(argument.name):
                yield Probe(
                    f"{noun.name}.{edge.name}({argument.name})", "argument", edge.element or "", place, text + " "
                )


def _arguments(arguments: tuple[Argument, ...], world: World) -> Iterator[str]:
    yield ""
    for argument in arguments:
        for value in _given(argument, world):
            yield f"{argument.name}: {value}"


def _given(argument: Argument, world: World) -> list[str]:
    """What an argument may be given: days before and now, years, ids of its type."""
    if argument.type == "Date":
        return [f'"{world.days(-65)}"', f'"{world.today}"']
    if argument.type == "Int":
        return [str(world.year), str(world.year - 1)]
    listed = [noun for noun in NOUNS.values() if noun.prefix == argument.prefix]
    ids = [f'"{one}"' for noun in listed for one in ids_of(noun, world)][:2]
    return [f"[{ids[0]}]"] if argument.type.startswith("[") else ids


def _tally(noun: Noun, place: Place, tally: Tally, world: World) -> Iterator[Probe]:
    leaf = NOUNS[tally.target].field(tally.by)
    assert isinstance(leaf, Leaf)
    for given in _arguments(tally.arguments, world):
        text = f"{tally.name}{f'({given})' if given else ''} {{ value count }}"
        yield Probe(f"{noun.name}.{tally.name}", "group", leaf.element, place, text)
        for argument in tally.arguments:
            if given.startswith(argument.name):
                coordinate = f"{noun.name}.{tally.name}({argument.name})"
                yield Probe(coordinate, "argument", leaf.element, place, text + " ")


def key(noun: Noun) -> str:
    """A field that tells rows apart; a row without an id has some other value."""
    return "id" if noun.node else next(field.name for field in noun.fields if isinstance(field, Leaf))


def _list(owner: str, place: Place, edge: Many, asked: Asked) -> Iterator[Probe]:
    """A connection: whole, filtered, ordered, paged and counted. A plain list has none of this."""
    if not edge.paged:
        return
    noun = NOUNS[edge.target]
    yield Probe(f"{owner}.{edge.name}", "count", "", place, f"{edge.name} {_of(noun, LISTED)}")
    yield Probe(f"{owner}.{edge.name}", "count", "", place, f"{edge.name}(first: 1) {COUNTED}")
    for one in noun.filters:
        for operation in OPERATIONS[one.kind]:
            yield from _filtered(place, edge, noun, one, operation, asked)
    for order in noun.orders:
        yield from _ordered(place, edge, noun, order)


def _of(noun: Noun, selection: str) -> str:
    return selection.replace("KEY", key(noun))


def _filtered(place: Place, edge: Many, noun: Noun, one: Filter, operation: str, asked: Asked) -> Iterator[Probe]:
    coordinate = f"{noun.name}.filter.{one.name}"
    position = POSITIONS[operation]
    for operand in asked.operands(noun, one, operation):
        condition = f"{{ {one.name}: {{ {operation}: {operand} }} }}"
        nobody = f"{{ {one.name}: {{ {operation}: {operand} }}, any: [] }}"
        yield Probe(coordinate, position, one.element, place, f"{edge.name}(filter: {condition}) {_of(noun, LISTED)}")
        yield Probe(coordinate, "count", one.element, place, f"{edge.name}(first: 1, filter: {condition}) {COUNTED}")
        either = f"{{ any: [{condition}, {nobody}] }}"
        yield Probe(coordinate, "alternative", one.element, place, f"{edge.name}(filter: {either}) {_of(noun, LISTED)}")


def _ordered(place: Place, edge: Many, noun: Noun, order: Order) -> Iterator[Probe]:
    coordinate = f"{noun.name}.order.{order.name}"
    for direction in ("ASC", "DESC"):
        by = f"orderBy: [{{ field: {order.name}, direction: {direction} }}]"
        yield Probe(coordinate, "order", order.element, place, f"{edge.name}({by}) {_of(noun, ORDERED)}")
        for window in ("first: 2", "last: 2"):
            yield Probe(coordinate, "page", order.element, place, f"{edge.name}({window}, {by}) {_of(noun, ORDERED)}")


def _lookups(place: Place, world: World) -> Iterator[Probe]:
    """A row that is named by a value: the value is an argument like any other."""
    both = {"as is": Rows(world).tables, "changed": changed_everywhere(world)}
    for name, (column, element) in LOOKUPS.items():
        if element is None:
            continue
        for tables in both.values():
            for row in tables["learner"][:4]:
                if row[column] is not None:
                    text = f'learner(by: {{ {name}: "{row[column]}" }}) {{ __typename id }}'
                    yield Probe(f"Learner.by.{name}", "lookup", element, place, text)


def _nodes(place: Place, world: World) -> Iterator[Probe]:
    for noun in NOUNS.values():
        if not noun.node:
            continue
        for one in ids_of(noun, world)[:12]:
            text = f'node(id: "{one}") {{ ... on {noun.name} {whole(noun, can=True)} }}'
            yield Probe(f"{noun.name}", "node", "", place, text)


def ids_of(noun: Noun, world: World) -> list[str]:
    rows = Rows(world).all(noun.table.name)
    return [str(GlobalId(noun.prefix, row[noun.key], row["academic_year"] if noun.yearly else None)) for row in rows]


class Asked:
    """Values to ask by: what the rows hold, and what they would hold if everything were changed."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._now = Rows(world)
        self._then = Rows(world)
        self._then.tables = changed_everywhere(world)

    def operands(self, noun: Noun, one: Filter, operation: str) -> list[str]:
        """As written in a document: one that only some hold now, one that they would hold then."""
        if one.kind == "InClassFilter":
            classes = [f'"{each}"' for each in ids_of(NOUNS["Class"], self.world)]
            return classes[:2]
        _, read = FILTERS[noun.name, one.name]
        found: list[Any] = []
        for rows in (self._now, self._then):
            held = {read(rows, Thing(noun.name, row, self.world.today)) for row in rows.all(noun.table.name)}
            known = sorted(value for value in held if value is not None)
            found += [known[len(known) // 2], known[0]] if known else []
        return list(dict.fromkeys(_written(value, one.kind, operation) for value in found))


def _written(value: Any, kind: str, operation: str) -> str:
    if kind in ("TextFilter", "LabelFilter"):
        part = str(value).split()[0]
        return f'"{part[:4]}"' if operation == "startsWith" else f'"{part[1:4]}"'
    if isinstance(value, datetime):
        value = value.isoformat().replace("+00:00", "Z")
    elif isinstance(value, date | Decimal):
        value = str(value)
    text = value if isinstance(value, int) else f'"{value}"'
    return f"[{text}]" if operation == "in" else str(text)
