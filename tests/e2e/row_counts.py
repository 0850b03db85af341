"""How many rows of each table a school has, and what its rows say: what a refused request must not change."""

from typing import Any

import psycopg
from psycopg import sql

from server.tables import metadata
from tests.worlds import World

TENANT_TABLES = sorted(table.name for table in metadata.tables.values() if table.info["tenant"])
# Reads are audited where the rule says so; a refused write leaves nothing there either.
Snapshot = dict[str, tuple[int, str]]


def snapshot(owner_url: str, world: World) -> Snapshot:
    """The number and a hash of all rows, by table."""
    with psycopg.connect(owner_url) as connection:
        return {name: _of(connection, name, world) for name in TENANT_TABLES}


def counts(owner_url: str, world: World) -> dict[str, int]:
    return {name: number for name, (number, _) in snapshot(owner_url, world).items()}


def _of(connection: psycopg.Connection[Any], name: str, world: World) -> tuple[int, str]:
    query = sql.SQL(
        "SELECT count(*), coalesce(md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))), '')"
        " FROM usher.{} AS t WHERE school_id = %s"
    )
    row = connection.execute(query.format(sql.Identifier(name)), [world.school_id]).fetchone()
    assert row is not None
    return int(row[0]), str(row[1])
