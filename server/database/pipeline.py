"""One round trip: the messages of a whole transaction, sent together in libpq's pipeline mode.

PostgreSQL works through them in order; after the first that fails it skips all others.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import zip_longest
from types import NoneType
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg import errors, generators
from psycopg.abc import Buffer, PQGen
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import ConnStatus, ExecStatus, PipelineStatus
from psycopg.pq.abc import PGconn, PGresult

Connection = psycopg.AsyncConnection[Any]


@dataclass(frozen=True, slots=True)
class Message:
    """One statement. `values` are text as PostgreSQL reads it; each parameter is cast where it stands. `kept`: prepare
    it once a connection."""

    text: bytes
    values: Sequence[Buffer | None] = ()
    kept: bool = False


@dataclass(slots=True)
class Names:
    """The statements that one connection has prepared, by their texts, least recently used first; at most `most`."""

    most: int
    made: int = 0
    known: OrderedDict[bytes, bytes] = field(default_factory=OrderedDict[bytes, bytes])

    def new(self, text: bytes) -> bytes:
        self.made += 1
        self.known[text] = b"usher_%d" % self.made
        return self.known[text]

    def surplus(self) -> tuple[bytes, bytes] | None:
        """Text and name of one that must make room, now forgotten."""
        return self.known.popitem(last=False) if len(self.known) >= self.most else None


@dataclass(frozen=True, slots=True)
class _Sent:
    """One thing that a result will come for: the message's own, or of preparing it under `text`, or of forgetting the
    statement `surplus`."""

    place: int
    text: bytes | None = None
    surplus: tuple[bytes, bytes] | None = None


@dataclass(frozen=True, slots=True)
class Answers:
    """A result for each message; `error` is the first failure, of the message at `failed`."""

    results: list[PGresult]
    failed: int = -1
    error: psycopg.Error | None = None


async def exchange(connection: Connection, names: Names, messages: Sequence[Message]) -> Answers:
    """Send the messages together and have all their results. Raises psycopg.Error when the connection fails.

    Whatever happens, the connection has left pipeline mode afterwards, or is closed.
    """
    channel = connection.pgconn
    sent: list[_Sent] = []
    results: list[PGresult] = []
    channel.enter_pipeline_mode()
    try:
        for place, message in enumerate(messages):
            sent += _send(channel, names, message, place)
        channel.pipeline_sync()
        results = await connection.wait(_results(channel, len(sent)))
    finally:
        _leave(channel)
        _remember(names, sent, results)
    return _answers(sent, results)


def texts(values: Sequence[object], connection: Connection) -> list[Buffer | None]:
    """Values as PostgreSQL reads them. Raises psycopg.DataError for text that it can't hold."""
    return [_TEXTS[type(value)](value) if type(value) in _TEXTS else _other(value, connection) for value in values]


def _send(channel: PGconn, names: Names, message: Message, place: int) -> Iterator[_Sent]:
    if not message.kept:
        channel.send_query_params(message.text, message.values)
        yield _Sent(place)
        return
    name = names.known.get(message.text)
    if name is None:
        yield from _prepare(channel, names, message.text, place)
        name = names.known[message.text]
    names.known.move_to_end(message.text)
    channel.send_query_prepared(name, message.values)
    yield _Sent(place)


def _prepare(channel: PGconn, names: Names, text: bytes, place: int) -> Iterator[_Sent]:
    surplus = names.surplus()
    if surplus is not None:
        channel.send_query_params(b"DEALLOCATE " + surplus[1], None)
        yield _Sent(place, surplus=surplus)
    channel.send_prepare(names.new(text), text)
    yield _Sent(place, text=text)


def _results(channel: PGconn, count: int) -> PQGen[list[PGresult]]:
    """The results and, last, the one that says the pipeline is at its end."""
    yield from generators.send(channel)
    results: list[PGresult] = []
    for _ in range(count + 1):
        found = yield from generators.fetch_many(channel)
        results.append(found[-1])
        if channel.status != ConnStatus.OK:
            break
    return results


def _leave(channel: PGconn) -> None:
    if channel.status != ConnStatus.OK or channel.pipeline_status == PipelineStatus.OFF:
        return
    try:
        channel.exit_pipeline_mode()
    except psycopg.OperationalError:
        channel.finish()  # results are still to come: nobody waits for them


def _remember(names: Names, sent: list[_Sent], results: list[PGresult]) -> None:
    """A statement has a name only if the server said so; one that was to go and was skipped keeps it."""
    for one, result in zip_longest(sent, results[: len(sent)]):
        done = result is not None and result.status == ExecStatus.COMMAND_OK
        if one.text is not None and not done:
            names.known.pop(one.text, None)
        if one.surplus is not None and result is not None and not done:
            names.known.setdefault(*one.surplus)


def _answers(sent: list[_Sent], results: list[PGresult]) -> Answers:
    found: list[PGresult] = []
    failed, error = -1, None
    for one, result in zip(sent, results, strict=False):
        if result.status == ExecStatus.FATAL_ERROR and error is None:
            failed, error = one.place, errors.error_from_result(result, "utf-8")
        if one.text is None and one.surplus is None:
            found.append(result)
    return Answers(found, failed, error)


def _text(value: str) -> bytes:
    if "\x00" in value:
        raise psycopg.DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
    return value.encode()


def _other(value: object, connection: Connection) -> Buffer | None:
    return Transformer(connection).dump_sequence([value], [PyFormat.TEXT])[0]


_TEXTS: Final[dict[type, Callable[[Any], bytes | None]]] = {
    str: _text,
    UUID: lambda value: str(value).encode(),
    int: lambda value: b"%d" % value,
    bool: lambda value: b"t" if value else b"f",
    date: lambda value: value.isoformat().encode(),
    NoneType: lambda _: None,
}
