"""Which data elements a document selects on a row."""

from __future__ import annotations

from collections.abc import Iterable

from graphql import FieldNode, GraphQLObjectType

from tests.oracle.edges import MANYS, ONES
from tests.oracle.printed import ELEMENTS, GROUPS, RANK, SCHEMA
from tests.oracle.selecting import Selecting
from tests.oracle.things import Thing

# Fields that tell of more than their own element.
DERIVED = {("Grade", "explanation"): ("grade", "mark")}


class Selected:
    def __init__(self, selecting: Selecting) -> None:
        self._selecting = selecting

    def elements(self, thing: Thing) -> list[str]:
        """Elements of the fields that the document selects on the thing, in the register's order."""
        found: set[str] = set()
        for owner, name, nodes in self._fields(thing.type, thing.nodes):
            if (owner, name) in GROUPS:
                inner = self._fields(GROUPS[owner, name], nodes)
                found |= {ELEMENTS[group, one] for group, one, _ in inner if (group, one) in ELEMENTS}
            elif (owner, name) in DERIVED:
                found |= set(DERIVED[owner, name])
            elif (owner, name) in ONES or (owner, name) in MANYS:
                element = (ONES.get((owner, name)) or MANYS[owner, name]).element
                found |= {element} if element else set()
            elif (owner, name) in ELEMENTS:
                found.add(ELEMENTS[owner, name])
        return sorted(found, key=RANK.__getitem__)

    def _fields(self, type_name: str, nodes: Iterable[FieldNode]) -> list[tuple[str, str, list[FieldNode]]]:
        kind = SCHEMA.get_type(type_name)
        assert isinstance(kind, GraphQLObjectType)
        fields = self._selecting.below(kind, nodes)
        return [(type_name, group[0].name.value, group) for group in fields.values()]
