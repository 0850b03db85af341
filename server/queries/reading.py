"""One operation read: its root fields as asks, its footprint, and its statement under a permit."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from graphql import GraphQLSchema, SelectionSetNode
from sqlalchemy import ARRAY, JSON, ColumnElement, Text, cast, func, null, select, true
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.dialects.postgresql.asyncpg import dialect

from server.database.reads import Statement
from server.errors import LimitExceeded
from server.policies.planner import Planner
from server.policies.profile import Profile
from server.queries.answer import Hop, answer, keyed
from server.queries.arguments import Given, scalar
from server.queries.ask import Ask, Coordinate, Lookup, TypenamePick, explained
from server.queries.asking import MAXIMUM_FINISHED, Reader
from server.queries.binding import Find
from server.queries.build import Build
from server.queries.catalogue import CATALOGUE, entries
from server.queries.constants import inline, number
from server.queries.cost import Amount, Cost, input_entries
from server.queries.noun import Many
from server.queries.nouns import NOUNS
from server.queries.roots import ROOTS, everything, node_asks, root_ask
from server.queries.run import Run
from server.queries.seen import Seen, told
from server.queries.selection import Document, Selected
from server.queries.uncollected import uncollected
from server.queries.values import build as build_object

# Numbered parameters, as psycopg's raw cursor takes them; SQLAlchemy's asyncpg dialect writes them with their casts.
DIALECT: Final = dialect()  # type: ignore[no-untyped-call]
PYTHON_FIELDS: Final = frozenset({"__schema", "__type"})
# No response key can be this: it is no GraphQL name.
TYPE_KEY: Final = " type"
INTROSPECTION: Final = 1_000
"""What one of PYTHON_FIELDS is reckoned at."""
_MOST_KEYS: Final = 500


@dataclass(frozen=True, slots=True)
class RootPart:
    """One root field: rows by asks, or a constant."""

    key: str
    name: str
    asks: tuple[Ask, ...] = ()
    ids: Given | None = None
    several: bool = False
    catalogue: Selected | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a document asks for under one shape of variables. `python` says that the executor must finish the answer.

    `inquiries` are root fields that no statement answers. `cost` is of the rows, and of what Python adds to them.
    """

    type: str
    parts: tuple[RootPart, ...]
    coordinates: frozenset[Coordinate]
    python: bool
    document: Document
    cost: Cost
    inquiries: tuple[Selected, ...] = ()

    def asks(self) -> list[Ask]:
        return [ask for part in self.parts for ask in part.asks]


@dataclass(frozen=True, slots=True)
class Compiled:
    """A statement, and how to find its parameters in a request; `bound` is what its cursors are bound to, by place."""

    statement: Statement
    finds: tuple[Find, ...]
    bound: tuple[Any, ...]

    def parameters(self, run: Run) -> list[Any]:
        return [find(run) for find in self.finds]

    def seal(self, answer_: bytes, run: Run) -> bytes:
        return run.cursors.seal(answer_, [bound(run) for bound in self.bound]) if self.bound else answer_


def read_query(
    schema: GraphQLSchema, document: Document, roots: SelectionSetNode, inquiries: Collection[str] = ()
) -> Reading:
    """`inquiries` names the root fields that are answered elsewhere.

    Raises BadUserInput and LimitExceeded for arguments that no data can answer.
    """
    reader = Reader(schema, document)
    roots_ = document.select((roots,), frozenset(("Query",)))
    inquired = tuple(one for one in roots_ if one.name in inquiries)
    selected = [one for one in roots_ if one.name not in inquiries]
    python = any(one.name in PYTHON_FIELDS for one in selected)
    parts = tuple(_part(reader, one) for one in selected if one.name not in PYTHON_FIELDS)
    asks = [ask for part in parts for ask in part.asks]
    python = python or explained(asks)
    if python:
        if reader.rows > MAXIMUM_FINISHED:
            said = f"Beside introspection or an explanation, at most {MAXIMUM_FINISHED} rows: ask for fewer with first."
            raise LimitExceeded(said)
        _typed(parts)
    cost = reader.cost.plus(INTROSPECTION * (len(selected) - len(parts)))
    return Reading("Query", parts, footprint(asks), python, document, cost, inquired)


