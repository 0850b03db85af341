"""The server under comparison: operations run for a person, with what the comparison must look behind."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, time
from typing import Any
from uuid import UUID

from server.database.pool import Pool
from server.database.reads import LogMap
from server.identity.principal import Principal
from server.queries.cursors import Cursors
from server.resolvers import execution
from server.resolvers.asked import Asked
from server.resolvers.execution import Execution, OperationRequest
from tests.worlds import World

KEY = b"k" * 32


class Served:
    """`positions` maps each cursor that was handed out to the key of its row; `log` is what the last audit row names."""

    def __init__(self, pool: Pool, monkeypatch: Any, world: World, cursor_key: bytes = KEY) -> None:
        self.positions: dict[str, str] = {}
        self.log: dict[str, set[str]] = {}
        noon = datetime.combine(world.today, time(12), UTC)
        monkeypatch.setattr(execution, "Cursors", self._cursors())
        monkeypatch.setattr(Asked, "audit", self._audit())
        self.execution = Execution(pool, cursor_key, clock=lambda: noon)

    async def ask(
        self,
        world: World,
        person: UUID,
        capacity: str,
        document: str,
        variables: dict[str, Any] | None = None,
        reason: str | None = None,
        purpose: str | None = None,
    ) -> str:
        """The body's text, each cursor in it replaced by the key of the row it stands at."""
        self.log = {}
        principal = Principal(world.school_id, person, capacity, None, "token", 0, factor=True)
        request = OperationRequest(document, None, variables or {}, principal, purpose, reason)
        answer = await self.execution.run(request)
        text = answer.body.decode()
        for cursor in re.findall(r'"([A-Za-z0-9_-]{40,})"', text):
            if cursor in self.positions:
                text = text.replace(f'"{cursor}"', json.dumps(self.positions[cursor]))
        return text

    async def raw(
        self,
        world: World,
        person: UUID,
        capacity: str,
        document: str,
        variables: dict[str, Any] | None = None,
        reason: str | None = None,
    ) -> Any:
        """The parsed body as a client gets it."""
        self.log = {}
        principal = Principal(world.school_id, person, capacity, None, "token", 0, factor=True)
        request = OperationRequest(document, None, variables or {}, principal, None, reason)
        answer = await self.execution.run(request)
        return json.loads(answer.body)

    def _cursors(self) -> type[Cursors]:
        positions = self.positions

        class Watched(Cursors):
            def seal(self, answer: bytes, bound: list[bytes]) -> bytes:
                def sealed(match: re.Match[bytes]) -> bytes:
                    found = super(Watched, self).seal(match[0], bound)
                    positions[found.decode()] = str(json.loads(bytes.fromhex(match[1].decode()))[-1])
                    return found

                return re.sub(rb"cur\.%s\.\d+\.([0-9a-f]+)" % self.mark.encode(), sealed, answer)

        return Watched

    def _audit(self) -> Any:
        original, served = Asked.audit, self

        async def audit(asked: Asked, connection: Any, log: LogMap, *rest: Any) -> None:
            served.log = {element: set(ids) for element, ids in log.items()}
            await original(asked, connection, log, *rest)

        return audit
