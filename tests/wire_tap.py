"""A proxy between the application and PostgreSQL that writes down every statement as the server gets it."""

import asyncio
import struct
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import TracebackType
from typing import Self
from urllib.parse import quote

import sqlglot
from psycopg.conninfo import conninfo_to_dict

_CANCEL, _TLS, _GSS = 80877102, 80877103, 80877104
_CONTROL = (
    "BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE", "SET LOCAL", "DEALLOCATE",
)  # fmt: skip
_GUARD = "SELECT 1 / (count(*) = 1)::int FROM usher.policy_head"


class Kind(Enum):
    """Transaction control (SET LOCAL too) and the versions' guard are told apart from the statements that count."""

    STATEMENT = "statement"
    CONTROL = "control"
    GUARD = "guard"


@dataclass(frozen=True, slots=True)
class Sent:
    """One statement that the server was told to execute, with its bound values as sent."""

    text: str
    kind: Kind
    connection: int
    values: tuple[bytes | None, ...] = ()


@dataclass(slots=True)
class _Session:
    """What one connection has prepared and bound."""

    number: int
    prepared: dict[bytes, str] = field(default_factory=dict[bytes, str])
    bound: dict[bytes, tuple[str, tuple[bytes | None, ...]]] = field(
        default_factory=dict[bytes, tuple[str, tuple[bytes | None, ...]]]
    )


