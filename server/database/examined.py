"""What `usher doctor` asks of a server: versions, roles, clock, and what stands between."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Final, LiteralString

import psycopg

from server.database.application_role import complaints
from server.errors import Unavailable

Connection = psycopg.AsyncConnection[tuple[Any, ...]]

_FACTS: LiteralString = """
SELECT current_setting('server_version_num')::int, current_user::text, current_setting('max_connections')::int,
    pg_catalog.pg_backend_pid(),
    ARRAY(SELECT e.extname::text FROM pg_catalog.pg_extension AS e WHERE e.extname <> 'plpgsql' ORDER BY 1)
"""
_CLOCK: LiteralString = "SELECT extract(epoch FROM clock_timestamp())::float8"
_SECONDS: Final = 10


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """`version` as PostgreSQL numbers it (180001); `skew`: by how many seconds its clock is ahead of this machine's;
    `pooled`: whether something between us and the server answers in its place."""

    version: int
    user: str
    most_connections: int
    extensions: tuple[str, ...]
    skew: float
    pooled: bool
    complaints: tuple[str, ...]


async def connected(address: str) -> Connection:
    """A plain connection that commits by itself. Raises Unavailable."""
    try:
        return await psycopg.AsyncConnection.connect(
            address, autocommit=True, prepare_threshold=None, application_name="usher doctor", connect_timeout=_SECONDS
        )
    except psycopg.OperationalError:
        raise Unavailable("The database doesn't answer, or refuses the role.") from None


async def server_facts(connection: Connection) -> ServerFacts:
    """Raises psycopg.Error."""
    [row] = await (await connection.execute(_FACTS)).fetchall()
    version, user, most, pid, extensions = row
    return ServerFacts(
        version=version,
        user=user,
        most_connections=most,
        extensions=tuple(extensions),
        skew=await skew(connection),
        # A pooler gives each client a number of its own, which no process of the server has.
        pooled=pid != connection.pgconn.backend_pid,
        complaints=tuple(await complaints(connection)),
    )


async def skew(connection: Connection) -> float:
    """By how many seconds the database's clock is ahead of this machine's. Raises psycopg.Error."""
    before = time.time()
    [(there,)] = await (await connection.execute(_CLOCK)).fetchall()
    return there - (before + time.time()) / 2
