"""Every statement of the suite names its school: data rule 6, checked on what the server was told.

A plugin: the worker's `database` is reached through one tap on the wire, and after each test what it sent is parsed.
Each tenant table that a statement mentions needs `school_id = <value>` of its own, in the WHERE or ON of the very
query that mentions it, so that a distributed database routes the statement to one node. Tests that speak bare SQL on
purpose, to show what a wall alone does, use `bare_app_url`; tests that look behind the scenes use `owner_url`.
"""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from server.tables import metadata
from server.tables.row import SCHEMA
from tests.database import Database
from tests.wire_tap import Kind, WireTap

TENANT_TABLES = frozenset(table.name for table in metadata.tables.values() if table.info["tenant"])
_RECORDER = pytest.StashKey["Recorder"]()
_SHOWN = 400
# What may stand on the other side of `school_id =`: a value, however it was cast.
_VALUES = (exp.Parameter, exp.Placeholder, exp.Literal)


def unscoped(text: str) -> list[str]:
    """The tenant tables (as written, with alias) that the statement mentions without naming their school.

    A statement that can't be parsed is a finding too: nothing passes because nobody understood it.
    """
    try:
        statements = sqlglot.parse(text, read="postgres")
    except SqlglotError as error:
        return [f"the whole statement, which sqlglot can't parse: {str(error).splitlines()[0]}"]
    return [finding for statement in statements if statement for finding in _findings(statement)]


def _findings(statement: exp.Expr) -> Iterator[str]:
    for table in statement.find_all(exp.Table):
        if table.name not in TENANT_TABLES or table.db not in ("", SCHEMA) or _is_common_table(table):
            continue
        if not _is_scoped(table):
            yield table.sql("postgres")


def _is_common_table(table: exp.Table) -> bool:
    """Whether an unqualified name means a WITH query around it."""
    if table.db:
        return False
    around = table.parent
    while around is not None:
        clause = around.args.get("with_") or around.args.get("with")
        if isinstance(clause, exp.With) and any(query.alias == table.name for query in clause.expressions):
            return True
        around = around.parent
    return False


def _is_scoped(table: exp.Table) -> bool:
    home = table.find_ancestor(exp.Select, exp.Update, exp.Delete, exp.Insert, exp.Merge)
    if isinstance(home, exp.Insert):
        return _lists_school(home)
    return home is not None and any(_names_school(table, test, home) for test in _conditions(home))


def _lists_school(insert: exp.Insert) -> bool:
    return isinstance(insert.this, exp.Schema) and any(column.name == "school_id" for column in insert.this.expressions)


def _conditions(home: exp.Expr) -> Iterator[exp.Expr]:
    """Everything that must hold, of WHERE and of each join's ON, in this query itself."""
    tests = [home.args.get("where"), *(join.args.get("on") for join in home.find_all(exp.Join) if _is_of(join, home))]
    for test in tests:
        if test is not None:
            condition = test.this if isinstance(test, exp.Where) else test
            yield from (condition.flatten() if isinstance(condition, exp.And) else (condition,))


def _is_of(part: exp.Expr, home: exp.Expr) -> bool:
    return part.find_ancestor(exp.Select, exp.Update, exp.Delete, exp.Insert, exp.Merge) is home


def _names_school(table: exp.Table, test: exp.Expr, home: exp.Expr) -> bool:
    while isinstance(test, exp.Paren):
        test = test.this
    if not isinstance(test, exp.EQ):
        return False
    for column, value in ((test.left, test.right), (test.right, test.left)):
        if isinstance(column, exp.Column) and column.name == "school_id" and _is_value(value):
            return column.table == table.alias_or_name or (not column.table and _alone(home))
    return False


def _is_value(value: exp.Expr) -> bool:
    while isinstance(value, exp.Cast | exp.Paren):
        value = value.this
    return isinstance(value, _VALUES)


def _alone(home: exp.Expr) -> bool:
    """Whether the query reads one table only, so that a bare column can't be another's."""
    return sum(_is_of(table, home) for table in home.find_all(exp.Table, exp.Subquery, exp.Lateral)) == 1


class Recorder:
    """The tap in front of one worker's database, and what was found in each text that went through."""

    def __init__(self, database: Database, tap: WireTap) -> None:
        self.bare_url = database.app_url
        self._tap = tap
        self.judged: dict[str, list[str]] = {}

    def judge(self) -> Iterator[str]:
        """One sentence for each offending text that was sent since the last call."""
        texts = {sent.text for sent in self._tap.sent if sent.kind is not Kind.CONTROL}
        self._tap.clear()
        for text in sorted(texts):
            if text not in self.judged:
                self.judged[text] = unscoped(text)
            if self.judged[text]:
                tables = ", ".join(self.judged[text])
                yield f"A statement doesn't say school_id = a value for {tables}:\n{text[:_SHOWN]}"


@contextmanager
def recording(database: Database, config: pytest.Config) -> Generator[Database]:
    """The same database, whose application address leads through the recorder."""
    with WireTap(database.app_url) as tap:
        config.stash[_RECORDER] = Recorder(database, tap)
        yield replace(database, app_url=tap.url)
        del config.stash[_RECORDER]


@pytest.fixture(scope="session")
def recorder(database: Database, request: pytest.FixtureRequest) -> Recorder:
    return request.config.stash[_RECORDER]


@pytest.fixture(scope="session")
def bare_app_url(recorder: Recorder) -> str:
    """The application's role past the recorder, for SQL that leaves the school to the walls on purpose."""
    return recorder.bare_url


@pytest.fixture(autouse=True)
def statements_name_their_school(request: pytest.FixtureRequest) -> Generator[None]:
    """Fails the test that sent a statement which doesn't."""
    yield
    recorder = request.config.stash.get(_RECORDER, None)
    findings = list(recorder.judge()) if recorder else []
    if findings:
        pytest.fail("\n".join(findings), pytrace=False)
