"""The printed schema, and the names that it gives: elements of fields, groups of fields, the register's order."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from graphql import (
    DirectiveNode,
    GraphQLEnumType,
    GraphQLObjectType,
    StringValueNode,
    build_schema,
)

# The edge to what graphql-core leaves untyped.
Info = Any
_CORE: Any = import_module("graphql")
execute: Callable[..., Any] = _CORE.execute_sync


def named(kind: Any) -> Any:
    """A type without lists and exclamation marks."""
    return _CORE.get_named_type(kind)


def is_required(kind: Any) -> bool:
    return _CORE.is_non_null_type(kind)


def is_list(kind: Any) -> bool:
    """Whether it is a list, required or not."""
    return _CORE.is_list_type(kind.of_type if is_required(kind) else kind)


SCHEMA = build_schema((Path(__file__).parents[2] / "schema.graphql").read_text(encoding="utf-8"))


def _objects() -> list[GraphQLObjectType]:
    return [kind for kind in SCHEMA.type_map.values() if isinstance(kind, GraphQLObjectType) and kind.name[:2] != "__"]


def _element(directives: tuple[DirectiveNode, ...]) -> str | None:
    for directive in directives:
        for argument in directive.arguments or ():
            if directive.name.value == "data" and argument.name.value == "element":
                assert isinstance(argument.value, StringValueNode)
                return argument.value.value.lower()
    return None


# (type, field) -> element, from @data.
ELEMENTS: dict[tuple[str, str], str] = {
    (kind.name, name): element
    for kind in _objects()
    for name, field in kind.fields.items()
    if field.ast_node is not None and (element := _element(tuple(field.ast_node.directives or ())))
}
_MADE_OF_THE_ROW = {
    "YearGroup", "PupilPremium", "Medical", "SpecialNeeds", "LearnerContact", "Attendance", "GuardianContact",
    "StaffContact", "ViewerPerson",
}  # fmt: skip
# (type, field) -> the type of an object that is made of the same row.
GROUPS: dict[tuple[str, str], str] = {
    (kind.name, name): named(field.type).name
    for kind in _objects()
    for name, field in kind.fields.items()
    if named(field.type).name in _MADE_OF_THE_ROW
}
_ORDERED = SCHEMA.type_map["DataElement"]
assert isinstance(_ORDERED, GraphQLEnumType)
RANK: dict[str, int] = {name.lower(): place for place, name in enumerate(_ORDERED.values)}
