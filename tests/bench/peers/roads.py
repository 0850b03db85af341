"""The servers that are compared, each driven for one round by the same client."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from tests.bench import processor_time
from tests.bench.http_client import Connection
from tests.bench.load import Round, drive

USHER, POSTGRAPHILE, MERCURIUS = "usher", "postgraphile", "mercurius"
MERCURIUS_WALLED = "mercurius walled"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A server and its kept-alive connections, one a lane."""

    name: str
    pid: int
    connections: list[Connection]


class Http:
    """One request again and again on each connection. `busiest` is the most that the client took of one core."""

    def __init__(self, endpoint: Endpoint, request: bytes, data: Path) -> None:
        self.name = endpoint.name
        self.busiest = 0.0
        self._endpoint = endpoint
        self._request = request
        self._data = data

    async def ask(self, lane: int = 0) -> bytes:
        return await self._endpoint.connections[lane].ask(self._request)

    async def round(self, seconds: float) -> Round:
        before, begun = time.process_time(), time.perf_counter()
        found = await drive(self.ask, len(self._endpoint.connections), seconds, self._cpu)
        self.busiest = max(self.busiest, (time.process_time() - before) / (time.perf_counter() - begun))
        return found

    def _cpu(self) -> tuple[float, float]:
        return processor_time.of_process(self._endpoint.pid), processor_time.of_database(self._data)
