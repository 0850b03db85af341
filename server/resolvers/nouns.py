"""The schema's object types, one for each declared noun, with their lists, filters and orders."""

from __future__ import annotations

from collections.abc import Iterator

from strawberry.types.field import StrawberryField

from server.queries.comparisons import KINDS, OPERATIONS
from server.queries.noun import Argument, Explained, Field, Group, Leaf, Many, Noun, One, Tally
from server.queries.nouns import NOUNS
from server.register.existence import EXISTENCE
from server.resolvers.enums import ENUMS, orders
from server.resolvers.governed import TYPES, answered, input_type, interface_type, object_type
from server.resolvers.scalars import NAMES

_OPERANDS = {
    "TextFilter": "String",
    "LabelFilter": "String",
    "CodeFilter": "String",
    "IntFilter": "Int",
    "DateFilter": "Date",
    "DateTimeFilter": "DateTime",
    "DecimalFilter": "Decimal",
    "InClassFilter": "ID",
}
_SAID = {
    "eq": "Equal to it.",
    "ne": "Not equal to it; a value that is missing is not equal.",
    "in": "One of these.",
    "from": "This or later.",
    "to": "This or earlier.",
    "gt": "Greater.",
    "gte": "Greater or equal.",
    "lt": "Less.",
    "lte": "Less or equal.",
    "contains": "Contains these letters, whatever their case and accents.",
    "startsWith": "Begins with these letters, whatever their case and accents.",
}
_SAID_OF_LABELS = {
    "contains": "Contains these letters, whatever the case of A to Z.",
    "startsWith": "Begins with these letters, whatever the case of A to Z.",
}


def build_types() -> None:
    """Fill TYPES with every noun's types."""
    TYPES.update(NAMES)
    TYPES.update(ENUMS)
    interface_type("Node", "Anything that has a global id.", (answered("id", "ID!", "The row's global id."),))
    _shared()
    for kind, operations in OPERATIONS.items():
        input_type(
            kind,
            f"Operations on a {kind.removesuffix('Filter').lower()}; all that are given must hold.",
            _operations(kind, operations),
        )
    for noun in NOUNS.values():
        _lists(noun)
    for noun in NOUNS.values():
        _groups(noun)
        object_type(noun.name, described(noun), _fields(noun), node=noun.node)
        _connection(noun)


def described(noun: Noun) -> str:
    """The type's description, with when its rows exist."""
    row = EXISTENCE[noun.exists_as or noun.name]
    said = row.element or "one of its lines' elements"
    return f"{noun.description} Exists for who may read {said} of it" + (
        ", and knows of its learner." if noun.owner is not None and noun.name != "Learner" else "."
    )


def _operations(kind: str, operations: tuple[str, ...]) -> Iterator[Argument]:
    operand = _OPERANDS[kind]
    assert kind in KINDS or kind in ("TextFilter", "LabelFilter", "InClassFilter")
    said = _SAID | _SAID_OF_LABELS if kind == "LabelFilter" else _SAID
    for name in operations:
        yield Argument(name, f"[{operand}!]" if name == "in" else operand, said[name])


def _shared() -> None:
    object_type(
        "PageInfo",
        "Where a page lies in its list.",
        (
            answered("hasNextPage", "Boolean!", "Whether rows follow the page."),
            answered("hasPreviousPage", "Boolean!", "Whether rows precede it."),
            answered("startCursor", "String", "Cursor of the page's first row."),
            answered("endCursor", "String", "Cursor of the page's last row."),
        ),
    )
    object_type(
        "Withheld",
        "A value that you may not see here, and why.",
        (
            answered("element", "DataElement!", "The data element."),
            answered("reason", "WithheldReason!", "Why; never whether there is a value."),
        ),
    )


