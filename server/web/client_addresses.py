"""Who holds the other end, where a proxy stands between: its word for it, believed only from configured addresses.

The list of X-Forwarded-For (or of RFC 7239's Forwarded) is read from its end, where the nearest proxy wrote: the first
address that is none of ours is the client's. What stands before it a client may have made up.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Literal, TypeAlias

from starlette.types import ASGIApp, Receive, Scope, Send

ProxyHeader: TypeAlias = Literal["x-forwarded-for", "forwarded"]
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
_MOST_HOPS: Final = 32
_LONGEST: Final = 4096
# RFC 7239, section 4: pairs of one hop are parted by semicolons, hops by commas; only `for` is read.
_FOR: Final = re.compile(r'(?:^|;)[ \t]*for=("?)([^";,]*)\1[ \t]*(?=;|$)', re.IGNORECASE)


class TrustedProxies:
    """ASGI middleware: `scope["client"]` becomes what a proxy in `networks` says in `header`, and in no other."""

    def __init__(self, app: ASGIApp, networks: Iterable[str], header: ProxyHeader) -> None:
        """Raises ValueError for what is no network."""
        self._app = app
        self._networks = [ipaddress.ip_network(one) for one in networks]
        self._header = header.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        peer = scope.get("client")
        if peer is not None:
            said = b",".join(value for name, value in scope["headers"] if name == self._header)
            if said:
                hops = list(_hops(said, self._header == b"forwarded"))
                scope["client"] = (client_address(str(peer[0]), hops, self._networks), 0)
        await self._app(scope, receive, send)


def client_address(peer: str, hops: Sequence[str], networks: Sequence[Network]) -> str:
    """`hops` as the proxies listed them, the nearest one's last. What can't be read ends the way: the hop before counts."""
    at = _address(peer)
    if at is None:
        return peer
    for hop in reversed(hops):
        if not any(at in network for network in networks if network.version == at.version):
            break
        further = _address(hop)
        if further is None:
            break
        at = further
    return str(at)


def _hops(said: bytes, forwarded: bool) -> Iterator[str]:
    """The last of them, from left to right."""
    # A header that is too long is cut at its beginning, which is the client's.
    for hop in said[-_LONGEST:].decode("latin-1").split(",")[-_MOST_HOPS:]:
        if not forwarded:
            yield hop.strip()
            continue
        found = _FOR.search(hop)
        yield found.group(2) if found else ""


def _address(text: str) -> Address | None:
    """With or without a port; IPv6 in brackets or bare. An IPv4 address in IPv6's form is one of IPv4."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, ipaddress.IPv6Address) else found
