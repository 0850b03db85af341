"""Arguments as a statement sees them: their shape is compiled in, their values stay outside and are bound."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, cast

from graphql import (
    FieldNode,
    GraphQLArgument,
    GraphQLInputObjectType,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    Undefined,
    ValueNode,
    VariableNode,
    is_list_type,  # pyright: ignore[reportUnknownVariableType]
    is_non_null_type,  # pyright: ignore[reportUnknownVariableType]
    value_from_ast,  # pyright: ignore[reportUnknownVariableType]
)

Getter = Callable[[Mapping[str, Any]], Any]


@dataclass(frozen=True, slots=True)
class Given:
    """A scalar, an enum, null or a list of these: its value in this request, and how to find it in the next.

    `varies`: the whole of it is a variable's, or a member of one.
    """

    value: Any
    get: Getter
    path: tuple[str | int, ...]
    varies: bool = False

    def texts(self) -> list[str]:
        """An id, or ids, as a list."""
        several = cast(list[str], self.value)
        return [self.value] if isinstance(self.value, str) else several


Tree = Given | dict[str, "Tree"] | list["Tree"]


def arguments(
    declared: Mapping[str, GraphQLArgument], node: FieldNode, variables: Mapping[str, Any]
) -> dict[str, Tree]:
    """The field's arguments by name; those left out without a default are missing."""
    found: dict[str, Tree] = {}
    written = {argument.name.value: argument.value for argument in node.arguments or ()}
    for name, argument in declared.items():
        tree = _tree(written.get(name), cast(Any, argument).type, variables, (name,))
        if tree is None and argument.default_value is not Undefined:
            tree = _constant(argument.default_value, (name,))
        if tree is not None:
            found[name] = tree
    return found


def scalar(tree: Tree | None) -> Given | None:
    """A present, non-null scalar or list of scalars, else None."""
    return tree if isinstance(tree, Given) and tree.value is not None else None


def evaluated(tree: Tree, variables: Mapping[str, Any]) -> Any:
    """The tree's values in this request, as plain dictionaries, lists and values; enums are their names."""
    if isinstance(tree, Given):
        return plain(tree.get(variables))
    if isinstance(tree, dict):
        return {name: evaluated(inner, variables) for name, inner in tree.items()}
    return [evaluated(inner, variables) for inner in tree]


def plain(value: Any) -> Any:
    """An enum's name, or the value itself."""
    return value.name if isinstance(value, Enum) else value


def _tree(node: ValueNode | None, kind: Any, variables: Mapping[str, Any], path: tuple[str | int, ...]) -> Tree | None:
    if node is None:
        return None
    bare = _bare(kind)
    if isinstance(node, VariableNode):
        name = node.name.value
        if name not in variables:
            return None
        return _spread(variables[name], bare, lambda given: given[name], path)
    if isinstance(node, ObjectValueNode) and isinstance(bare, GraphQLInputObjectType):
        return _object(node, bare, variables, path)
    if is_list_type(bare) and isinstance(_bare(_of(bare)), GraphQLInputObjectType) and not _is_null(node):
        items = node.values if isinstance(node, ListValueNode) else (node,)
        trees = [_tree(item, _of(bare), variables, (*path, i)) for i, item in enumerate(items)]
        return [tree for tree in trees if tree is not None]
    return Given(
        value_from_ast(node, kind, dict(variables)), lambda given: value_from_ast(node, kind, dict(given)), path
    )


def _is_null(node: ValueNode) -> bool:
    """A null for a list is no list of one null."""
    return isinstance(node, NullValueNode)


def _object(
    node: ObjectValueNode, kind: GraphQLInputObjectType, variables: Mapping[str, Any], path: tuple[str | int, ...]
) -> dict[str, Tree]:
    written = {field.name.value: field.value for field in node.fields}
    found: dict[str, Tree] = {}
    for name, field in kind.fields.items():
        tree = _tree(written.get(name), field.type, variables, (*path, name))
        if tree is None and field.default_value is not Undefined:
            tree = _constant(field.default_value, (*path, name))
        if tree is not None:
            found[name] = tree
    return found


def _spread(value: Any, kind: Any, get: Getter, path: tuple[str | int, ...]) -> Tree:
    if isinstance(kind, GraphQLInputObjectType) and isinstance(value, dict):
        return {
            name: _spread(value[key], _bare(field.type), _step(get, key), (*path, name))
            for name, field in kind.fields.items()
            if (key := field.out_name or name) in value
        }
    if is_list_type(kind) and isinstance(_bare(_of(kind)), GraphQLInputObjectType) and value is not None:
        inner = _bare(_of(kind))
        return [_spread(item, inner, _step(get, i), (*path, i)) for i, item in enumerate(value)]
    return Given(value, get, path, varies=True)


def _step(get: Getter, step: str | int) -> Getter:
    return lambda given: get(given)[step]


def _constant(value: Any, path: tuple[str | int, ...]) -> Given:
    return Given(value, lambda _: value, path)


def _of(kind: Any) -> Any:
    """The type within a list or a non-null."""
    return kind.of_type


def _bare(kind: Any) -> Any:
    return _of(kind) if is_non_null_type(kind) else kind


def shape(value: Any) -> Any:
    """What of a coerced variable changes a statement: booleans, enums, nulls, keys, the types of ids, how long lists
    and how large numbers are, in powers of two, since limits look at them; no other value."""
    if type(value) is str:  # most are, and an enum that is a text as well is none
        return value[:4] if len(value) > 4 and value[3] == "_" else "str"
    if isinstance(value, dict):
        members = cast(dict[str, Any], value)
        return tuple((name, shape(inner)) for name, inner in members.items())
    if isinstance(value, list):
        items = cast(list[Any], value)
        inner = [shape(item) for item in items]
        whole = any(isinstance(item, dict | list) or item is None for item in items)
        return ("list", len(items).bit_length(), *(inner if whole else sorted({repr(item) for item in inner})))
    if isinstance(value, bool | Enum) or value is None:
        return value
    if isinstance(value, int):
        return ("int", value.bit_length())
    if isinstance(value, str) and len(value) > 4 and value[3] == "_":
        return value[:4]
    return type(value).__name__