def _lists(noun: Noun) -> None:
    if noun.filters:
        either = Argument("any", f"[{noun.name}Filter!]", "At least one of these must hold.")
        fields = [Argument(one.name, one.kind, one.description) for one in noun.filters]
        input_type(
            f"{noun.name}Filter", f"Which {noun.name} a list holds; all that is given must hold.", [*fields, either]
        )
    if noun.orders:
        TYPES[f"{noun.name}OrderField"] = orders(noun)
        input_type(
            f"{noun.name}Order",
            f"One step of the order of a list of {noun.name}; withheld and missing values come last.",
            (
                Argument("field", f"{noun.name}OrderField!", "What to order by."),
                Argument("direction", "OrderDirection! = ASC", "Which way."),
            ),
        )


def paging(edge: Many) -> Iterator[Argument]:
    """The arguments of a list."""
    noun = NOUNS[edge.target]
    if not edge.paged:
        yield Argument("first", "Int", f"At most so many, 0 to {edge.maximum}.")
        return
    if noun.filters:
        yield Argument("filter", f"{noun.name}Filter", "Which rows.")
    if noun.orders:
        yield Argument("orderBy", f"[{noun.name}Order!]", "In which order.")
    yield Argument("first", "Int", f"So many from the start, 0 to {edge.maximum}; {edge.usual} where left out.")
    yield Argument("after", "String", "Begin after this cursor.")
    yield Argument("last", "Int", f"So many from the end, 0 to {edge.maximum}.")
    yield Argument("before", "String", "End before this cursor.")


def edge_field(
    edge: One | Many | Tally, *, required: bool = False, arguments: tuple[Argument, ...] = ()
) -> StrawberryField:
    strict = "!" if required else ""
    if isinstance(edge, One):
        return answered(edge.name, f"{edge.target}{strict}", edge.description, arguments, edge.element)
    if isinstance(edge, Tally):
        return answered(edge.name, f"[{edge.type}!]", edge.description, edge.arguments)
    given = (*edge.arguments, *paging(edge))
    governed = edge.element or edge.target_element
    if edge.paged:
        return answered(edge.name, f"{edge.target}Connection{strict}", edge.description, given, governed)
    return answered(edge.name, f"[{edge.target}!]", edge.description, given, governed)


def _fields(noun: Noun) -> Iterator[StrawberryField]:
    if noun.node:
        yield answered("id", "ID!", "The row's global id.")
    for field in noun.fields:
        yield _field(field)
    yield answered("withheld", "[Withheld!]!", "Elements of the selected fields that you may not see here.")
    yield answered(
        "viewerCan",
        "Boolean!",
        "Whether you may do this with the element on this row.",
        (
            Argument("element", "DataElement!", "The element."),
            Argument("action", "DataAction! = READ", "The action."),
        ),
    )


def _field(field: Field) -> StrawberryField:
    match field:
        case Leaf():
            return answered(field.name, field.type, field.description, (), field.element)
        case Group():
            return answered(field.name, f"{field.type}!", field.description)
        case Explained():
            return TYPES["explained"](field)
        case _:
            return edge_field(field)


def _groups(noun: Noun) -> None:
    for field in noun.fields:
        if isinstance(field, Group):
            leaves = [answered(one.name, one.type, one.description, (), one.element) for one in field.leaves]
            object_type(field.type, field.description, leaves)
        elif isinstance(field, Tally):
            object_type(
                field.type,
                "How many rows share a value.",
                (answered("value", "String!", "The value."), answered("count", "Int!", "How many rows hold it.")),
            )


def _connection(noun: Noun) -> None:
    object_type(
        f"{noun.name}Edge",
        f"One {noun.name} of a page.",
        (
            answered("cursor", "String!", "Where it stands; for you alone."),
            answered("node", f"{noun.name}!", "The row."),
        ),
    )
    object_type(
        f"{noun.name}Connection",
        f"A page of {noun.name}.",
        (
            answered("edges", f"[{noun.name}Edge!]!", "Rows with their cursors."),
            answered("nodes", f"[{noun.name}!]!", "Rows without cursors."),
            answered("pageInfo", "PageInfo!", "Where the page lies."),
            answered(
                "totalCount", "Int", "How many rows in all; null where counting is not allowed, or the number small."
            ),
            answered("partial", "Boolean!", "Whether a filter could read only part of the rows that exist for you."),
        ),
    )
