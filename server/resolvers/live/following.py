"""One subscription operation: what it asks for, and its events as the asker may read them now."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from server.database.reads import LogMap, read
from server.errors import BadUserInput
from server.policies.permit import Coordinate
from server.queries.arguments import evaluated
from server.queries.asking import Reader
from server.queries.cursors import Cursors
from server.queries.event_reading import GATE, ID_KEY, read_event
from server.queries.events import OutboxEvent
from server.queries.ids import GlobalId
from server.queries.nouns import NOUNS
from server.queries.reading import Reading
from server.queries.selection import Document
from server.resolvers.asked import Asked
from server.resolvers.execution import Execution, Sent
from server.resolvers.live.narrowing import narrowing
from server.resolvers.live.subscription import RowTold, Subscription
from server.resolvers.live.subscriptions import SUBSCRIPTIONS
from server.resolvers.projection import written

_ROOT = frozenset(("Subscription",))


class Following:
    """Raises BadUserInput for arguments that are no ids."""

    def __init__(self, execution: Execution, sent: Sent) -> None:
        self.execution = execution
        self.sent = sent
        document = Document(sent.prepared.fragments, sent.variables)
        selected = document.select((sent.operation.selection_set,), _ROOT)
        if len(selected) != 1:
            raise BadUserInput("A subscription follows exactly one thing: select one field.", ("query",))
        self._selected = selected[0]
        self.subscription: Subscription = SUBSCRIPTIONS[self._selected.name]
        declared = Reader(execution.schema, document).declared("Subscription", self._selected)
        given = {name: evaluated(tree, sent.variables) for name, tree in declared.items()}
        self.narrowing = narrowing(given)
        self.after: str | None = given.get("after")
        self._shown = document.select(self._selected.below, frozenset((self.subscription.payload,)))
        self._reading = self._read(document)

    @property
    def coordinates(self) -> frozenset[Coordinate]:
        read_ = self._reading.coordinates if self._reading is not None else frozenset[Coordinate]()
        return self.subscription.coordinates | read_

    def _read(self, document: Document) -> Reading | None:
        row = self.subscription.row
        if row is None:
            return None
        named = (row.field, row.noun, row.column)
        return read_event(self.execution.schema, document, self.subscription.payload, self._selected, named)

    async def tell(self, events: Sequence[tuple[OutboxEvent, str]], asked: Asked) -> list[tuple[str, bytes]]:
        """Of events and their ids, those that the asker may know of: id and whole response. Raises GuardFailed."""
        row, reading = self.subscription.row, self._reading
        assert row is not None
        assert reading is not None
        keys = {event.sequence: _key(row, event) for event, _ in events}
        found = await self._rows(reading, list(dict.fromkeys(keys.values())), asked)
        told: list[tuple[str, bytes]] = []
        for event, id_ in events:
            rows = {key: by_id.get(str(keys[event.sequence])) for key, by_id in found.items()}
            if None not in rows.values():
                told.append((id_, await self._body(event, id_, rows, python=reading.python)))
        return told

    async def _rows(
        self, reading: Reading, keys: list[GlobalId], asked: Asked
    ) -> Mapping[str, Mapping[str, dict[str, Any]]]:
        """By response key and id."""
        compiled = self.execution.compile(reading, self.sent.key, asked)
        run = asked.run(self.sent.variables, Cursors(self.execution.cursor_key), {GATE: keys})

        async def audit(connection: Any, log: LogMap) -> None:
            digest, operation = self.sent.prepared.digest, self.sent.operation
            await asked.audit(connection, log, digest, operation, reading.coordinates)

        values = compiled.parameters(run)
        answer = await read(self.execution.pool, compiled.statement, values, asked.context, audit)
        rows: dict[str, list[dict[str, Any]]] = json.loads(compiled.seal(answer.json, run))
        return {key: {row.pop(ID_KEY): row for row in several} for key, several in rows.items()}

    async def _body(self, event: OutboxEvent, id_: str, rows: Mapping[str, Any], *, python: bool) -> bytes:
        known: dict[str, Any] = {
            "__typename": self.subscription.payload,
            "id": id_,
            "occurredAt": written(event.occurred_at),
            "resyncRequired": False,
        }
        members = {one.key: rows[one.key] if one.key in rows else known[one.name] for one in self._shown}
        return await self.execution.told(self.sent, {self._selected.key: members}, python=python)


def _key(row: RowTold, event: OutboxEvent) -> GlobalId:
    year = event.payload["year"] if row.yearly else None
    return GlobalId(NOUNS[row.noun].prefix, UUID(event.payload[row.key]), year)
