"""Clients of subscriptions: graphql-transport-ws over a real socket, and server-sent events over HTTP.

Every frame is heard by tests/leaks/watching.py before a test sees it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from socket import SHUT_RDWR
from typing import Any, Final

import httpx
from websockets import Subprotocol
from websockets.sync.client import ClientConnection, connect

from tests.e2e.serving import Client, Server
from tests.leaks.watching import WATCH, reader_of

PATIENCE: Final = 60.0
Frame = dict[str, Any]


class Socket:
    """A WebSocket; `token` is what its frames are judged by."""

    def __init__(self, connection: ClientConnection, token: str) -> None:
        self.connection = connection
        self._authorization = f"Bearer {token}"
        self.positions: dict[str, str] = {}

    def send(self, message: Mapping[str, Any]) -> None:
        self.connection.send(json.dumps(message))

    def receive(self, timeout: float = PATIENCE) -> Frame:
        """The next message but pings, which are answered."""
        until = time.monotonic() + timeout
        while True:
            frame = self._heard(max(0.0, until - time.monotonic()))
            if frame["type"] != "ping":
                return frame
            self.positions |= frame["payload"]["positions"]
            self.send({"type": "pong"})

    def initialise(self, **payload: Any) -> None:
        self.send({"type": "connection_init", "payload": {"Authorization": self._authorization, **payload}})
        assert self.receive() == {"type": "connection_ack"}

    def subscribe(self, document: str, variables: Mapping[str, Any] | None = None, key: str = "1") -> None:
        """Return when the stream stands: what is committed from now on will be told."""
        self.begin({"query": document, "variables": dict(variables or {})}, key)

    def begin(self, payload: Mapping[str, Any], key: str = "1") -> None:
        """The same, of any members of a request."""
        self.send({"type": "subscribe", "id": key, "payload": payload})
        frame = self._heard(PATIENCE)
        assert frame["type"] == "ping", frame
        self.positions |= frame["payload"]["positions"]

    def close(self) -> None:
        """With the closing handshake."""
        self.connection.close()

    def abort(self) -> None:
        """Without a word."""
        self.connection.socket.shutdown(SHUT_RDWR)

    def _heard(self, timeout: float) -> Frame:
        text = self.connection.recv(timeout=timeout)
        assert isinstance(text, str)
        WATCH.hear(text, reader_of({"authorization": self._authorization}))
        return json.loads(text)

    def event(self, key: str = "1") -> dict[str, Any]:
        """The next event of a stream, by its only field."""
        frame = self.receive()
        assert (frame["type"], frame.get("id")) == ("next", key), frame
        assert "errors" not in frame["payload"], frame
        [event] = frame["payload"]["data"].values()
        return event


@contextmanager
def socket(server: Server, client: Client, **payload: Any) -> Generator[Socket]:
    """Initialised with the client's token."""
    with raw_socket(server, client.token) as one:
        one.initialise(**payload)
        yield one


@contextmanager
def raw_socket(
    server: Server,
    token: str = "",
    protocols: tuple[str, ...] = ("graphql-transport-ws",),
    headers: Mapping[str, str] | None = None,
) -> Generator[Socket]:
    url = server.url.replace("http", "ws") + "/graphql"
    with connect(
        url,
        subprotocols=[Subprotocol(one) for one in protocols] or None,
        additional_headers=headers,
        open_timeout=PATIENCE,
        close_timeout=1,
        proxy=None,
    ) as connection:
        yield Socket(connection, token)


class Events:
    """A response of server-sent events."""

    def __init__(self, response: httpx.Response, token: str) -> None:
        self.response = response
        self._reader = reader_of({"authorization": f"Bearer {token}"})
        self._lines: Iterator[str] = response.iter_lines()

    def next(self) -> dict[str, str]:
        """The next event's fields; comments are skipped."""
        fields: dict[str, str] = {}
        for line in self._lines:
            WATCH.hear(line.partition(":")[2], self._reader)
            if line == "" and fields:
                return fields
            name, _, value = line.partition(":")
            if name:
                fields[name] = value.removeprefix(" ")
        raise EOFError

    def event(self) -> dict[str, Any]:
        """The next event of the stream, by its only field; its id stands in both places."""
        fields = self.next()
        assert fields["event"] == "next"
        body = json.loads(fields["data"])
        assert "errors" not in body, body
        [event] = body["data"].values()
        assert event.get("id", fields["id"]) == fields["id"]
        return event


@contextmanager
def events(
    client: Client,
    document: str,
    variables: Mapping[str, Any] | None = None,
    last: str | None = None,
    payload: Mapping[str, Any] | None = None,
) -> Generator[Events]:
    """`payload`: members of a request, instead of a document and its variables."""
    headers = {"Authorization": f"Bearer {client.token}", "Accept": "text/event-stream"}
    headers |= {"Last-Event-ID": last} if last else {}
    body = payload or {"query": document, "variables": dict(variables or {})}
    # A client of its own: the shared one reads whole bodies.
    with (
        httpx.Client(base_url=client.http.base_url, timeout=PATIENCE, trust_env=False) as http,
        http.stream("POST", "/graphql", json=body, headers=headers) as response,
    ):
        yield Events(response, client.token)


class Follower:
    """One stream over either transport."""

    def __init__(self, heard: Socket | Events) -> None:
        self._heard = heard

    def event(self) -> dict[str, Any]:
        return self._heard.event()

    def ended(self) -> str:
        """The code by which it ended; nothing comes behind it."""
        if isinstance(self._heard, Socket):
            frame = self._heard.receive()
            assert (frame["type"], frame["id"]) == ("error", "1"), frame
            [error] = frame["payload"]
        else:
            [error] = json.loads(self._heard.next()["data"])["errors"]
            assert self._heard.next()["event"] == "complete"
        return error["extensions"]["code"]


@contextmanager
def follower(
    transport: str,
    server: Server,
    client: Client,
    document: str = "",
    variables: Mapping[str, Any] | None = None,
    payload: Mapping[str, Any] | None = None,
) -> Generator[Follower]:
    """By "websocket" or "sse"; the stream stands. `payload`: members of a request, instead of a document."""
    asked = payload or {"query": document, "variables": dict(variables or {})}
    if transport == "sse":
        with events(client, "", payload=asked) as sent:
            assert "last-event-id" in sent.response.headers, sent.next()
            yield Follower(sent)
    else:
        with socket(server, client) as live:
            live.begin(asked)
            yield Follower(live)
