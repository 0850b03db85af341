"""A server that speaks PostgreSQL's protocol just well enough to be connected to, and then answers what it is told to."""

import asyncio
import struct
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

_CANCEL = 80877102
_TLS_OR_GSS = (80877103, 80877104)

PARSED, BOUND, NO_DATA = b"1", b"2", b"n"


def message(kind: bytes, body: bytes = b"") -> bytes:
    """Protocol 3: a byte, the length with itself, the body."""
    return kind + struct.pack("!I", len(body) + 4) + body


READY = message(b"Z", b"I")
ONE_COLUMN = message(b"T", struct.pack("!H", 1) + b"answer\0" + struct.pack("!IHIhiH", 0, 0, 114, -1, -1, 0))


def done(tag: bytes) -> bytes:
    """The whole answer to one command without rows: parsed, bound, described, executed."""
    return message(PARSED) + message(BOUND) + message(NO_DATA) + message(b"C", tag + b"\0")


def answered(*rows: bytes) -> bytes:
    """The same of a command with rows of one column."""
    told = b"".join(message(b"D", struct.pack("!HI", 1, len(row)) + row) for row in rows)
    return message(PARSED) + message(BOUND) + ONE_COLUMN + told + message(b"C", b"SELECT 1\0")


CANCELLED = message(b"E", b"SERROR\0VERROR\0C57014\0Mcancelled\0\0")
_GREETING = (
    message(b"R", struct.pack("!I", 0))
    + message(b"S", b"server_version\0" + b"18.0\0")
    + message(b"S", b"client_encoding\0" + b"UTF8\0")
    + message(b"S", b"standard_conforming_strings\0" + b"on\0")
    + message(b"K", struct.pack("!II", 1, 2))
    + READY
)


class FalseServer:
    """`answer` is sent for each Sync; `hangs_up` then closes. Cancel requests are counted; that of the number `heeds` ends
    what is asked, and with it the silence."""

    def __init__(self, answer: bytes, *, hangs_up: bool) -> None:
        self.answer = answer
        self.hangs_up = hangs_up
        self.asked = asyncio.Event()
        self.cancelled = 0
        self.heeds = 0
        self.connections = 0
        self.url = ""
        self._asking: asyncio.StreamWriter | None = None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if await self._greeted(reader, writer):
                await self._converse(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client hung up
        finally:
            writer.close()

    async def _greeted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        while True:
            length, code = struct.unpack("!II", await reader.readexactly(8))
            await reader.readexactly(length - 8)
            if code == _CANCEL:
                self._cancel()
                return False
            if code not in _TLS_OR_GSS:
                writer.write(_GREETING)
                self.connections += 1
                return True
            writer.write(b"N")

    def _cancel(self) -> None:
        self.cancelled += 1
        if self.cancelled == self.heeds and self._asking is not None:
            self._asking.write(CANCELLED + READY)
            self.answer = READY

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            kind, length = struct.unpack("!cI", await reader.readexactly(5))
            await reader.readexactly(length - 4)
            if kind == b"X":
                return
            if kind == b"S":
                self._asking = writer
                self.asked.set()
                writer.write(self.answer)
                await writer.drain()
                if self.hangs_up:
                    return


@asynccontextmanager
async def false_server(answer: bytes, *, hangs_up: bool = False) -> AsyncGenerator[FalseServer]:
    one = FalseServer(answer, hangs_up=hangs_up)
    listening = await asyncio.start_server(one.serve, "127.0.0.1", 0)
    one.url = f"postgresql://nobody@127.0.0.1:{listening.sockets[0].getsockname()[1]}/none"
    try:
        yield one
    finally:
        listening.close()
