"""What a selection set selects for one type: fields merged by response key, fragments and directives applied."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
)

from server.errors import BadUserInput


@dataclass(frozen=True, slots=True)
class Selected:
    """One response key: the field and all nodes that ask for it."""

    key: str
    name: str
    nodes: tuple[FieldNode, ...]

    @property
    def below(self) -> tuple[SelectionSetNode, ...]:
        return tuple(node.selection_set for node in self.nodes if node.selection_set is not None)


@dataclass(frozen=True, slots=True)
class Document:
    """An operation's fragments and coerced variables."""

    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Mapping[str, Any]

    def select(self, sets: Iterable[SelectionSetNode], types: frozenset[str]) -> list[Selected]:
        """Fields in order of first mention; `types` are the object's own name and its interfaces."""
        found: dict[str, list[FieldNode]] = {}
        self._collect(sets, types, found, set())
        return [Selected(key, nodes[0].name.value, tuple(nodes)) for key, nodes in found.items()]

    def _collect(
        self,
        sets: Iterable[SelectionSetNode],
        types: frozenset[str],
        found: dict[str, list[FieldNode]],
        seen: set[str],
    ) -> None:
        for selection in (node for selections in sets for node in selections.selections):
            if not self._included(selection):
                continue
            if isinstance(selection, FieldNode):
                key = selection.alias.value if selection.alias else selection.name.value
                found.setdefault(key, []).append(selection)
            elif isinstance(selection, InlineFragmentNode):
                condition = selection.type_condition
                if condition is None or condition.name.value in types:
                    self._collect((selection.selection_set,), types, found, seen)
            elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in seen:
                seen.add(selection.name.value)
                fragment = self.fragments[selection.name.value]
                if fragment.type_condition.name.value in types:
                    self._collect((fragment.selection_set,), types, found, seen)

    def _included(self, node: SelectionNode) -> bool:
        for directive in node.directives or ():
            if directive.name.value not in ("skip", "include"):
                continue
            holds = self._condition(directive)
            if holds == (directive.name.value == "skip"):
                return False
        return True

    def _condition(self, directive: Any) -> Any:
        value = directive.arguments[0].value
        if not isinstance(value, VariableNode):
            return value.value
        holds = self.variables[value.name.value]
        if holds is None:
            raise BadUserInput(
                f"${value.name.value} is null, and @skip and @include need true or false.", (value.name.value,)
            )
        return holds
