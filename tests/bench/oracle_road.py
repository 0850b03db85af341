"""The independent oracle as a road: graphql-core over a whole school's rows in memory, Casbin asked cell by cell.

Casbin's answers are remembered for cells of one kind (element, action, relations of the row), and rows are loaded and
indexed before the clock starts, so this is what plain resolvers cost once a server has cached all it can: no SQL, no
HTTP, no printing.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import psycopg
from graphql import parse
from psycopg import sql
from psycopg.rows import dict_row

from server import tables
from server.policies.rule_book import RuleBook
from server.tables.row import Row
from tests.bench.dataset import Dataset
from tests.bench.operations import Operation
from tests.oracle.answering import Oracle
from tests.oracle.asker import asker
from tests.oracle.comparing import exact
from tests.oracle.enforcing import Books
from tests.oracle.rows import Rows, Values
from tests.worlds import World

_BOOK = """\
SELECT v.content FROM usher.policy_version v JOIN usher.policy_head h USING (school_id, version) WHERE v.school_id = %s"""


@dataclass(frozen=True, slots=True)
class Answered:
    """`seconds` of the second run; `cells` are the questions that the policy was asked."""

    data: Any
    seconds: float
    cells: int


class IndexedRows(Rows):
    """Looked up by index: a whole school's rows are too many to be searched for each field."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._indexes: dict[tuple[str, ...], dict[tuple[Any, ...], list[Values]]] = {}

    def where(self, table: str, **wanted: Any) -> Iterator[Values]:
        columns = tuple(wanted)
        index = self._indexes.get((table, *columns))
        if index is None:
            index = self._indexes[table, *columns] = {}
            for row in self.all(table):
                index.setdefault(tuple(row[column] for column in columns), []).append(row)
        return iter(index.get(tuple(wanted.values()), ()))


class OracleRoad:
    """One school, loaded whole as the tables' owner."""

    def __init__(self, data: Dataset) -> None:
        self._data = data

    @cached_property
    def _oracle(self) -> Oracle:
        school = self._data.school.school_id
        world = World("bench", datetime.now(UTC).date(), school)
        with _connected(self._data.owner_url) as connection:
            for row_class in _row_classes():
                world.rows[row_class] = _rows(connection, row_class, school)
            found = connection.execute(_BOOK, [school]).fetchone()
        assert found is not None
        return Oracle(IndexedRows(world), Books(RuleBook.from_content(found["content"])))

    def answer(self, operation: Operation, stated: tuple[str, ...] = ("reason",)) -> Answered:
        """Asked twice, timed the second time. Raises AssertionError where the oracle finds errors."""
        oracle, document = self._oracle, parse(operation.document)
        principal = operation.account.principal
        who = asker(oracle.rows, principal.person_id, principal.capacity, stated)
        oracle.answer(document, operation.variables, who)
        begun = time.perf_counter()
        result, _, cells = oracle.answer(document, operation.variables, who)
        took = time.perf_counter() - begun
        assert not result.errors, f"the oracle answers with errors: {result.errors[0].message}"
        return Answered(result.data, took, cells)


def _connected(url: str) -> psycopg.Connection[dict[str, Any]]:
    return psycopg.Connection[dict[str, Any]].connect(url, row_factory=dict_row)


def _row_classes() -> list[type[Row]]:
    named = [getattr(tables, name) for name in tables.__all__]
    return [one for one in named if isinstance(one, type) and issubclass(one, Row) and one is not Row]


def _rows(connection: psycopg.Connection[dict[str, Any]], row_class: type[Row], school: Any) -> list[dict[str, Any]]:
    name = str(vars(row_class)["__tablename__"])
    table = sql.Identifier("usher", name)
    if "school_id" not in tables.metadata.tables[f"usher.{name}"].c:
        return connection.execute(sql.SQL("SELECT * FROM {}").format(table)).fetchall()
    return connection.execute(sql.SQL("SELECT * FROM {} WHERE school_id = %s").format(table), [school]).fetchall()


def same(answered: Answered, body: bytes) -> None:
    """Raises AssertionError where the server's answer is another: order of keys and text of numbers count."""
    (kind, told), expected = exact(body.decode()), exact(json.dumps({"data": answered.data}))
    told = [(key, value) for key, value in told if key != "extensions"]
    assert (kind, told) == expected, "the compiled road and the oracle give different answers"
