"""Arguments that no data can answer: what an operation is refused for as a whole, before anything runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from graphql import DocumentNode, FieldNode, GraphQLObjectType, get_argument_values

from server.register.sort_key import folded
from tests.oracle.edges import MANYS
from tests.oracle.lists import ORDERS, conditions, element_of
from tests.oracle.printed import SCHEMA, named
from tests.oracle.selecting import Selecting
from tests.oracle.things import Thing
from tests.oracle.values import IDS
from tests.oracle.visibility import Visibility

Refusal = tuple[str, tuple[str, ...]]
"""A code and the end of the argument's path."""

BY_ID = {"class": "Class", "assessment": "Assessment", "report": "Report"}
MOST_ROWS = 500
# Types whose names are compared folded: letters of which nothing is left would find everybody.
FOLDED = frozenset({"Learner", "Staff"})
# Root fields that are never null, though their row may not be there for the asker.
NEVER_NULL = {"viewer": "Viewer", "school": "School"}


def refusals(
    document: DocumentNode, variables: dict[str, Any], visibility: Visibility, name: str | None = None
) -> set[Refusal]:
    """Everything that the operation could be refused for; it is refused for one of these."""
    return set(_Check(document, variables, visibility, name).operation())


class _Check:
    def __init__(
        self, document: DocumentNode, variables: dict[str, Any], visibility: Visibility, name: str | None
    ) -> None:
        self._selecting = Selecting(document, variables, name)
        self._visibility = visibility

    def operation(self) -> Iterator[Refusal]:
        query = SCHEMA.query_type
        assert query is not None
        fields = self._selecting.fields(query, [self._selecting.operation.selection_set])
        for key, nodes in fields.items():
            type_name = NEVER_NULL.get(nodes[0].name.value)
            if type_name and not self._visibility.exists(Thing(type_name, {}, date.min)):
                yield "FORBIDDEN", (key,)
        yield from self._fields(query, fields)

    def _fields(self, kind: GraphQLObjectType, groups: dict[str, list[FieldNode]]) -> Iterator[Refusal]:
        for nodes in groups.values():
            name = nodes[0].name.value
            if name.startswith("__"):
                continue
            definition = kind.fields[name]
            arguments = get_argument_values(definition, nodes[0], self._selecting.variable_values)
            yield from self._arguments(kind.name, name, arguments)
            for target in self._targets(definition.type, arguments):
                yield from self._fields(target, self._selecting.below(target, nodes))

    def _targets(self, of: Any, arguments: Mapping[str, Any]) -> Iterator[GraphQLObjectType]:
        found = named(of)
        if isinstance(found, GraphQLObjectType):
            yield found
        elif found.name == "Node":
            ids = arguments.get("ids") or [arguments.get("id")]
            for name, (prefix, _, __) in IDS.items():
                if any(str(one).startswith(f"{prefix}_") for one in ids):
                    kind = SCHEMA.type_map[name]
                    assert isinstance(kind, GraphQLObjectType)
                    yield kind

    def _arguments(self, owner: str, name: str, arguments: dict[str, Any]) -> Iterator[Refusal]:
        edge = MANYS.get((owner, name))
        if owner == "Query" and name in BY_ID and not _is_id(arguments["id"], BY_ID[name]):
            yield "BAD_USER_INPUT", ("id",)
        if (owner, name) == ("Query", "learner"):
            yield from self._named(arguments["by"])
        if edge is None:
            return
        yield from self._filtered(edge.target, arguments.get("filter"))
        for i, one in enumerate(arguments.get("orderBy") or ()):
            if not self._visibility.possible(ORDERS[edge.target, one["field"]][0]):
                yield "FORBIDDEN_ARGUMENT", ("orderBy", str(i))
        for size in ("first", "last"):
            if arguments.get(size) is not None and not 0 <= arguments[size] <= MOST_ROWS:
                yield "BAD_USER_INPUT", (size,)

    def _filtered(self, target: str, given: Any) -> Iterator[Refusal]:
        for path in conditions(target, given):
            if not self._visibility.possible(element_of(target, path)):
                yield "FORBIDDEN_ARGUMENT", ("filter", *path)
            if path[-2] == "name" and target in FOLDED and not folded(_operand(given, path)):
                yield "BAD_USER_INPUT", ("filter", *path)

    def _named(self, by: dict[str, Any]) -> Iterator[Refusal]:
        """How a learner is named: by an id, or by a number that only those find who may read it."""
        ((name, value),) = by.items()
        if name == "id" and not _is_id(value, "Learner"):
            yield "BAD_USER_INPUT", (name,)
        if name != "id" and not self._visibility.possible("identifier"):
            yield "FORBIDDEN_ARGUMENT", (name,)


def _operand(given: Any, path: tuple[str, ...]) -> str:
    """What stands at the path; digits are positions of a list."""
    for step in path:
        given = given[int(step) if step.isdigit() else step]
    return given


def _is_id(text: str, type_name: str) -> bool:
    prefix, _, yearly = IDS[type_name]
    parts = text.split("_")
    return parts[0] == prefix and len(parts) == (3 if yearly else 2) and len(parts[-1]) == 32
