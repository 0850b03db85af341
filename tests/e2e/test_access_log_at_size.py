"""accessLog among 200,000 rows: PostgreSQL finds a learner's and a person's by indexes, behind all walls."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from graphql import OperationDefinitionNode, parse

from server.database.context import Isolation
from server.database.messages import begin
from server.database.pool import Pool
from server.identity.principal import Principal
from server.policies.shipped import shipped_ceiling
from server.queries.cursors import Cursors
from server.queries.reading import compile_reading, read_query
from server.queries.selection import Document
from server.resolvers.asked import Standings
from server.resolvers.schema import graphql_schema
from tests.database import Database, Server
from tests.worlds import World, insert_world, small_school

MANY = 200_000


@pytest.fixture(scope="module")
def crowded(database_server: Server, today: Any) -> Generator[tuple[Database, World]]:
    """Two hundred thousand rows of one school, and their index, in a database of their own."""
    if not database_server.can_create:
        pytest.skip("needs an owner with CREATEDB")
    made = database_server.make()
    world = small_school("crowded", today)
    insert_world(made.app_url, world)
    with psycopg.connect(made.owner_url) as connection:
        _crowd(connection, world)
    yield made, world
    database_server.drop(made)


def _crowd(connection: psycopg.Connection[Any], world: World) -> None:
    values = {"school": world.school_id, "many": MANY, "people": [world.ids[h] for h in ("teacher", "senco", "head")]}
    connection.execute(
        "INSERT INTO usher.audit_operation (school_id, audit_id, occurred_at, person_id, capacity, roles, facts, "
        "profile_version, policy_version, guardrail_digest, kind, document_digest, footprint, elements, salt, user_salt) "
        "SELECT %(school)s, gen_random_uuid(), now() - n * interval '1 minute', (%(people)s::uuid[])[1 + (n %% 997 = 0)::int], "
        "'STAFF', '{}', '{}', 1, 1, '', 'read', '', '{}', '{\"mark\": []}', gen_random_uuid(), gen_random_uuid() "
        "FROM generate_series(1, %(many)s) AS n",
        values,
    )
    connection.execute("INSERT INTO usher.audit_seal VALUES (%(school)s, 1, now(), 1, '', NULL, NULL, '')", values)
    connection.execute(
        "INSERT INTO usher.audit_subject SELECT school_id, CASE WHEN get_byte(uuid_send(audit_id), 1) < 16 THEN "
        "%(ann)s ELSE gen_random_uuid() END, audit_id FROM usher.audit_operation "
        "WHERE school_id = %(school)s AND get_byte(uuid_send(audit_id), 0) < 32",
        values | {"ann": world.ids["ann"]},
    )
    connection.execute("ANALYZE usher.audit_operation, usher.audit_subject, usher.audit_seal")


async def _explained(pool: Pool, world: World, document: str) -> list[dict[str, Any]]:
    """The plan's nodes, with what each really read, of the officer's statement in the officer's transaction."""
    principal = Principal(world.school_id, world.ids["dpo"], "STAFF", None, "", 0, factor=True)
    asked = await Standings(pool, shipped_ceiling()).of(principal, datetime.now(UTC), None, None)
    operation = parse(document).definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    reading = read_query(graphql_schema(), Document({}, {}), operation.selection_set)
    compiled = compile_reading(reading, asked.planner, asked.profile)
    connection = await pool.take()
    await begin(connection, asked.context, Isolation.READ)
    text = f"EXPLAIN (ANALYZE, FORMAT JSON) {compiled.statement.text}".encode()
    await connection.reader.execute(text, compiled.parameters(asked.run({}, Cursors(bytes(32)))))
    [[plans]] = await connection.reader.fetchall()
    await connection.rollback()
    await pool.putconn(connection)
    return list(_nodes(plans[0]["Plan"]))


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from _nodes(child)


@pytest.mark.parametrize(("argument", "prefix", "handle"), [("learner", "lrn", "ann"), ("person", "stf", "senco")])
async def test_filters_read_few_of_many_rows(
    crowded: tuple[Database, World], argument: str, prefix: str, handle: str
) -> None:
    """No table of the audit is read from end to end, nor by the school alone."""
    database, world = crowded
    document = f'{{ accessLog({argument}: "{prefix}_{world.ids[handle].hex}", first: 20) {{ nodes {{ reference }} }} }}'
    async with Pool(database.app_url, min_size=1, max_size=2) as pool:
        plan = await _explained(pool, world, document)
    scans = [node for node in plan if node.get("Relation Name") in ("audit_operation", "audit_subject")]
    assert any(node["Relation Name"] == "audit_operation" for node in scans)
    for node in scans:
        read = (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
        assert node["Node Type"] != "Seq Scan", node
        assert read < MANY / 20, node
