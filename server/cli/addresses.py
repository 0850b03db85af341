"""Where Usher answers: how its address is written, and what a data folder tells of it."""

from __future__ import annotations

from pathlib import Path

from server.settings import Settings

LOCK = "run.lock"
# Served at every address of the machine, and asked at its own.
_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - asked, not bound


def reachable(host: str) -> str:
    """Where a program of this machine asks a server of that host."""
    return _ANY.get(host, host)


def written(host: str, port: int) -> str:
    """As a URL without a path."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def usual_address(settings: Settings) -> str:
    """What the run of this data folder told; without one, where one with these settings would answer."""
    told = _told(settings.usher_home / LOCK)
    return told or written(reachable(settings.usher_host), settings.port)


def _told(lock: Path) -> str:
    try:
        address = lock.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""
    for host, own in _ANY.items():
        port = address.removeprefix(written(host, 0)[:-1])
        if port != address:
            return written(own, int(port)) if port.isdecimal() else ""
    return address
