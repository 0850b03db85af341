"""Addresses behind proxies: what a client writes itself is believed from nobody."""

import ipaddress
from collections.abc import Sequence

import pytest
from starlette.types import Message, Receive, Scope, Send

from server.web.client_addresses import ProxyHeader, TrustedProxies, client_address

PROXY = "10.0.0.7"
NETWORKS = ("10.0.0.0/8", "fd00::/8")
Header = tuple[bytes, bytes]


async def seen(peer: str, *headers: Header, header: ProxyHeader = "x-forwarded-for") -> str:
    """The address that the application is told."""
    told: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        told.append(scope["client"][0])

    async def receive() -> Message:
        return {}

    async def send(_: Message) -> None: ...

    scope: Scope = {"type": "http", "client": (peer, 1), "headers": list(headers)}
    await TrustedProxies(app, NETWORKS, header)(scope, receive, send)
    return told[0]


def of(*values: bytes) -> list[Header]:
    return [(b"x-forwarded-for", value) for value in values]


@pytest.mark.parametrize(
    ("peer", "headers", "address"),
    [
        (PROXY, of(b"203.0.113.9"), "203.0.113.9"),
        (PROXY, of(b"203.0.113.9:4711"), "203.0.113.9"),
        (PROXY, of(b"2001:db8::1"), "2001:db8::1"),
        (PROXY, of(b"[2001:db8::1]:443"), "2001:db8::1"),
        (PROXY, of(b"::ffff:203.0.113.9"), "203.0.113.9"),
        ("::ffff:10.0.0.7", of(b"203.0.113.9"), "203.0.113.9"),
        ("fd00::1", of(b"203.0.113.9"), "203.0.113.9"),
        (PROXY, of(b"203.0.113.9, 10.1.1.1"), "203.0.113.9"),
        # The proxy wrote the last one; whatever stands before it came from the client.
        (PROXY, of(b"198.51.100.1, 203.0.113.9"), "203.0.113.9"),
        (PROXY, of(b"198.51.100.1", b"203.0.113.9"), "203.0.113.9"),
        (PROXY, of(b"10.9.9.9, 203.0.113.9"), "203.0.113.9"),
        (PROXY, of(b"198.51.100.1, " * 40 + b"203.0.113.9"), "203.0.113.9"),
        (PROXY, of(b"x" * 9000 + b", 203.0.113.9"), "203.0.113.9"),
        # Unreadable: the hop before it counts.
        (PROXY, of(b"unknown"), PROXY),
        (PROXY, of(b"198.51.100.1, unknown"), PROXY),
        (PROXY, of(b"198.51.100.1, "), PROXY),
        (PROXY, of(b"198.51.100.1, unknown, 10.1.1.1"), "10.1.1.1"),
        (PROXY, [], PROXY),
        # A stranger's word counts nothing, and the other header is never read.
        ("203.0.113.9", of(b"198.51.100.1"), "203.0.113.9"),
        ("203.0.113.9", of(b"10.0.0.7"), "203.0.113.9"),
        (PROXY, [(b"forwarded", b"for=198.51.100.1")], PROXY),
        (PROXY, [(b"x-real-ip", b"198.51.100.1")], PROXY),
        (PROXY, [(b"forwarded", b"for=198.51.100.1"), *of(b"203.0.113.9")], "203.0.113.9"),
    ],
)
async def test_the_address_is_the_nearest_that_is_no_proxy(peer: str, headers: Sequence[Header], address: str) -> None:
    """Spoofed entries change nothing."""
    assert await seen(peer, *headers) == address


@pytest.mark.parametrize(
    ("value", "address"),
    [
        (b"for=203.0.113.9", "203.0.113.9"),
        (b'For="[2001:db8::1]:443";proto=https', "2001:db8::1"),
        (b"for=198.51.100.1, for=203.0.113.9;by=10.0.0.7", "203.0.113.9"),
        (b"by=198.51.100.1;for=203.0.113.9", "203.0.113.9"),
        (b'for="198.51.100.1, for=203.0.113.9', "203.0.113.9"),
        (b"for=203.0.113.9, proto=https", PROXY),
        (b"for=_hidden", PROXY),
        (b"notfor=198.51.100.1", PROXY),
        (b"198.51.100.1", PROXY),
    ],
)
async def test_the_standard_header_says_the_same(value: bytes, address: str) -> None:
    """RFC 7239, where it is the one that is configured."""
    assert await seen(PROXY, (b"forwarded", value), *of(b"192.0.2.66"), header="forwarded") == address


def test_without_trusted_networks_nobody_is_believed() -> None:
    assert client_address(PROXY, ["203.0.113.9"], []) == PROXY
    assert client_address("a socket", ["203.0.113.9"], [ipaddress.ip_network("0.0.0.0/0")]) == "a socket"
