"""Where a webhook may lead: to the public internet by https, and in a demo to a program on this machine.

The address is resolved anew for each call, every address that the name has is looked at, and the call goes to the one
that was looked at: a name that is given another address meanwhile leads nowhere else.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from server.errors import BadUserInput
from server.identity.public_addresses import is_public

LONGEST: Final = 500
_PORTS: Final = {"https": 443, "http": 80}

Resolve = Callable[[str, int], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Target:
    """`address` is an IP address; `host` the name in the URL, `authority` with its port where that is not the scheme's own."""

    scheme: str
    address: str
    port: int
    host: str
    authority: str
    path: str

    @property
    def url(self) -> str:
        at = f"[{self.address}]" if ":" in self.address else self.address
        return f"{self.scheme}://{at}:{self.port}{self.path}"


def resolved(host: str, port: int) -> list[str]:
    """All addresses of a name. Raises OSError."""
    return sorted({str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)})


def checked(url: str, *, loopback: bool, resolve: Resolve = resolved) -> Target:
    """Raises BadUserInput for a URL that leads elsewhere than it may, or nowhere."""
    target = _parsed(url, loopback=loopback)
    try:
        found = list(resolve(target.host, target.port))
    except (OSError, UnicodeError):
        found = []
    if not found:
        raise BadUserInput("The URL's host has no address: correct it.", ("--url",))
    if not all(_allowed(address, loopback=loopback) for address in found):
        raise BadUserInput("The URL's host has an address that is not public: give one that is.", ("--url",))
    return Target(target.scheme, found[0], target.port, target.host, target.authority, target.path)


def _parsed(url: str, *, loopback: bool) -> Target:
    refusal = BadUserInput("Give a URL such as https://vendor.example/usher: https, no user, no fragment.", ("--url",))
    if len(url) > LONGEST or not url.isascii() or any(ord(sign) <= 32 for sign in url):
        raise refusal
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname
    except ValueError:
        raise refusal from None
    schemes = ("https", "http") if loopback else ("https",)
    if parts.scheme not in schemes or not host or "@" in parts.netloc or parts.fragment:
        raise refusal
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, "", port or _PORTS[parts.scheme], host, parts.netloc, path)


def _allowed(address: str, *, loopback: bool) -> bool:
    found = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(found, "ipv4_mapped", None)
    found = mapped or found
    return found.is_loopback if loopback else is_public(found)
