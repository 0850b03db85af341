"""Valid operations, generated from the printed schema: any field, argument, alias, fragment, directive and variable."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, cast

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    is_leaf_type,
    parse,
    validate,
)

from tests.oracle.printed import SCHEMA, is_list, is_required, named
from tests.oracle.values import IDS
from tests.properties.reads.choosing import Choosing
from tests.properties.reads.things_to_name import Names

PAGING = ("first", "last", "after", "before")
ROOTS = ("learners", "learners", "learners", "learner", "classes", "class", "reports", "report", "staff", "assessment",
         "viewer", "school", "node", "nodes")  # fmt: skip
RARE_ROOTS = ("dataCatalogue",)
NAMED_BY = {"class": "Class", "assessment": "Assessment", "report": "Report"}


@dataclass(frozen=True)
class Enum:
    """An enum's name, which is written without quotes in a document."""

    name: str


@dataclass
class Operation:
    document: str
    variables: dict[str, Any]


@dataclass
class _Making:
    """One document being written."""

    choosing: Choosing
    names: Names
    fragments: list[str] = field(default_factory=list[str])
    declared: list[str] = field(default_factory=list[str])
    variables: dict[str, Any] = field(default_factory=dict[str, Any])
    keys: int = 0
    lists: int = 0

    def operation(self) -> Operation:
        query = SCHEMA.query_type
        assert query is not None
        choosing = self.choosing
        names = [choosing.one(ROOTS) for _ in range(choosing.number(1, 3))]
        names += [choosing.one(RARE_ROOTS)] if choosing.once_in(25) else []
        roots = [self._field(query, name, choosing.number(2, 4), alias=True) for name in names]
        if choosing.once_in(12):
            roots.append('__type(name: "Mark") { kind name }')
        if choosing.once_in(8):
            roots.append("__typename")
        declared = f"({', '.join(self.declared)})" if self.declared else ""
        body = f"query Made{declared} {{ {' '.join(roots)} }}"
        return Operation("\n".join([body, *self.fragments]), self.variables)

    def _key(self) -> str:
        self.keys += 1
        return f"k{self.keys}"

    def _selection(self, kind: GraphQLObjectType, depth: int) -> str:
        """A selection set of `kind`, without fragments that could make it invalid."""
        leaves = [name for name, one in kind.fields.items() if is_leaf_type(named(one.type))]
        below = [name for name in kind.fields if name not in leaves and self._may_open(kind, name, depth)]
        chosen = self.choosing.some(leaves, 2, 9) if leaves else []
        opened = self.choosing.some(below, 0 if chosen else 1, 3) if below else []
        written = [self._field(kind, name, depth) for name in [*chosen, *opened]]
        if self.choosing.once_in(6):
            written.append(self._directed("__typename"))
        if not written:
            written.append("__typename")
        return self._wrapped(kind, written)

    def _may_open(self, kind: GraphQLObjectType, name: str, depth: int) -> bool:
        target = named(kind.fields[name].type)
        if target.name.endswith(("Edge", "PageInfo")) or kind.name.endswith(("Connection", "Edge")):
            return True
        return depth > 0 or target.name == "Withheld" or not _has_rows(target)

    def _wrapped(self, kind: GraphQLObjectType, written: list[str]) -> str:
        """Now and then part of the fields goes into a fragment."""
        if len(written) > 1 and self.choosing.once_in(5):
            cut = self.choosing.number(1, len(written) - 1)
            part = " ".join(written[cut:])
            written = [*written[:cut], self._fragment(kind, part)]
        return f"{{ {' '.join(written)} }}"

    def _fragment(self, kind: GraphQLObjectType, part: str) -> str:
        on = "Node" if part.split() == ["id"] and SCHEMA.is_sub_type(SCHEMA.type_map["Node"], kind) else kind.name  # type: ignore[arg-type]
        match self.choosing.number(0, 2):
            case 0:
                return self._directed(f"... on {on}", f"{{ {part} }}")
            case 1:
                return self._directed("...", f"{{ {part} }}")
            case _:
                name = f"F{len(self.fragments)}"
                self.fragments.append(f"fragment {name} on {on} {{ {part} }}")
                again = f" ...{name}" if self.choosing.once_in(4) else ""
                return self._directed(f"...{name}") + again

    def _directed(self, head: str, tail: str = "") -> str:
        if not self.choosing.once_in(10):
            return f"{head} {tail}".strip()
        word = self.choosing.one(("include", "skip"))
        value = self.choosing.one((True, False))
        written = self._variable("Boolean!", value) if self.choosing.once_in(2) else json.dumps(value)
        return f"{head} @{word}(if: {written}) {tail}".strip()

    def _field(self, kind: GraphQLObjectType, name: str, depth: int, *, alias: bool = False) -> str:
        definition = kind.fields[name]
        target = named(definition.type)
        arguments = self._arguments(name, definition)
        keyed = alias or arguments or self.choosing.once_in(6)
        head = f"{self._key()}: {name}{arguments}" if keyed else f"{name}{arguments}"
        if is_leaf_type(target):
            return self._directed(head)
        return self._directed(head, self._below(target, depth))

    def _below(self, target: Any, depth: int) -> str:
        if isinstance(target, GraphQLInterfaceType):
            return self._of_nodes(depth)
        passing = target.name.endswith(("Connection", "Edge")) or not _has_rows(target)
        return self._selection(target, depth if passing else depth - 1)

    def _of_nodes(self, depth: int) -> str:
        kinds = self.choosing.some(list(IDS), 1, 4)
        parts = [f"... on {kind} {self._selection(_object(kind), depth - 1)}" for kind in kinds]
        return f"{{ id __typename {' '.join(parts)} }}"

    def _arguments(self, name: str, definition: GraphQLField) -> str:
        written: list[str] = []
        if "last" in definition.args:
            written += self._page()
        elif "first" in definition.args and self.choosing.once_in(4):
            written.append(f"first: {self._given('Int', self.choosing.one((0, 1, 2, 3, 500)))}")
        for argument, declared in definition.args.items():
            if argument not in PAGING and (self.choosing.once_in(5) or _needed(declared)):
                value = self._value(name, argument, declared)
                written.append(f"{argument}: {self._given(_written_type(declared), value)}")
        return f"({', '.join(written)})" if written else ""

    def _page(self) -> list[str]:
        choosing = self.choosing
        if choosing.once_in(2):
            return []
        size = choosing.one((0, 1, 2, 3, 5, 50)) if not choosing.once_in(40) else choosing.one((-1, 501))
        return [f"{choosing.one(('first', 'first', 'last'))}: {self._given('Int', size)}"]

    def _value(self, name: str, argument: str, declared: Any) -> Any:
        choosing, names = self.choosing, self.names
        if argument == "by":
            by = choosing.one(("id", "upn", "misId"))
            column = {"upn": "upn", "misId": "mis_id"}.get(by)
            return {by: names.number_of(choosing, column) if column else names.id_of(choosing, "Learner")}
        if argument == "ids":
            return [names.any_id(choosing) for _ in range(choosing.number(0, 5))]
        if argument == "id":
            type_name = NAMED_BY.get(name)
            return names.id_of(choosing, type_name) if type_name else names.any_id(choosing)
        if argument == "assessments":
            return [names.id_of(choosing, "Assessment") for _ in range(choosing.number(0, 3))]
        if argument == "window":
            return names.id_of(choosing, "AssessmentWindow")
        if argument == "academicYear":
            return names.world.year - choosing.number(0, 1)
        if argument == "asOf":
            return names.day(choosing)
        return self._input(declared.type)

    def _input(self, kind: Any) -> Any:
        of = named(kind)
        if isinstance(of, GraphQLEnumType):
            return Enum(self.choosing.one(list(of.values)))
        assert isinstance(of, GraphQLInputObjectType)
        if is_list(kind):
            return [self._order(of) for _ in range(self.choosing.number(0, 3))]
        return self._filter(of, 1)

    def _order(self, kind: GraphQLInputObjectType) -> dict[str, Any]:
        fields = named(kind.fields["field"].type)
        assert isinstance(fields, GraphQLEnumType)
        order: dict[str, Any] = {"field": Enum(self.choosing.one(list(fields.values)))}
        if not self.choosing.once_in(3):
            order["direction"] = Enum(self.choosing.one(("ASC", "DESC")))
        return order

    def _filter(self, kind: GraphQLInputObjectType, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        type_name = kind.name.removesuffix("Filter")
        for name in self.choosing.some([name for name in kind.fields if name != "any"], 0 if depth == 0 else 1, 2):
            operations = named(kind.fields[name].type)
            assert isinstance(operations, GraphQLInputObjectType)
            chosen = self.choosing.some(list(operations.fields), 1, 2)
            found[name] = {
                one: None
                if self.choosing.once_in(20)
                else self.names.operand(self.choosing, type_name, name, one, operations.name)
                for one in chosen
            }
        if depth and self.choosing.once_in(4):
            found["any"] = [self._filter(kind, depth - 1) for _ in range(self.choosing.number(0, 2))]
        return found

    def _given(self, kind: str, value: Any) -> str:
        """The value as a literal, as a variable, or as a literal with a variable's default in its place."""
        if not self.choosing.once_in(3):
            return written(value)
        return self._variable(kind, value)

    def _variable(self, kind: str, value: Any) -> str:
        name = f"v{len(self.declared)}"
        if self.choosing.once_in(5):
            self.declared.append(f"${name}: {kind} = {written(value)}")
        else:
            self.declared.append(f"${name}: {kind}")
            self.variables[name] = plain(value)
        return f"${name}"


def operation(choosing: Choosing, names: Names) -> Operation:
    """Fields of different types can meet under one key: then another is made."""
    while True:
        made = _Making(choosing, names).operation()
        if not validate(SCHEMA, parse(made.document)):
            return made


def written(value: Any) -> str:
    """A value as GraphQL's literal."""
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, dict):
        members = cast(dict[str, Any], value)
        return "{" + ", ".join(f"{name}: {written(one)}" for name, one in members.items()) + "}"
    if isinstance(value, list):
        items = cast(list[Any], value)
        return "[" + ", ".join(written(one) for one in items) + "]"
    return json.dumps(value)


def plain(value: Any) -> Any:
    """A value as a variable's JSON."""
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, dict):
        members = cast(dict[str, Any], value)
        return {name: plain(one) for name, one in members.items()}
    return [plain(one) for one in cast(list[Any], value)] if isinstance(value, list) else value


def _written_type(declared: Any) -> str:
    return str(declared.type)


def _needed(declared: Any) -> bool:
    """Whether the argument can't be left out."""
    return is_required(declared.type) and (declared.ast_node is None or declared.ast_node.default_value is None)


def _object(name: str) -> GraphQLObjectType:
    kind = SCHEMA.type_map[name]
    assert isinstance(kind, GraphQLObjectType)
    return kind


def _has_rows(kind: Any) -> bool:
    """Whether an object stands for rows of its own, so that opening it nests deeper."""
    return isinstance(kind, GraphQLObjectType) and ("withheld" in kind.fields or kind.name.endswith("Connection"))