def read_payload(
    schema: GraphQLSchema,
    document: Document,
    type_name: str,
    selected: Selected,
    rows: Mapping[str, tuple[str, str, str]],
) -> Reading:
    """The rows of a mutation's payload, whose keys the command gives when it has run.

    `rows` maps the payload's fields to a noun, the column that holds the keys, and a description.
    """
    reader = Reader(schema, document)
    each = Amount(_MOST_KEYS, 1, (input_entries(selected.nodes[0]),))
    parts: list[RootPart] = []
    for one in document.select(selected.below, frozenset((type_name,))):
        if one.name not in rows:
            continue
        name, column, _ = rows[one.name]
        noun = NOUNS[name]
        edge = Many(one.name, noun.name, everything, "", "", maximum=1000)
        ask = Ask(noun, "list", edge, (), {}, path=(one.key,), limit=1000)
        ask.lookup = Lookup(column, yearly=noun.yearly, keys=one.name)
        ask.picks = reader.picks(noun, one.below, (one.key,), each)
        parts.append(RootPart(one.key, one.name, (ask,)))
    asks = [ask for part in parts for ask in part.asks]
    return Reading(type_name, tuple(parts), footprint(asks), explained(asks), document, reader.cost)


def _part(reader: Reader, one: Selected) -> RootPart:
    if one.name in ROOTS:
        return RootPart(one.key, one.name, (root_ask(reader, one),))
    if one.name in ("node", "nodes"):
        asks, several = node_asks(reader, one)
        given = scalar(reader.declared("Query", one)["ids" if several else "id"])
        return RootPart(one.key, one.name, tuple(asks), given, several)
    if one.name == CATALOGUE:
        return RootPart(one.key, one.name, catalogue=one)
    assert one.name == "__typename", f"Query.{one.name} is in the schema and not declared"
    return RootPart(one.key, one.name)


def _typed(parts: Sequence[RootPart]) -> None:
    """The executor tells the types of nodes by a hidden member."""
    for part in parts:
        if part.ids is not None:
            for ask in part.asks:
                ask.picks = (*ask.picks, TypenamePick(TYPE_KEY, ask.noun.name))


def footprint(asks: Sequence[Ask]) -> frozenset[Coordinate]:
    """What the asks read, count and ask about."""
    return frozenset(coordinate for ask in asks for coordinate in ask.coordinates())


def compile_reading(reading: Reading, planner: Planner, profile: Profile) -> Compiled:
    """The statement of a reading for everyone with this profile under this rule book. Raises ForbiddenArgument."""
    with uncollected():
        return _compiled(reading, planner, profile)


def _compiled(reading: Reading, planner: Planner, profile: Profile) -> Compiled:
    permit = planner.permit(profile, reading.coordinates)
    build = Build(permit, lambda element: planner.withheld(profile, element))
    members: list[tuple[str, ColumnElement[Any]]] = []
    joined: Any = select(number(1).label("one")).subquery("roots")
    seen: list[Seen] = []
    for part in reading.parts:
        hops = [keyed(build, ask) if part.ids is not None else answer(build, ask, None) for ask in part.asks]
        for hop in hops:
            joined = joined.outerjoin(hop.rows, true())
            seen += hop.seen
        members.append((part.key, _value(build, part, hops, planner, reading.document)))
    columns: list[ColumnElement[Any]] = [build_object(members).label("answer")]
    if seen:
        laterals, log = told(seen, "seen")
        columns.append(log.label("log"))
        for lateral in laterals:
            joined = joined.outerjoin(lateral, true())
    compiled = (
        select(*columns).select_from(joined).compile(dialect=DIALECT, compile_kwargs={"render_postcompile": True})
    )
    names: list[str] = _names(compiled)
    return Compiled(
        Statement(compiled.string, logs=bool(seen)),
        tuple(_find(name, build, compiled.params) for name in names),
        tuple(build.binding.bound),
    )


def _names(compiled: Any) -> list[str]:
    """Names of the binds, in the order of their numbers."""
    return list(compiled.positiontup or ())


def _find(name: str, build: Build, params: Mapping[str, Any]) -> Find:
    """A bind's finder; a constant that SQLAlchemy bound by itself stands for itself."""
    if name in build.binding.finds:
        return build.binding.finds[name]
    constant = params[name]
    return lambda _: constant


def _value(build: Build, part: RootPart, hops: list[Hop], planner: Planner, document: Document) -> ColumnElement[Any]:
    if part.name == "__typename":
        return inline("Query")
    if part.catalogue is not None:
        told = json.dumps(entries(planner, document, part.catalogue))
        return cast(build.binding.bind(lambda _: told, Text()), JSON)
    if part.ids is None:
        return hops[0].a
    given = part.ids
    if not part.several:
        wanted = build.binding.given(given, Text())
        return func.coalesce(*(hop.a.op("->", return_type=JSON())(wanted) for hop in hops), null())
    ids = build.binding.given(given, ARRAY(Text()))
    each = func.unnest(ids).table_valued("id", with_ordinality="place", name="wanted").render_derived()
    found = [hop.a.op("->", return_type=JSON())(each.c.id) for hop in hops]
    one = func.coalesce(*found, cast(inline("null"), JSON), type_=JSON())
    whole = select(func.json_agg(aggregate_order_by(one, each.c.place.asc()))).select_from(each)
    return func.coalesce(whole.scalar_subquery(), cast(inline("[]"), JSON), type_=JSON())
