"""undoMarks over HTTP: batches of thirty marks that were just recorded, one after the other."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Final
from uuid import uuid4

from tests.bench.dataset import Dataset
from tests.bench.http_client import Connection, request_bytes
from tests.bench.recording import BATCH, desks
from tests.bench.usher_server import UsherServer

_REPEATS: Final = 12
# Scores that no other part of the bench draws.
_FIRST: Final = 10_000_000
_UNDO: Final = """\
mutation Undo($input: UndoMarksInput!) {
  undoMarks(input: $input) { marks { id version } grades { id value } userErrors { code } }
}"""


@dataclass(slots=True)
class Undoing:
    """Milliseconds of whole answers: of recording a batch, and of undoing it."""

    recorded: list[float] = field(default_factory=list[float])
    undone: list[float] = field(default_factory=list[float])

    def data(self) -> dict[str, object]:
        return {"batch": BATCH, "recorded_ms": median(self.recorded), "undone_ms": median(self.undone)}

    def said(self) -> str:
        return (
            f"One batch of {BATCH} after another, alone: recorded in p50 {median(self.recorded):.1f} ms, "
            f"undone in p50 {median(self.undone):.1f} ms"
        )


async def undoing(data: Dataset, server: UsherServer) -> Undoing:
    """Every batch must be put back. The first is not counted."""
    desk, found = desks(data)[0], Undoing()
    connection = Connection(server.port)
    for number in range(_REPEATS + 1):
        recorded = await _answered(connection, desk.request(_FIRST + number), found.recorded)
        given = {"input": {"batch": recorded["recordMarks"]["batch"], "idempotencyKey": str(uuid4())}}
        undone = await _answered(connection, request_bytes(_UNDO, given, desk.token), found.undone)
        undone = undone["undoMarks"]
        # A score that was drawn as it stood already is no part of the batch.
        assert not undone["userErrors"], f"a batch was not undone whole: {str(undone['userErrors'])[:300]}"
        assert len(undone["marks"]) > BATCH // 2, "a batch was not undone"
    del found.recorded[0], found.undone[0]
    connection.close()
    return found


async def _answered(connection: Connection, request: bytes, took: list[float]) -> Any:
    begun = time.perf_counter()
    body: Any = json.loads(await connection.ask(request))
    took.append((time.perf_counter() - begun) * 1000)
    assert body.get("data"), f"a batch was refused: {str(body)[:300]}"
    return body["data"]
