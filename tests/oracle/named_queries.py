"""The named queries' SQL: what each is compiled to for one account of the small school, printed to be read.

`python -m tests.oracle.named_queries` writes the files anew; the test only compares.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import sqlglot
from graphql import FragmentDefinitionNode, OperationDefinitionNode, parse
from graphql.execution.values import get_variable_values

from server.policies.planner import Planner
from server.policies.profile import Profile
from server.policies.shipped import shipped_ceiling, starting_book
from server.policies.vocabulary import Capacity
from server.queries.reading import Compiled, compile_reading, read_query
from server.queries.selection import Document
from server.resolvers.schema import graphql_schema
from tests.oracle.asker import asker
from tests.oracle.rows import Rows
from tests.worlds import World, small_school

FOLDER = Path(__file__).parents[1] / "bench" / "queries"


@dataclass(frozen=True)
class Named:
    """A query with its sidecar, a JSON file: {account, capacity, variables}; `lrn:ann` stands for ann's id."""

    name: str
    document: str
    account: str
    capacity: str
    given: dict[str, str]

    def variables(self, world: World) -> dict[str, str]:
        return {name: _id(world, *text.split(":")) for name, text in self.given.items()}

    @property
    def committed(self) -> Path:
        return FOLDER / f"{self.name}.sql"


def named_queries() -> Iterator[Named]:
    for path in sorted(FOLDER.glob("*.graphql")):
        sidecar: dict[str, Any] = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        document = path.read_text(encoding="utf-8")
        yield Named(path.stem, document, sidecar["account"], sidecar["capacity"], sidecar["variables"])


def compiled(named: Named, world: World) -> Compiled:
    """The statement under the shipped rule book, for the roles and facts that the account has in `world`."""
    rows = Rows(world)
    who = asker(rows, world.ids[named.account], named.capacity).who
    profile = Profile(Capacity(named.capacity), who.roles, who.facts)
    document = parse(named.document)
    operation = next(one for one in document.definitions if isinstance(one, OperationDefinitionNode))
    fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
    coerced: Any = get_variable_values(graphql_schema(), operation.variable_definitions or (), named.variables(world))
    reading = read_query(graphql_schema(), Document(fragments, coerced.coerced), operation.selection_set)
    return compile_reading(reading, Planner(starting_book(), shipped_ceiling()), profile)


def printed(named: Named, world: World) -> str:
    """The statement laid out, under a line that says for whom it is."""
    text = sqlglot.parse_one(compiled(named, world).statement.text, read="postgres").sql("postgres", pretty=True)
    return f"-- {named.name} as {named.account}, {named.capacity}, under the rule book a school starts with\n{text}\n"


def _id(world: World, prefix: str, handle: str) -> str:
    return f"{prefix}_{world.ids[handle].hex}"


def write(today: date) -> None:
    world = small_school("named queries", today)
    for named in named_queries():
        named.committed.write_text(printed(named, world), encoding="utf-8")


if __name__ == "__main__":
    write(datetime.now(UTC).date())
