"""Variables of one operation: what it declares is looked up once, and plain values are taken as they are.

graphql-core looks up every type again for each request. Whatever isn't plainly right (another type, a default, an input
object, an enum) goes its way, which has the words for what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, cast

from graphql import (
    GraphQLBoolean,
    GraphQLID,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    GraphQLString,
    OperationDefinitionNode,
    VariableDefinitionNode,
    type_from_ast,  # pyright: ignore[reportUnknownVariableType]
)
from graphql.execution.values import get_variable_values

from server.resolvers.invalid import DocumentInvalid

Plain = Callable[[Any], bool]
"""Whether a value that isn't null is what its coercion would make of it."""

_MISSING: Final = object()
_MOST: Final = 2**31


class Variables:
    def __init__(self, schema: GraphQLSchema, operation: OperationDefinitionNode) -> None:
        self._schema = schema
        self._definitions = operation.variable_definitions or ()
        declared = [_declared(schema, one) for one in self._definitions]
        known = [one for one in declared if one is not None]
        self._plain = tuple(known) if len(known) == len(declared) else None

    def coerced(self, given: dict[str, Any]) -> dict[str, Any]:
        """By name, those that were left out missing. Raises DocumentInvalid."""
        if self._plain is None:
            return self._by_the_book(given)
        found: dict[str, Any] = {}
        for name, plain, required in self._plain:
            value = given.get(name, _MISSING)
            if value is None or value is _MISSING:
                if required:
                    return self._by_the_book(given)
                if value is None:
                    found[name] = None
            elif plain(value):
                found[name] = value
            else:
                return self._by_the_book(given)
        return found

    def _by_the_book(self, given: dict[str, Any]) -> dict[str, Any]:
        coerced = get_variable_values(self._schema, self._definitions, given, max_errors=10, hide_suggestions=True)
        if isinstance(coerced, list):
            raise DocumentInvalid(coerced)
        return coerced.coerced


def _declared(schema: GraphQLSchema, definition: VariableDefinitionNode) -> tuple[str, Plain, bool] | None:
    """Name, type and whether it must be there; None where only graphql-core knows."""
    kind: Any = type_from_ast(schema, definition.type)
    required = isinstance(kind, GraphQLNonNull)
    plain = _plain(cast(Any, kind).of_type if required else kind)
    return None if plain is None or definition.default_value else (definition.variable.name.value, plain, required)


def _plain(kind: Any) -> Plain | None:
    if isinstance(kind, GraphQLList):
        inner = cast(Any, kind).of_type
        nullable = not isinstance(inner, GraphQLNonNull)
        each = _PLAIN.get(inner if nullable else cast(Any, inner).of_type)
        return None if each is None else _list_of(each, nullable)
    return _PLAIN.get(kind)


def _list_of(each: Plain, nullable: bool) -> Plain:
    """A value alone stands for a list of it, and is left to graphql-core."""

    def plain(value: Any) -> bool:
        return type(value) is list and all(nullable if one is None else each(one) for one in cast("list[Any]", value))

    return plain


def _is_text(value: Any) -> bool:
    return type(value) is str


def _is_number(value: Any) -> bool:
    return type(value) is int and -_MOST <= value < _MOST


def _is_boolean(value: Any) -> bool:
    return type(value) is bool


# The schema's own scalars, and none that is merely called so.
_PLAIN: Final[dict[Any, Plain]] = {
    GraphQLID: _is_text,
    GraphQLString: _is_text,
    GraphQLInt: _is_number,
    GraphQLBoolean: _is_boolean,
}
