"""How the PostgreSQL that was measured is set."""

from __future__ import annotations

from typing import Final

from server.database.pool import Pool

NAMES: Final = (
    "server_version", "shared_buffers", "work_mem", "effective_cache_size", "max_connections", "max_wal_size", "fsync",
    "synchronous_commit", "full_page_writes", "jit", "random_page_cost", "io_method", "autovacuum",
)  # fmt: skip
_ASKED: Final = (
    "SELECT s.name, pg_catalog.current_setting(s.name) FROM pg_catalog.pg_settings AS s WHERE s.name = ANY(%s)"
)


async def server_settings(pool: Pool) -> dict[str, str]:
    """Those of NAMES that this version has, as its role sees them."""
    async with pool.connection() as connection:
        rows = await (await connection.execute(_ASKED, [list(NAMES)])).fetchall()
    return dict(sorted(rows))
