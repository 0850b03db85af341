"""Sends a shot over a connection of its own, and reads what comes back; nothing is waited for longer than PATIENCE."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import Final

from tests.fuzz.shot import Shot
from tests.fuzz.sockets import CLOSE, TEXT

PATIENCE: Final = 25.0
"""Seconds; a body has ten to arrive, an operation thirty at most."""
_QUIET: Final = 0.5
_LARGEST: Final = 1 << 24
_WITHOUT_BODY: Final = (204, 304)


@dataclass(slots=True)
class Outcome:
    """`status` is 0 where the connection ended without an answer; `said` are a WebSocket's messages."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""
    said: list[str] = field(default_factory=list[str])
    closed: int | None = None
    hung: bool = False

    @property
    def text(self) -> str:
        return "\n".join((self.body.decode("utf-8", "replace"), *self.said))


async def fired(port: int, shot: Shot) -> Outcome:
    outcome = Outcome()
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=_LARGEST)
    try:
        async with asyncio.timeout(PATIENCE):
            await _exchange(reader, writer, shot, outcome)
    except TimeoutError:
        outcome.hung = True
    except (ConnectionError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
    return outcome


async def _exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, shot: Shot, outcome: Outcome) -> None:
    with contextlib.suppress(ConnectionError):  # it may be refused before it is sent whole
        for part in shot.parts:
            writer.write(part)
            await writer.drain()
    closing = asyncio.create_task(_half_closed(writer)) if shot.cut else None
    try:
        await _answer(reader, shot, outcome)
    finally:
        if closing is not None:
            closing.cancel()
    if outcome.status == 101 and shot.frames is not None:
        await _socket(reader, writer, shot.frames, outcome)


async def _half_closed(writer: asyncio.StreamWriter) -> None:
    """No more will come."""
    await asyncio.sleep(_QUIET)
    with contextlib.suppress(OSError, RuntimeError):
        writer.write_eof()


async def _answer(reader: asyncio.StreamReader, shot: Shot, outcome: Outcome) -> None:
    status, headers = 100, dict[str, str]()
    while status == 100:
        status, headers = _head(await reader.readuntil(b"\r\n\r\n"))
    outcome.headers = headers
    if not (shot.parts[0].startswith(b"HEAD ") or status in _WITHOUT_BODY or status == 101):
        outcome.body = await _body(reader, headers, shot.opens)
    outcome.status = status


def _head(data: bytes) -> tuple[int, dict[str, str]]:
    first, *lines = data.decode("latin-1").split("\r\n")
    pairs = [line.split(": ", 1) for line in lines if ": " in line]
    return int(first.split(" ")[1]), {name.lower(): value for name, value in pairs}


async def _body(reader: asyncio.StreamReader, headers: dict[str, str], opens: bool) -> bytes:
    if "content-length" in headers:
        return await reader.readexactly(int(headers["content-length"]))
    if headers.get("transfer-encoding") != "chunked":
        return await reader.read(-1)
    found = b""
    while size := int((await reader.readline()).strip(), 16):
        found += (await reader.readexactly(size + 2))[:-2]
        if opens and headers["content-type"].startswith("text/event-stream"):
            break  # it has begun, and has no end
    return found


async def _socket(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, frames: tuple[bytes, ...], outcome: Outcome
) -> None:
    with contextlib.suppress(ConnectionError):
        for frame in frames:
            writer.write(frame)
            await writer.drain()
    closing = asyncio.create_task(_half_closed(writer))
    try:
        while True:
            opcode, data = await _frame(reader)
            if opcode == CLOSE:
                outcome.closed = int.from_bytes(data[:2], "big")
                return
            if opcode == TEXT:
                outcome.said.append(data.decode())
                if outcome.said[-1] == '{"type":"pong"}':
                    return
    finally:
        closing.cancel()


async def _frame(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    first, second = await reader.readexactly(2)
    size = second & 0x7F
    if size > 125:
        size = int.from_bytes(await reader.readexactly(2 if size == 126 else 8), "big")
    return first & 0xF, await reader.readexactly(size)
