"""upsertLearners of a whole school at a time over HTTP: made, sent again as they are, and changed; rows a second."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from statistics import median
from typing import Any, Final
from uuid import uuid4

from server.commands.rosters.batch import MOST_ROWS
from tests.bench import processor_time
from tests.bench.accounts import accounts
from tests.bench.dataset import Dataset
from tests.bench.http_client import Connection, request_bytes
from tests.bench.usher_server import UsherServer

_DOCUMENT: Final = """mutation($i: UpsertLearnersInput!) {
    upsertLearners(input: $i) { results { id outcome record version } userErrors { code path } } }"""
_ROUNDS: Final = 3


@dataclass(frozen=True, slots=True)
class Upserts:
    """Rows a second, of one call after the other; CPU in milliseconds for each thousand rows."""

    created: float
    unchanged: float
    changed: float
    server_cpu: float
    database_cpu: float

    def data(self) -> dict[str, object]:
        rates = {"created": self.created, "unchanged": self.unchanged, "changed": self.changed}
        cpu = {"server_cpu_ms_a_thousand": self.server_cpu, "database_cpu_ms_a_thousand": self.database_cpu}
        return {"rows": MOST_ROWS, "rows_per_second": rates, **cpu}

    def said(self) -> str:
        return (
            f"Upserts of {MOST_ROWS:,} learners a call: {self.created:.0f} rows/s made, {self.unchanged:.0f} as they were, "
            f"{self.changed:.0f} changed; CPU a thousand rows, of all three: server {self.server_cpu:.0f} ms, "
            f"database {self.database_cpu:.0f} ms"
        )


async def upserts(data: Dataset, server: UsherServer) -> Upserts:
    [program] = accounts(data, ["mis"])
    connection, files = Connection(server.port), data.cluster.files.data
    rates: dict[str, list[float]] = {"CREATED": [], "UNCHANGED": [], "CHANGED": []}
    before = processor_time.of_process(server.pid), processor_time.of_database(files)
    for _ in range(_ROUNDS):
        named = uuid4().hex[:8]
        for outcome, family in (("CREATED", "Row"), ("UNCHANGED", "Row"), ("CHANGED", "Rowe")):
            sent = {"system": "bench", "rows": _rows(named, family), "idempotencyKey": str(uuid4())}
            request = request_bytes(_DOCUMENT, {"i": sent}, program.token)
            begun = time.perf_counter()
            body = await connection.ask(request)
            rates[outcome].append(MOST_ROWS / (time.perf_counter() - begun))
            results = json.loads(body)["data"]["upsertLearners"]["results"]
            assert {one["outcome"] for one in results} == {outcome}, "rows were not taken as they were meant"
    connection.close()
    sent_rows = 3 * _ROUNDS * MOST_ROWS / 1000
    after = processor_time.of_process(server.pid), processor_time.of_database(files)
    cpu = [(end - start) * 1000 / sent_rows for start, end in zip(before, after, strict=True)]
    return Upserts(*(median(rates[one]) for one in ("CREATED", "UNCHANGED", "CHANGED")), *cpu)


def _rows(named: str, family: str) -> list[dict[str, Any]]:
    born = {"dateOfBirth": "2014-02-03", "gender": "F", "yearGroup": "7", "admittedOn": "2026-09-01"}
    return [
        {
            "id": f"{named}-{number}", "givenName": f"Given {number}", "familyName": f"{family} {number}", **born,
            "address": f"{number} High Street, Ashgrove", "email": f"{number}@home.example",
        }
        for number in range(MOST_ROWS)
    ]  # fmt: skip
