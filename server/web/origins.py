"""Whose pages may open a WebSocket: browsers say so in Origin, and hold back no page from asking."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final
from urllib.parse import urlsplit

_PORTS: Final = {"http": 80, "https": 443}


def normal_origin(text: str) -> str:
    """`scheme://host`, with a port where it isn't the scheme's own. Raises ValueError for what is no origin of a page."""
    parts = urlsplit(text)
    if parts.scheme not in _PORTS or not parts.hostname or parts.username is not None or text != _origin_of(text):
        raise ValueError(f"{text!r} is no origin: write it as https://host or https://host:port")
    port = parts.port or _PORTS[parts.scheme]
    shown = "" if port == _PORTS[parts.scheme] else f":{port}"
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}{shown}"


def may_connect(headers: Iterable[tuple[bytes, bytes]], origins: Collection[str]) -> bool:
    """Whether a handshake comes from one of these pages, or, where there are none, from a page of the host that it asks.

    A program that is no browser sends no Origin, and may. The scheme isn't compared: a proxy may speak TLS for us.
    """
    found = [value.decode("latin-1") for name, value in headers if name == b"origin"]
    if not found:
        return True
    if len(found) > 1:
        return False
    try:
        origin = normal_origin(found[0].lower())
        if origins:
            return origin in origins
        hosts = [value.decode("latin-1").lower() for name, value in headers if name == b"host"]
        return len(hosts) == 1 and origin == normal_origin(f"{urlsplit(origin).scheme}://{hosts[0]}")
    except ValueError:
        return False


def _origin_of(text: str) -> str:
    parts = urlsplit(text)
    return f"{parts.scheme}://{parts.netloc}"
