"""Operations of every root field, made from the schema: each argument is a variable of its declared type.

    operation(schema, "Mutation.recordMarks", chance, ids)      # another one for each state of `chance`

Values mostly mean something (ids of the school, days, marks); `wild` of them don't fit their type at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final, cast

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
)

CANARY: Final = "Zqfuzz"
"""In texts that are sent, and in no log."""
DEPTH: Final = 3
_KINDS: Final = {"Query": "query", "Mutation": "mutation", "Subscription": "subscription"}
WRONG: Final[tuple[Any, ...]] = (
    None, True, 0, -1, 2**31, 2**53 + 1, -(10**39), 1e308, 0.1, "", " ", "a" * 300, "a" * 20_000, "\u0661\u0662", "\u202e",
    "😀" * 50,
    "' OR 1=1 --", "%s%d{0}", "../../etc/passwd", "0000-00-00", "9999-12-31", "2026-02-30", "0001-01-01T00:00:00+14:00", "1e400",
    "NaN", "-0", "lrn_" + "0" * 32, "mrk_0_" + "f" * 32, "\\u0000", "<script>", CANARY, [], {}, [[]], [None], {"eq": None},
    {"a": {"b": []}}, ["x"] * 600, {str(n): n for n in range(60)},
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Operation:
    """`kind` is query, mutation or subscription."""

    kind: str
    document: str
    variables: dict[str, Any]


def roots(schema: GraphQLSchema) -> list[str]:
    """Each root field, as "Mutation.recordMarks"."""
    found = [kind for kind in (schema.query_type, schema.mutation_type, schema.subscription_type) if kind is not None]
    return [f"{kind.name}.{name}" for kind in found for name in kind.fields]


def operation(
    schema: GraphQLSchema, root: str, chance: Random, ids: Mapping[str, Sequence[str]], wild: float = 0.0
) -> Operation:
    """`ids` by prefix; `wild`: the part of values that are of any type."""
    kind, _, name = root.partition(".")
    return _Maker(schema, chance, ids, wild).operation(
        _KINDS[kind], cast("Any", schema.type_map[kind]).fields[name], name
    )


@dataclass
class _Maker:
    schema: GraphQLSchema
    chance: Random
    ids: Mapping[str, Sequence[str]]
    wild: float
    aliases: int = 0
    declared: dict[str, str] = field(default_factory=dict[str, str])
    variables: dict[str, Any] = field(default_factory=dict[str, Any])

    def operation(self, kind: str, of: Any, name: str) -> Operation:
        selected = self.field(name, of, DEPTH, whole=True)
        head = _bracketed([f"${variable}: {type_}" for variable, type_ in self.declared.items()])
        return Operation(kind, f"{kind} Fuzz{head} {{ {selected} }}", self.variables)

    def field(self, name: str, of: Any, depth: int, whole: bool = False) -> str:
        """`whole`: with all of its arguments."""
        given = [self.argument(one, it.type) for one, it in of.args.items() if self.takes(it.type, whole)]
        below = self.selection(of.type, depth)
        self.aliases += 1
        alias = f"a{self.aliases}: " if self.chance.random() < 0.05 else ""
        return f"{alias}{name}{_bracketed(given)}{below}"

    def takes(self, type_: Any, whole: bool) -> bool:
        return isinstance(type_, GraphQLNonNull) or whole or self.chance.random() < 0.25

    def argument(self, name: str, type_: Any) -> str:
        variable = f"v{len(self.declared)}"
        self.declared[variable] = str(type_)
        self.variables[variable] = self.value(type_, 4)
        return f"{name}: ${variable}"

    def selection(self, type_: Any, depth: int) -> str:
        kind = _named(type_)
        if isinstance(kind, GraphQLUnionType | GraphQLInterfaceType):
            several = self.schema.get_possible_types(kind)
            parts = [f"... on {one.name} {self.fields(one, depth - 1)}" for one in self.some(list(several), 2)]
            return f" {{ __typename {' '.join(parts)} }}"
        return f" {self.fields(kind, depth)}" if isinstance(kind, GraphQLObjectType) else ""

    def fields(self, kind: GraphQLObjectType, depth: int) -> str:
        leads = [name for name, one in kind.fields.items() if depth > 0 or not _composite(one.type)]
        chosen = self.some(leads, 2 + 2 * depth) or ["__typename"]
        parts = [name if name == "__typename" else self.field(name, kind.fields[name], depth - 1) for name in chosen]
        return f"{{ {' '.join(parts)} }}"

    def some(self, among: list[Any], most: int) -> list[Any]:
        return self.chance.sample(among, min(len(among), self.chance.randint(1, most)))

    def value(self, type_: Any, depth: int) -> Any:
        if self.chance.random() < self.wild:
            return self.chance.choice(WRONG)
        if isinstance(type_, GraphQLNonNull):
            return self.value(cast("Any", type_).of_type, depth)
        if isinstance(type_, GraphQLList):
            return [self.value(cast("Any", type_).of_type, depth - 1) for _ in range(self.chance.randint(0, 2))]
        if isinstance(type_, GraphQLInputObjectType):
            return dict(self.entries(type_, depth))
        if isinstance(type_, GraphQLEnumType):
            return self.chance.choice(list(type_.values))
        return self.scalar(type_.name)

    def entries(self, type_: GraphQLInputObjectType, depth: int) -> Iterator[tuple[str, Any]]:
        names = list(type_.fields)
        if type_.is_one_of:
            names = [self.chance.choice(names)]
        for name in names:
            of: Any = type_.fields[name].type
            if type_.is_one_of or isinstance(of, GraphQLNonNull) or (depth > 0 and self.chance.random() < 0.4):
                yield name, self.value(of, depth - 1)

    def scalar(self, name: str) -> Any:
        chance = self.chance
        match name:
            case "Int":
                return chance.choice((0, 1, 2, 5, 10, 100, 500, 2026))
            case "Float":
                return round(chance.uniform(-2, 120), 2)
            case "Boolean":
                return chance.random() < 0.5
            case "ID":
                return chance.choice(self.ids[chance.choice(list(self.ids))])
            case "Date":
                return f"20{chance.randint(10, 28):02}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
            case "DateTime":
                return f"2026-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}T09:30:00Z"
            case "Decimal":
                return str(chance.randint(-1, 100))
            case "UPN":
                return f"A{chance.randint(10**11, 10**12 - 1)}B"
            case _:
                return chance.choice((f"{CANARY} {chance.randrange(99)}", "10", "maths", "teaching", "a b", "k" * 40))


def _bracketed(parts: list[str]) -> str:
    return f"({', '.join(parts)})" if parts else ""


def _named(type_: Any) -> Any:
    while isinstance(type_, GraphQLNonNull | GraphQLList):
        type_ = cast("Any", type_).of_type
    return type_


def _composite(type_: Any) -> bool:
    return isinstance(_named(type_), GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType)
