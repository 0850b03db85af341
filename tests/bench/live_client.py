"""A client of one subscription over WebSocket, which costs little."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from websockets import Subprotocol
from websockets.asyncio.client import ClientConnection, connect

from tests.bench.http_client import REASON
from tests.bench.usher_server import UsherServer


class Follower:
    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    async def next(self) -> dict[str, Any]:
        """The next message but pings."""
        while True:
            frame: dict[str, Any] = json.loads(await self._connection.recv())
            if frame["type"] != "ping":
                return frame

    async def event(self) -> dict[str, Any]:
        """The next event, by its only field."""
        frame = await self.next()
        assert frame["type"] == "next", frame
        [event] = frame["payload"]["data"].values()
        return event

    async def ended(self) -> str:
        """The code by which the stream ended; events before it are passed over."""
        while (frame := await self.next())["type"] == "next":
            pass
        return frame["payload"][0]["extensions"]["code"]


@asynccontextmanager
async def follower(server: UsherServer, token: str, document: str) -> AsyncGenerator[Follower]:
    """The stream stands: what is committed from now on is told."""
    url = f"ws://127.0.0.1:{server.port}/graphql"
    protocols = [Subprotocol("graphql-transport-ws")]
    async with connect(url, subprotocols=protocols, proxy=None, compression=None, open_timeout=60) as connection:
        hello = {"type": "connection_init", "payload": {"Authorization": f"Bearer {token}", "Usher-Reason": REASON}}
        await connection.send(json.dumps(hello))
        assert json.loads(await connection.recv())["type"] == "connection_ack"
        await connection.send(json.dumps({"type": "subscribe", "id": "1", "payload": {"query": document}}))
        frame = json.loads(await connection.recv())
        assert frame["type"] == "ping", frame
        yield Follower(connection)
