"""A smaller operation that still differs, for the message of a failed comparison."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from typing import Any

from graphql import (
    REMOVE,
    ArgumentNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    Node,
    OperationDefinitionNode,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    parse,
    print_ast,
    validate,
    visit,
)

from tests.oracle.comparing import Case
from tests.oracle.printed import SCHEMA

_REMOVED = (FieldNode, InlineFragmentNode, FragmentSpreadNode, ArgumentNode)


async def smallest(case: Case, differs: Callable[[Case], Awaitable[bool]], most: int = 400) -> Case:
    """Drops one part of the document after another, as long as what is left is valid and still differs."""
    found, tries = case, 0
    shrunk = True
    while shrunk and tries < most:
        shrunk = False
        for smaller in _smaller(found):
            tries += 1
            if await differs(smaller):
                found, shrunk = smaller, True
                break
    return found


def _smaller(case: Case) -> Iterator[Case]:
    document = parse(case.document, no_location=True)
    parts: list[Node] = []

    class Listing(Visitor):
        def enter(self, node: Node, *_: Any) -> None:
            if isinstance(node, _REMOVED):
                parts.append(node)

    visit(document, Listing())
    for part in parts:
        made = _tidy(_without(document, part))
        if made is not None and not validate(SCHEMA, made):
            names = {
                definition.variable.name.value
                for one in made.definitions
                if isinstance(one, OperationDefinitionNode)
                for definition in one.variable_definitions or ()
            }
            left = {name: value for name, value in case.variables.items() if name in names}
            yield replace(case, document=print_ast(made), variables=left)


def _without(document: DocumentNode, part: Node) -> DocumentNode:
    class Dropping(Visitor):
        def enter(self, node: Node, *_: Any) -> Any:
            return REMOVE if node is part else None

    return visit(document, Dropping())


def _tidy(document: DocumentNode) -> DocumentNode | None:
    """Without what nothing uses any more; None where a selection has become empty."""
    for _ in range(5):
        used: set[str] = set()
        spread: set[str] = set()
        empty: list[bool] = []

        class Looking(Visitor):
            def enter(self, node: Node, _: Any, parent: Any, *__: Any) -> None:
                if isinstance(node, VariableNode) and not isinstance(parent, VariableDefinitionNode):
                    used.add(node.name.value)  # noqa: B023
                if isinstance(node, FragmentSpreadNode):
                    spread.add(node.name.value)  # noqa: B023
                if getattr(node, "selections", None) == ():
                    empty.append(True)  # noqa: B023

        class Dropping(Visitor):
            def enter(self, node: Node, *_: Any) -> Any:
                if isinstance(node, VariableDefinitionNode) and node.variable.name.value not in used:  # noqa: B023
                    return REMOVE
                if isinstance(node, FragmentDefinitionNode) and node.name.value not in spread:  # noqa: B023
                    return REMOVE
                return None

        visit(document, Looking())
        if empty:
            return None
        document = visit(document, Dropping())
    return document
