"""Whether the data of an answer is what its document asked for: the keys, the types, and no null that must not be."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

_FORMS: dict[str, re.Pattern[str]] = {
    "Date": re.compile(r"\d{4}-\d\d-\d\d"),
    "DateTime": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"),
    "Decimal": re.compile(r"-?\d+(\.\d+)?"),
    "UPN": re.compile(r"[A-Z]\d{11}[A-Z0-9]"),
    "ID": re.compile(r"[a-z]{3}_.+"),
}
_TYPES: dict[str, type] = {"Int": int, "Boolean": bool, "String": str, "Float": float}


def faults(schema: GraphQLSchema, document: DocumentNode, data: Mapping[str, Any]) -> list[str]:
    """What differs, as paths with a sentence. The document holds one operation, and no directive but on none of it."""
    [operation] = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    root = schema.get_root_type(operation.operation)
    assert root is not None
    return list(_Walk(schema, fragments).object(root, [operation.selection_set], data, "data"))


class _Walk:
    def __init__(self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self._schema = schema
        self._fragments = fragments

    def object(
        self, kind: GraphQLObjectType, selections: list[SelectionSetNode], value: Any, path: str
    ) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{path} is no object"
            return
        wanted: dict[str, list[FieldNode]] = {}
        for selection in selections:
            self._collect(kind, selection, wanted)
        found = cast("dict[str, Any]", value)
        if set(found) != set(wanted):
            yield f"{path} has {sorted(found)}, not {sorted(wanted)}"
            return
        for key, nodes in wanted.items():
            yield from self._field(kind, nodes, found[key], f"{path}.{key}")

    def _collect(self, kind: GraphQLObjectType, selection: SelectionSetNode, into: dict[str, list[FieldNode]]) -> None:
        for node in selection.selections:
            if isinstance(node, FieldNode):
                into.setdefault(node.alias.value if node.alias else node.name.value, []).append(node)
            elif isinstance(node, InlineFragmentNode):
                if node.type_condition is None or self._applies(node.type_condition.name.value, kind):
                    self._collect(kind, node.selection_set, into)
            elif isinstance(node, FragmentSpreadNode):
                fragment = self._fragments[node.name.value]
                if self._applies(fragment.type_condition.name.value, kind):
                    self._collect(kind, fragment.selection_set, into)

    def _applies(self, condition: str, kind: GraphQLObjectType) -> bool:
        return condition == kind.name or condition in {interface.name for interface in kind.interfaces}

    def _field(self, kind: GraphQLObjectType, nodes: list[FieldNode], value: Any, path: str) -> Iterator[str]:
        name = nodes[0].name.value
        if name == "__typename":
            if value != kind.name:
                yield f"{path} is {value!r}, not {kind.name}"
            return
        yield from self._value(kind.fields[name].type, nodes, value, path)

    def _value(self, kind: Any, nodes: list[FieldNode], value: Any, path: str) -> Iterator[str]:
        if isinstance(kind, GraphQLNonNull):
            if value is None:
                yield f"{path} is null"
                return
            kind = cast(Any, kind).of_type
        if value is None:
            return
        if isinstance(kind, GraphQLList):
            if not isinstance(value, list):
                yield f"{path} is no list"
                return
            items = cast("list[Any]", value)
            for place, item in enumerate(items):
                yield from self._value(cast(Any, kind).of_type, nodes, item, f"{path}.{place}")
            return
        below = [node.selection_set for node in nodes if node.selection_set is not None]
        if isinstance(kind, GraphQLInterfaceType):
            yield from self._abstract(kind, below, value, path)
        elif isinstance(kind, GraphQLObjectType):
            yield from self.object(kind, below, value, path)
        elif not _fits(kind, value):
            yield f"{path} is {value!r}, no {kind}"

    def _abstract(
        self, kind: GraphQLInterfaceType, selections: list[SelectionSetNode], value: Any, path: str
    ) -> Iterator[str]:
        """As any one of the types that it can be: an answer need not say which."""
        told = [list(self.object(one, selections, value, path)) for one in self._schema.get_possible_types(kind)]
        if all(told):
            yield min(told, key=len)[0]


def _fits(kind: Any, value: Any) -> bool:
    if isinstance(kind, GraphQLEnumType):
        return value in kind.values
    form = _FORMS.get(kind.name)
    if form is not None:
        return isinstance(value, str) and form.fullmatch(value) is not None
    wanted = _TYPES[kind.name]
    return isinstance(value, wanted) and (wanted is bool or not isinstance(value, bool))
