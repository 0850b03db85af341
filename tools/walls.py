"""Writes server/migrations/standing.json from a database that was just migrated: `python -m tools.walls [ADDRESS]`.

ADDRESS is of its application's role; without it, an embedded database is made for it, and removed.
"""

import asyncio
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import psycopg

from server.database.embedded import running_cluster
from server.database.roles import APP, OWNER
from server.migrations import migrate
from server.migrations.standing import FILE, standing


async def _standing(address: str) -> dict[str, Any]:
    async with await psycopg.AsyncConnection.connect(address, autocommit=True) as connection:
        return await standing(connection)


def written(found: dict[str, Any]) -> str:
    """A table a line, so that a change is seen."""
    rows = ",\n".join(
        f"  {json.dumps(name)}: {json.dumps(table, sort_keys=True)}" for name, table in found["tables"].items()
    )
    return f'{{"postgresql": {found["postgresql"]}, "partitions": [], "tables": {{\n{rows}\n}}}}\n'


def main(arguments: list[str]) -> int:
    if arguments:
        FILE.write_text(written(asyncio.run(_standing(arguments[0]))), encoding="utf-8")
        return 0
    with tempfile.TemporaryDirectory(prefix="usher-walls-") as name:
        Path(name).chmod(0o755)
        with running_cluster(Path(name) / "home", lambda _: None) as cluster:
            migrate(cluster.url(OWNER))
            return main([cluster.url(APP)])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
