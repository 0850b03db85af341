"""Addresses that strangers wrote: what is asked, where the connection goes, and how much is read."""

from __future__ import annotations

import socket
import threading
from collections.abc import Generator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from server.identity.school_sign_in import outbound
from server.identity.school_sign_in.outbound import MOST_BYTES, NotAsked, outbound_client


def resolving(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Every name is of these."""

    def found(_host: str, port: int, **_: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", found)


INSIDE = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "::1",
    "fd00::1", "fe80::1%eth0", "::ffff:10.0.0.1", "ff02::1",
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_names_that_lead_inside_are_not_asked(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """Alone, or beside an address outside."""
    for several in ((address,), ("93.184.216.34", address)):
        resolving(monkeypatch, *several)
        with outbound_client(local=False) as http, pytest.raises(NotAsked):
            http.get("https://school.example/")


@pytest.mark.parametrize(
    "url",
    ["http://school.example/", "ftp://school.example/", "https://user:password@school.example/", "file:///etc/passwd"],
)
@pytest.mark.parametrize("local", [False, True])
def test_other_schemes_are_not_asked(monkeypatch: pytest.MonkeyPatch, url: str, local: bool) -> None:
    """Plain http leads to this machine at most, and only where we are there ourselves."""
    resolving(monkeypatch, "93.184.216.34")
    with outbound_client(local=local) as http, pytest.raises((NotAsked, httpx.UnsupportedProtocol)):
        http.get(url)


def test_the_connection_goes_to_the_address_that_was_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the certificate and the Host of the name: a second look-up has no say."""
    resolving(monkeypatch, "93.184.216.34")
    asked: list[httpx.Request] = []

    def handle(_: object, request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={}, stream=None)

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", handle)
    with outbound_client(local=False) as http:
        assert http.get("https://school.example:8443/a?b=c").status_code == 200
    [request] = asked
    assert str(request.url) == "https://93.184.216.34:8443/a?b=c"
    assert request.headers["host"] == "school.example:8443"
    assert request.extensions["sni_hostname"] == "school.example"


class Handler(BaseHTTPRequestHandler):
    """Answers as the path says."""

    def do_GET(self) -> None:
        self.send_response(302 if self.path == "/away" else 200)
        if self.path == "/away":
            self.send_header("Location", "/long")
        if self.path == "/compressed":
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(b"x" * (MOST_BYTES + 1 if self.path == "/long" else 10))

    def log_message(self, format: str, *args: Any) -> None: ...


@pytest.fixture(scope="module")
def url() -> Generator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_only_so_much_is_read(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing compressed, nothing from elsewhere, nothing that takes long."""
    with outbound_client(local=True) as http:
        assert http.get(f"{url}/short").content == b"x" * 10
        assert http.get(f"{url}/away").status_code == 302
        for path in ("long", "compressed"):
            with pytest.raises(httpx.HTTPError):
                http.get(f"{url}/{path}")
        monkeypatch.setattr(outbound, "SECONDS", -1.0)
        with pytest.raises(httpx.HTTPError):
            http.get(f"{url}/short")
    with outbound_client(local=False) as http, pytest.raises(NotAsked):
        http.get(f"{url}/short")
