"""A mail server on loopback: it takes letters and keeps them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class Letters:
    """`refusing` makes the server refuse recipients; `taken` are (sender, recipients, text)."""

    port: int = 0
    refusing: bool = False
    taken: list[tuple[str, list[str], str]] = field(default_factory=list[tuple[str, list[str], str]])

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"


@asynccontextmanager
async def mail_server() -> AsyncGenerator[Letters]:
    letters = Letters()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _converse(letters, reader, writer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    letters.port = server.sockets[0].getsockname()[1]
    async with server:
        yield letters


async def _converse(letters: Letters, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """RFC 5321, as far as a client that sends needs it."""
    sender, to = "", list[str]()
    writer.write(b"220 letters.test ESMTP\r\n")
    while line := (await reader.readline()).decode().strip():
        verb = line.partition(" ")[0].upper()
        if verb == "MAIL":
            sender, to = _address(line), []
        elif verb == "RCPT" and not letters.refusing:
            to.append(_address(line))
        elif verb == "DATA":
            writer.write(b"354 go on\r\n")
            text = (await reader.readuntil(b"\r\n.\r\n")).decode()
            letters.taken.append((sender, to, text.removesuffix(".\r\n")))
        answer = {"EHLO": b"250-letters.test\r\n250 8BITMIME", "QUIT": b"221 bye"}.get(verb, b"250 ok")
        writer.write((b"550 no such person here" if verb == "RCPT" and letters.refusing else answer) + b"\r\n")
        if verb == "QUIT":
            return


def _address(line: str) -> str:
    return line.partition("<")[2].partition(">")[0]
