"""Whose pages may open a WebSocket; the handshake itself is refused in tests/e2e/test_live_protocol.py."""

from __future__ import annotations

from typing import Any

import pytest

from server.errors import Unauthenticated
from server.identity.principal import Principal
from server.web.origins import may_connect, normal_origin
from server.web.websocket import WebSocketEndpoint

LISTED = ("https://app.example", "http://localhost:3000")


def headers(*origins: str, host: str = "usher.example") -> list[tuple[bytes, bytes]]:
    return [(b"host", host.encode()), *((b"origin", one.encode("latin-1")) for one in origins)]


@pytest.mark.parametrize("origins", [(), LISTED])
def test_who_is_no_browser_may(origins: tuple[str, ...]) -> None:
    """Apps and other servers send no Origin; what they may follow is the token's."""
    assert may_connect(headers(), origins)


@pytest.mark.parametrize(
    ("origin", "host", "may"),
    [
        ("https://usher.example", "usher.example", True),
        ("http://usher.example", "usher.example", True),
        ("https://USHER.example", "Usher.Example:443", True),
        ("http://127.0.0.1:8000", "127.0.0.1:8000", True),
        ("http://[::1]:8000", "[::1]:8000", True),
        ("http://usher.example:8000", "usher.example", False),
        ("https://usher.example.evil.example", "usher.example", False),
        ("https://evil.example", "usher.example", False),
        ("null", "usher.example", False),
        ("", "usher.example", False),
        ("https://usher.example/path", "usher.example", False),
        ("https://user@usher.example", "usher.example", False),
        ("file://usher.example", "usher.example", False),
        ("https://usher.example:port", "usher.example", False),
        ("https://\xff", "usher.example", False),
    ],
)
def test_pages_of_the_host_that_they_ask(origin: str, host: str, may: bool) -> None:
    assert may_connect(headers(origin, host=host), ()) is may


@pytest.mark.parametrize(
    ("origin", "may"),
    [
        ("https://app.example", True),
        ("https://app.example:443", True),
        ("http://app.example", False),
        ("http://localhost:3000", True),
        ("http://localhost", False),
        ("https://usher.example", False),
    ],
)
def test_a_list_replaces_the_host(origin: str, may: bool) -> None:
    """With its scheme; the server's own pages must be on it too."""
    assert may_connect(headers(origin), LISTED) is may


def test_two_origins_are_none() -> None:
    assert not may_connect(headers(*LISTED), LISTED)


def test_a_list_holds_origins() -> None:
    with pytest.raises(ValueError, match="is no origin"):
        normal_origin("https://app.example/")


class _Nobody:
    def verify(self, token: str) -> Principal:
        raise Unauthenticated(f"no: {len(token)}")


async def test_a_stranger_is_refused_before_anything_is_accepted() -> None:
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "websocket", "subprotocols": ["graphql-transport-ws"], "headers": headers("https://evil.example")}
    endpoint = WebSocketEndpoint(None, _Nobody(), origins=LISTED)  # type: ignore[arg-type]
    await endpoint(scope, receive, send)
    assert sent == [{"type": "websocket.close"}]