class WireTap:
    """`with WireTap(app_url) as tap:` then connect to `tap.url`. Runs in a thread of its own, so any test may use it.

    A statement is written down before the server sees it, thus before its answer can arrive.
    """

    def __init__(self, url: str) -> None:
        self._target = conninfo_to_dict(url)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="wire tap", daemon=True)
        self._links: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._connections = 0
        self._news = threading.Condition()
        self.sent: list[Sent] = []
        self.prepared: list[str] = []
        self.names: set[bytes] = set()
        self.closed = 0
        self.round_trips = 0
        self.url = ""

    @property
    def statements(self) -> list[str]:
        """Texts of what was executed, without transaction control and guard."""
        return [sent.text for sent in self.sent if sent.kind is Kind.STATEMENT]

    @property
    def control(self) -> list[str]:
        return [sent.text for sent in self.sent if sent.kind is Kind.CONTROL]

    @property
    def guards(self) -> list[str]:
        return [sent.text for sent in self.sent if sent.kind is Kind.GUARD]

    def clear(self) -> None:
        """Forget what was written down; connections and their prepared statements stay."""
        self.sent.clear()
        self.prepared.clear()
        self.names.clear()
        self.closed = 0
        self.round_trips = 0

    def wait_for(self, text: str, seconds: float = 10.0) -> bool:
        """Wait until that statement was sent; False if it wasn't in time. From a coroutine: `asyncio.to_thread`."""
        with self._news:
            return self._news.wait_for(lambda: text in self.statements, seconds)

    def cut(self) -> None:
        """Break every connection now, as a failing network would."""
        asyncio.run_coroutine_threadsafe(self._end_links(), self._loop).result()

    def __enter__(self) -> Self:
        self._thread.start()
        port = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()
        self.url = _as_url({**self._target, "host": "127.0.0.1", "port": port})
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _listen(self) -> int:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
        await self._end_links()

    async def _end_links(self) -> None:
        links = list(self._links)
        for link in links:
            link.cancel()
        await asyncio.gather(*links, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = self._loop.create_task(self._link(reader, writer))
        self._links.add(link)
        link.add_done_callback(self._links.discard)

    async def _link(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server_writer: asyncio.StreamWriter | None = None
        try:
            start = await _startup(reader, writer)
            server_reader, server_writer = await self._connect()
            server_writer.write(start)
            self._connections += 1
            session = _Session(self._connections)
            async with asyncio.TaskGroup() as tasks:
                back = tasks.create_task(_copy(server_reader, writer))
                await self._forward(session, reader, server_writer)
                back.cancel()
        except (OSError, asyncio.IncompleteReadError, ExceptionGroup):
            pass  # one side hung up
        finally:
            for end in (writer, server_writer):
                if end is not None:
                    end.close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        host, port = str(self._target.get("host") or "127.0.0.1"), int(self._target.get("port") or 5432)
        if host.startswith("/"):
            return await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        return await asyncio.open_connection(host, port)

    async def _forward(self, session: _Session, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            header = await reader.readexactly(5)
            body = await reader.readexactly(int.from_bytes(header[1:], "big") - 4)
            self._write_down(session, header[:1], body)
            writer.write(header + body)
            if header[:1] == b"X":
                return
            await writer.drain()

    def _write_down(self, session: _Session, kind: bytes, body: bytes) -> None:
        """The frontend messages Query, Parse, Bind, Execute, Close and Sync of protocol 3. What stands behind a failure
        in a pipeline is written down too: it was sent, and the server skips it."""
        if kind in b"QS":
            self.round_trips += 1
        if kind == b"Q":
            for text in split(body[:-1].decode()):
                self._execute(session, text, ())
        elif kind == b"P":
            name, text, _ = body.split(b"\0", 2)
            session.prepared[name] = text.decode()
            self.prepared.append(text.decode())
            self.names.add(name)
        elif kind == b"B":
            portal, name, rest = body.split(b"\0", 2)
            session.bound[portal] = (session.prepared[name], tuple(_values(rest)))
        elif kind == b"E":
            self._execute(session, *session.bound[body.split(b"\0", 1)[0]])
        elif kind == b"C" and body[:1] == b"S":
            del session.prepared[body[1:-1]]
            self.closed += 1

    def _execute(self, session: _Session, text: str, values: tuple[bytes | None, ...]) -> None:
        with self._news:
            self.sent.append(Sent(text, kind_of(text), session.number, values))
            self._news.notify_all()


def split(text: str) -> list[str]:
    """The statements of one Query message, by sqlglot's tokens: a semicolon in a string divides nothing."""
    if ";" not in text:
        return [text.strip()] if text.strip() else []
    parts: list[str] = []
    begin = 0
    for token in sqlglot.tokenize(text, read="postgres"):
        if token.token_type is sqlglot.TokenType.SEMICOLON:
            parts.append(text[begin : token.start])
            begin = token.end + 1
    parts.append(text[begin:])
    return [part.strip() for part in parts if part.strip()]


def kind_of(text: str) -> Kind:
    if text.startswith(_GUARD):
        return Kind.GUARD
    words = text.upper().split(maxsplit=2)
    return Kind.CONTROL if words[0] in _CONTROL or " ".join(words[:2]) in _CONTROL else Kind.STATEMENT


def _values(rest: bytes) -> Iterator[bytes | None]:
    """The values of a Bind message, after its two names."""
    (formats,) = struct.unpack_from("!H", rest)
    at = 2 + 2 * formats
    (count,) = struct.unpack_from("!H", rest, at)
    at += 2
    for _ in range(count):
        (length,) = struct.unpack_from("!i", rest, at)
        at += 4
        yield None if length < 0 else rest[at : at + length]
        at += max(length, 0)


async def _startup(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    """The first message, after encryption was declined. A cancel request is a first message too."""
    while True:
        head = await reader.readexactly(8)
        length, code = struct.unpack("!II", head)
        if code not in (_TLS, _GSS):
            return head + await reader.readexactly(length - 8)
        writer.write(b"N")
        await writer.drain()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(65536):
        writer.write(chunk)
        await writer.drain()
    writer.close()


def _as_url(parts: Mapping[str, object]) -> str:
    """An address in the form that settings and SQLAlchemy read, too."""
    user, password = (quote(str(parts.get(name) or ""), safe="") for name in ("user", "password"))
    secret = f"{user}:{password}" if password else user
    return f"postgresql://{secret}@{parts['host']}:{parts['port']}/{parts['dbname']}"
