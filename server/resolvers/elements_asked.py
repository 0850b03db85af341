"""Which elements a document asks for, whatever its variables will be: what an officer reads before anybody sends it.

From the declarations that footprints are made from. A footprint is of one request; this is of all, so that it holds both
branches of @include, and each filter and order that a variable could name. What `node` tells of an id alone is not in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from graphql import (
    EnumValueNode,
    FieldNode,
    ListValueNode,
    ObjectValueNode,
    TypeInfo,
    TypeInfoVisitor,
    ValueNode,
    VariableNode,
    Visitor,
    visit,  # pyright: ignore[reportUnknownVariableType]
)

from server.policies.permit import Coordinate
from server.queries.ask import LEARNER_EXISTS, existence
from server.queries.asking import ANY
from server.queries.noun import TELLING, Explained, Group, Leaf, Many, Noun, One, Tally
from server.queries.nouns import NOUNS
from server.queries.roots import LOOKUPS, ROOTS
from server.resolvers.documents import Prepared
from server.resolvers.inquiries import INQUIRIES
from server.resolvers.kinds import KINDS
from server.resolvers.live.subscriptions import SUBSCRIPTIONS
from server.resolvers.mutations import MUTATIONS
from server.resolvers.schema import graphql_schema

READ: Final = "read"
COUNT: Final = "count"
_GROUPS: Final = {
    field.type: {leaf.name: leaf for leaf in field.leaves}
    for noun in NOUNS.values()
    for field in noun.fields
    if isinstance(field, Group)
}
_CONNECTIONS: Final = {f"{noun.name}Connection": noun for noun in NOUNS.values()}
_OPERATIONS: Final = {"Query": INQUIRIES, "Mutation": MUTATIONS, "Subscription": SUBSCRIPTIONS}


def elements_asked(document: Prepared) -> frozenset[Coordinate]:
    """By all its operations together."""
    types = TypeInfo(graphql_schema())
    walk = _Walk(types)
    visit(document.node, TypeInfoVisitor(types, walk))
    return frozenset(walk.found | walk.counted())


class _Walk(Visitor):
    """Each field of the text is met once, in its operation or fragment."""

    def __init__(self, types: TypeInfo) -> None:
        super().__init__()
        self.found: set[Coordinate] = set()
        self._types = types
        self._filtered: dict[str, set[str]] = {}
        self._totals: set[str] = set()

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        parent = self._types.get_parent_type()
        if parent is None:
            return
        kind, name = parent.name, node.name.value
        if kind in NOUNS:
            self._exists(NOUNS[kind])
            self._of_noun(NOUNS[kind], name, node)
        elif kind in _OPERATIONS:
            self._of_operation(kind, name, node)
        elif kind in _GROUPS and name in _GROUPS[kind]:
            self._leaf(_GROUPS[kind][name])
        elif kind in _CONNECTIONS and name == "totalCount":
            self._totals.add(_CONNECTIONS[kind].name)
        elif kind in KINDS and name != "__typename":
            element = KINDS[kind].member(name).element
            self._read(*([element] if element else []))

    def counted(self) -> set[Coordinate]:
        """Who counts rows learns of what they were filtered by."""
        return {
            (element, COUNT)
            for name in self._totals
            for element in (*existence(NOUNS[name]), *self._filtered.get(name, ()))
        }

    def _of_operation(self, kind: str, name: str, node: FieldNode) -> None:
        if kind == "Query" and name in ROOTS:
            self._edge(ROOTS[name].edge, node)
            self._lookup(node, ROOTS[name].by)
        elif name in _OPERATIONS[kind]:
            self.found |= _OPERATIONS[kind][name].coordinates

    def _of_noun(self, noun: Noun, name: str, node: FieldNode) -> None:
        match noun.field(name):
            case Leaf() | Explained() as leaf:
                self._leaf(leaf)
            case One() | Many() | Tally() as edge:
                self._edge(edge, node)
            case _ if name == "viewerCan":
                self._can(node)
            case _:
                return

    def _edge(self, edge: One | Many | Tally, node: FieldNode) -> None:
        target = NOUNS[edge.target]
        self._exists(target)
        if isinstance(edge, Tally):
            by = target.field(edge.by)
            assert isinstance(by, Leaf)
            self._leaf(by)
            return
        self._read(*([edge.element] if edge.element else []))
        if isinstance(edge, Many):
            self._read(*([edge.target_element] if edge.target_element else []))
            self._arguments(edge, target, node)

    def _arguments(self, edge: Many, target: Noun, node: FieldNode) -> None:
        given = {argument.name.value: argument.value for argument in node.arguments or ()}
        filters = {one.name: one.element for one in target.filters}
        elements = {filters[name] for name in _named(given.get("filter"), list(filters))}
        self._filtered.setdefault(target.name, set()).update(elements)
        self._read(*elements)
        orders = {one.name: one.element for one in target.orders}
        asked = set(_ordered(given.get("orderBy"), list(orders))) or ({edge.order} if edge.order else set())
        self._read(*(orders[name] for name in asked))

    def _lookup(self, node: FieldNode, by: str | None) -> None:
        value = next((argument.value for argument in node.arguments or () if argument.name.value == by), None)
        if by is not None and by != "id":
            self._read(*(element for name in _named(value, list(LOOKUPS)) if (element := LOOKUPS[name][1])))

    def _can(self, node: FieldNode) -> None:
        """Where both are written out: a variable could ask about anything, and only asks whether."""
        given = [argument.value for argument in node.arguments or () if isinstance(argument.value, EnumValueNode)]
        named = {argument.name.value for argument in node.arguments or ()}
        if len(given) == len(named) == 2:
            values = {argument.name.value: argument.value for argument in node.arguments or ()}
            element, action = values["element"], values["action"]
            assert isinstance(element, EnumValueNode)
            assert isinstance(action, EnumValueNode)
            self.found.add((element.value.lower(), action.value.lower()))

    def _leaf(self, leaf: Leaf | Explained) -> None:
        self._read(leaf.element, *leaf.inputs)

    def _exists(self, noun: Noun) -> None:
        self._read(*existence(noun), *([LEARNER_EXISTS] if noun.owner else []), *(TELLING if noun.reveals else ()))

    def _read(self, *elements: str) -> None:
        self.found |= {(element, READ) for element in elements}


def _named(value: ValueNode | None, every: list[str]) -> Iterator[str]:
    """Which members of an input object may be given, inside `any` too; all of them where a variable decides."""
    if isinstance(value, VariableNode):
        yield from every
    elif isinstance(value, ListValueNode):
        for item in value.values:
            yield from _named(item, every)
    elif isinstance(value, ObjectValueNode):
        for member in value.fields:
            if member.name.value == ANY:
                yield from _named(member.value, every)
            else:
                yield member.name.value


def _ordered(value: ValueNode | None, every: list[str]) -> Iterator[str]:
    if isinstance(value, VariableNode):
        yield from every
    elif isinstance(value, ListValueNode):
        for item in value.values:
            yield from _ordered(item, every)
    elif isinstance(value, ObjectValueNode):
        for member in value.fields:
            if member.name.value == "field":
                yield from ([member.value.value] if isinstance(member.value, EnumValueNode) else every)
