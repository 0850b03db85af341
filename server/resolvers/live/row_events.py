"""Events whose row the compiled read answers, and imports, which only say that rows have changed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from server.database.context import Isolation
from server.database.reads import LogMap, read
from server.database.unit_of_work import UnitOfWork
from server.policies.permit import Coordinate
from server.queries.cost import Cost
from server.queries.cursors import Cursors
from server.queries.event_reading import GATE, ID_KEY, read_event, read_gate
from server.queries.events import OutboxEvent, imported
from server.queries.ids import GlobalId
from server.queries.nouns import NOUNS
from server.queries.reading import Reading
from server.resolvers.asked import Asked
from server.resolvers.live.probing import Rolls
from server.resolvers.live.subscribed import Subscribed
from server.resolvers.live.subscription import IMPORTED, RowTold

Found = dict[int, Mapping[str, Any]]


class Rows:
    """Of one operation; `python`: the executor has its part to add."""

    def __init__(self, of: Subscribed, row: RowTold, rolls: Rolls) -> None:
        named = (row.field, row.noun, row.column)
        payload = of.subscription.payload
        self._of = of
        self._row = row
        self._rolls = rolls
        self._reading = read_event(of.execution.schema, of.document, payload, of.selected, named)
        self._gate = read_gate(of.document, payload, named)
        self._keys = [part.key for part in self._reading.parts if part.key != GATE]

    @property
    def python(self) -> bool:
        return self._reading.python

    @property
    def cost(self) -> Cost:
        """Of one event."""
        return self._reading.cost

    @property
    def coordinates(self) -> frozenset[Coordinate]:
        return self._reading.coordinates

    async def found(self, events: Sequence[OutboxEvent], asked: Asked) -> Found:
        """By sequence number and response key the rows of those events that exist for the asker. Raises GuardFailed."""
        told = await self._of_rows([one for one in events if one.kind != IMPORTED], asked)
        for event in events:
            if event.kind == IMPORTED and await self._of_import(event, asked):
                told[event.sequence] = dict.fromkeys(self._keys)
        return told

    async def _of_rows(self, events: Sequence[OutboxEvent], asked: Asked) -> Found:
        if not events:
            return {}
        keys = {event.sequence: self._key(event) for event in events}
        rows = await self._read(self._reading, "event", list(dict.fromkeys(keys.values())), asked)
        visible = {
            sequence: str(key) for sequence, key in keys.items() if all(str(key) in by_id for by_id in rows.values())
        }
        return {sequence: {key: rows[key][id_] for key in self._keys} for sequence, id_ in visible.items()}

    async def _of_import(self, event: OutboxEvent, asked: Asked) -> bool:
        """Whether any row that it may have changed exists for the asker."""
        whom = self._of.narrowing.whom(await self._rolls.now())
        async with UnitOfWork(self._of.execution.pool, asked.context, isolation=Isolation.INQUIRY) as unit:
            rows = await imported(unit.connection, asked.principal.school_id, self._row.noun, event, whom)
            await unit.commit()
        keys = [GlobalId(NOUNS[self._row.noun].prefix, key, year) for key, year in rows]
        return bool(keys) and any((await self._read(self._gate, "import", keys, asked)).values())

    async def _read(
        self, reading: Reading, purpose: str, keys: Sequence[GlobalId], asked: Asked
    ) -> dict[str, dict[str, Any]]:
        """Rows by response key and id."""
        execution, sent = self._of.execution, self._of.sent
        compiled = execution.compile(reading, (*sent.key, purpose), asked)
        run = asked.run(sent.variables, Cursors(execution.cursor_key), {GATE: keys})

        async def audit(connection: Any, log: LogMap) -> None:
            await asked.audit(connection, log, sent.prepared.digest, sent.operation, reading.coordinates)

        answer = await read(execution.pool, compiled.statement, compiled.parameters(run), asked.context, audit)
        rows: dict[str, list[dict[str, Any]]] = json.loads(compiled.seal(answer.json, run))
        return {key: {row.pop(ID_KEY): row for row in several} for key, several in rows.items()}

    def _key(self, event: OutboxEvent) -> GlobalId:
        year = event.payload["year"] if self._row.yearly else None
        return GlobalId(NOUNS[self._row.noun].prefix, UUID(event.payload[self._row.key]), year)
