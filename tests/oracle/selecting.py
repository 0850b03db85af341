"""What a document selects of a type: written from the specification's section on collecting fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    get_variable_values,
    value_from_ast_untyped,
)

from tests.oracle.printed import SCHEMA


class Selecting:
    """One operation of a document under its variables."""

    def __init__(self, document: DocumentNode, variables: dict[str, Any], name: str | None = None) -> None:
        self._fragments: dict[str, FragmentDefinitionNode] = {}
        operations: list[OperationDefinitionNode] = []
        for definition in document.definitions:
            if isinstance(definition, FragmentDefinitionNode):
                self._fragments[definition.name.value] = definition
            elif isinstance(definition, OperationDefinitionNode):
                operations.append(definition)
        named = (one for one in operations if name is None or (one.name is not None and one.name.value == name))
        self.operation = next(named)
        coerced = get_variable_values(SCHEMA, self.operation.variable_definitions or (), variables)
        assert not isinstance(coerced, list), coerced
        self.variable_values = coerced
        self.variables: Mapping[str, Any] = coerced.coerced

    def fields(self, kind: GraphQLObjectType, sets: Iterable[SelectionSetNode]) -> dict[str, list[FieldNode]]:
        """Fields by response key, in order of first mention."""
        found: dict[str, list[FieldNode]] = {}
        self._collect(kind, sets, found, set())
        return found

    def below(self, kind: GraphQLObjectType, nodes: Iterable[FieldNode]) -> dict[str, list[FieldNode]]:
        return self.fields(kind, [node.selection_set for node in nodes if node.selection_set is not None])

    def _collect(
        self,
        kind: GraphQLObjectType,
        sets: Iterable[SelectionSetNode],
        found: dict[str, list[FieldNode]],
        spread: set[str],
    ) -> None:
        for selection in [node for one in sets for node in one.selections]:
            if not self._included(selection):
                continue
            if isinstance(selection, FieldNode):
                key = (selection.alias or selection.name).value
                found.setdefault(key, []).append(selection)
            elif isinstance(selection, InlineFragmentNode):
                on = selection.type_condition
                if on is None or _applies(on.name.value, kind):
                    self._collect(kind, [selection.selection_set], found, spread)
            elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in spread:
                spread.add(selection.name.value)
                fragment = self._fragments[selection.name.value]
                if _applies(fragment.type_condition.name.value, kind):
                    self._collect(kind, [fragment.selection_set], found, spread)

    def _included(self, node: SelectionNode) -> bool:
        given = {d.name.value: d.arguments[0].value for d in node.directives or () if d.arguments}
        values = {name: value_from_ast_untyped(value, dict(self.variables)) for name, value in given.items()}
        return values.get("skip") is not True and values.get("include") is not False


def _applies(name: str, kind: GraphQLObjectType) -> bool:
    on: GraphQLNamedType | None = SCHEMA.get_type(name)
    return on is kind or (isinstance(on, GraphQLInterfaceType) and SCHEMA.is_sub_type(on, kind))
