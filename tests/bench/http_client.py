"""An HTTP/1.1 client that costs little: prepared bytes out, a body of known length back, one request at a time."""

from __future__ import annotations

import asyncio
import json
from typing import Any, cast

from tests.bench.operations import Operation

REASON = "Measuring the service"


def request_bytes(document: str, variables: dict[str, Any], token: str) -> bytes:
    body = json.dumps({"query": document, "variables": variables}).encode()
    head = (
        f"POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {token}\r\nusher-reason: {REASON}\r\n"
        f"content-type: application/json\r\naccept: application/graphql-response+json\r\n"
        f"content-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def operation_bytes(operation: Operation) -> bytes:
    return request_bytes(operation.document, operation.variables, operation.account.token)


class Connection(asyncio.Protocol):
    """One kept-alive connection, opened again when the server has closed it for want of requests."""

    def __init__(self, port: int, status: bytes = b"200") -> None:
        self._port = port
        self._status = b"http/1.1 " + status
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._answer: asyncio.Future[bytes] | None = None
        self._ends = -1
        self._begins = 0

    async def ask(self, request: bytes) -> bytes:
        """The body. Raises RuntimeError for any status but the wanted one, and ConnectionError."""
        assert self._answer is None
        transport = await self._open()
        self._buffer.clear()
        self._ends = -1
        self._answer = asyncio.get_running_loop().create_future()
        transport.write(request)
        try:
            return await self._answer
        finally:
            self._answer = None

    async def _open(self) -> asyncio.Transport:
        if self._transport is None or self._transport.is_closing():
            await asyncio.get_running_loop().create_connection(lambda: self, "127.0.0.1", self._port)
        assert self._transport is not None
        return self._transport

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self._transport = None
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionError("the server closed the connection"))

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._ends < 0:
            self._read_head()
        if 0 <= self._ends <= len(self._buffer) and self._answer is not None and not self._answer.done():
            self._answer.set_result(bytes(self._buffer[self._begins : self._ends]))

    def _read_head(self) -> None:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = bytes(self._buffer[:end]).lower()
        self._begins = end + 4
        length = int(head.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
        self._ends = self._begins + length
        if not head.startswith(self._status) and self._answer is not None:
            self._answer.set_exception(RuntimeError(f"the server answered {head[:40].decode()}"))
