"""Requests to addresses that somebody else wrote: https, to hosts of the Internet, small answers, and not for long.

A name is looked up once, and the connection goes to the address that was looked at, so that no second answer of the
name's owner leads into the network here (DNS rebinding). No redirect is followed, no proxy is asked.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Iterator
from typing import Final

import httpx

from server.identity.public_addresses import is_public

MOST_BYTES: Final = 256 * 1024
SECONDS: Final = 10.0
"""For a whole answer; each step has half of it."""


class NotAsked(httpx.TransportError):
    """The address leads where nothing is asked."""


def outbound_client(*, local: bool) -> httpx.Client:
    """`local`: this machine's own addresses may be asked, and by http: for demonstrations, where we are there ourselves."""
    return httpx.Client(
        transport=_Outbound(local=local),
        timeout=SECONDS / 2,
        trust_env=False,
        follow_redirects=False,
        headers={"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "Usher"},
    )


class _Outbound(httpx.BaseTransport):
    def __init__(self, *, local: bool) -> None:
        self._local = local
        self._inner = httpx.HTTPTransport(trust_env=False, retries=0)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Raises httpx.TransportError."""
        until = time.monotonic() + SECONDS
        host = request.url.host
        address = self._address(request.url)
        request.extensions = {**request.extensions, "sni_hostname": host}
        request.url = request.url.copy_with(host=address)  # the Host header stays
        response = self._inner.handle_request(request)
        if response.headers.get("content-encoding", "identity") != "identity":
            response.close()
            raise httpx.DecodingError("the answer is compressed", request=request)
        stream = response.stream
        assert isinstance(stream, httpx.SyncByteStream)
        return httpx.Response(response.status_code, headers=response.headers, stream=_Bounded(stream, until))

    def close(self) -> None:
        self._inner.close()

    def _address(self, url: httpx.URL) -> str:
        if url.scheme not in ("https", "http") or not url.host or url.userinfo:
            raise NotAsked("not an address that is asked")
        try:
            found = socket.getaddrinfo(url.host, url.port or 443, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise httpx.ConnectError("the name is not known") from None
        addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
        outside = url.scheme == "https" and all(is_public(one) for one in addresses)
        if not outside and not (self._local and all(one.is_loopback for one in addresses)):
            raise NotAsked("not an address that is asked")
        return str(addresses[0])


class _Bounded(httpx.SyncByteStream):
    def __init__(self, stream: httpx.SyncByteStream, until: float) -> None:
        self._stream = stream
        self._until = until

    def __iter__(self) -> Iterator[bytes]:
        left = MOST_BYTES
        for chunk in self._stream:
            left -= len(chunk)
            if left < 0 or time.monotonic() > self._until:
                raise httpx.ReadError("the answer is too long, or too slow")
            yield chunk

    def close(self) -> None:
        self._stream.close()
