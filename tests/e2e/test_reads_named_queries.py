"""The named queries: their SQL is committed, and on a filled database every tenant's rows are found by an index."""

from __future__ import annotations

import difflib
import json
from collections.abc import Generator, Iterator
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from server import tables
from server.queries.cursors import Cursors
from server.queries.run import Run
from server.tables import metadata
from tests.database import Database
from tests.oracle.named_queries import Named, compiled, named_queries, printed
from tests.worlds import World, insert_world, small_school

SCHOOLS = 1200
NAMED = list(named_queries())


@pytest.mark.parametrize("named", NAMED, ids=lambda named: named.name)
def test_the_committed_sql_is_what_is_compiled(named: Named, today: date) -> None:
    """A change shows in review: `python -m tests.oracle.named_queries` writes the files anew."""
    found = printed(named, small_school("named queries", today))
    committed = named.committed.read_text(encoding="utf-8")
    difference = difflib.unified_diff(committed.splitlines(), found.splitlines(), "committed", "compiled", lineterm="")
    assert found == committed, "\n".join(difference)


def test_the_sql_holds_no_value_of_a_request(today: date) -> None:
    """Ids, days and people are parameters, so that a statement serves everyone with the same profile."""
    world = small_school("named queries", today)
    for named in NAMED:
        text = printed(named, world)
        assert not any(key.hex in text or str(key) in text for key in (*world.ids.values(), world.school_id))
        assert today.isoformat() not in text


@pytest.fixture(scope="module")
def filled(request: pytest.FixtureRequest, database_server: Any, today: date) -> Generator[tuple[Database, World]]:
    """A small school and as many copies of it, under ids of their own."""
    if not database_server.can_create:
        pytest.skip("needs an owner with CREATEDB")
    made = database_server.make()
    world = small_school("filled", today)
    insert_world(made.owner_url, world)
    with psycopg.connect(made.owner_url, autocommit=True) as owner:
        others = [UUID(int=world.school_id.int + 1 + number) for number in range(SCHOOLS)]
        for table in metadata.sorted_tables:
            if table.info["tenant"]:
                _copy(owner, table.name, [column.name for column in table.c], world, others)
        owner.execute("ANALYZE")
    yield made, world
    database_server.drop(made)


def _copy(
    owner: psycopg.Connection[tuple[Any, ...]], table: str, columns: list[str], world: World, others: list[UUID]
) -> None:
    kept = [name for name in columns if name != "school_id"]
    listed = sql.SQL(", ").join(map(sql.Identifier, kept))
    statement = sql.SQL(
        "INSERT INTO usher.{table} (school_id, {listed}) SELECT s.school_id, {own} FROM usher.{table} t,"
        " unnest(%s::uuid[]) AS s(school_id) WHERE t.school_id = %s"
    ).format(
        table=sql.Identifier(table),
        listed=listed,
        own=sql.SQL(", ").join(sql.SQL("t.") + sql.Identifier(name) for name in kept) if kept else sql.SQL(""),
    )
    if not kept:
        statement = sql.SQL("INSERT INTO usher.{} (school_id) SELECT unnest(%s::uuid[])").format(sql.Identifier(table))
        owner.execute(statement, [others])
        return
    owner.execute(statement, [others, world.school_id])


@pytest.mark.parametrize("named", NAMED, ids=lambda named: named.name)
def test_every_tenants_rows_are_found_by_an_index(named: Named, filled: tuple[Database, World]) -> None:
    """As the application's role, behind the walls: no sequential scan of a school's table, and the school in each index."""
    database, world = filled
    plan = _explained(database, world, named)
    scans = [node for node in _nodes(plan) if node["Node Type"].endswith("Scan") and "Relation Name" in node]
    tenants = {table.name for table in metadata.tables.values() if table.info["tenant"]}
    partitions = {f"{name}_{world.year}" for name in tenants}  # those of other years are empty
    of_tenants = [node for node in scans if node["Relation Name"] in tenants | partitions]
    assert of_tenants
    for node in of_tenants:
        assert node["Node Type"] != "Seq Scan", f"{node['Relation Name']} is scanned from end to end"
        assert "school_id" in _condition(node), f"{node['Relation Name']} is reached by {_condition(node)}"


def _condition(node: dict[str, Any]) -> str:
    """The index condition; a bitmap scan's stands at its child."""
    own = f"{node.get('Index Cond', '')} {node.get('Recheck Cond', '')}"
    return own + " ".join(_condition(child) for child in node.get("Plans", ()))


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from _nodes(child)


def _explained(database: Database, world: World, named: Named) -> dict[str, Any]:
    made = compiled(named, world)
    person = world.ids[named.account]
    run = Run(
        school=world.school_id,
        viewer=person,
        capacity=named.capacity,
        today=datetime.combine(world.today, time(12), UTC).date(),
        variables=named.variables(world),
        roles="[]",
        capabilities="[]",
        cursors=Cursors(b"k" * 32),
    )
    with psycopg.connect(database.app_url, cursor_factory=psycopg.RawCursor) as connection:
        for name, value in (("school_id", world.school_id), ("person", person), ("capacity", named.capacity)):
            connection.execute(
                sql.SQL("SET LOCAL {} = {}").format(sql.Identifier("app", name), sql.Literal(str(value)))
            )
        found = connection.execute(
            f"EXPLAIN (FORMAT JSON) {made.statement.text}".encode(), made.parameters(run)
        ).fetchone()
        assert found is not None
        told: Any = found[0]
        plans: list[dict[str, Any]] = json.loads(told) if isinstance(told, str) else told
        return plans[0]["Plan"]


def test_the_copies_are_there(filled: tuple[Database, World]) -> None:
    """Enough tenants for a sequential scan to be a choice."""
    database, world = filled
    with psycopg.connect(database.owner_url) as owner:
        found = owner.execute("SELECT count(DISTINCT school_id), count(*) FROM usher.learner").fetchone()
    assert found == (SCHOOLS + 1, (SCHOOLS + 1) * len(world.rows[tables.LearnerRow]))
