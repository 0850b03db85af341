"""Where Usher answers: how its address is written, and what a data folder tells of it."""

from __future__ import annotations

import re
import socket
from pathlib import Path

from server.settings import Settings

LOCK = "run.lock"
_LAST_PORT = 65535
_TOLD = re.compile(r"http://(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+)):(\d{1,5})", re.ASCII)
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
    """Nothing for what no run of this machine told: a token goes with the question."""
    try:
        told = _TOLD.fullmatch(lock.read_text(encoding="utf-8").strip())
    except (OSError, UnicodeDecodeError):
        return ""
    if told is None or int(told[3]) > _LAST_PORT:
        return ""
    own = _own(reachable(told[1] or told[2]), int(told[3]))
    return written(own, int(told[3])) if own else ""


def _own(host: str, port: int) -> str:
    """The address behind the host's name where this machine has it: to no other can a socket be bound."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET  # as a run binds it
    try:
        address = socket.getaddrinfo(host, port, family, socket.SOCK_DGRAM)[0][4]
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((address[0], 0))
    except (OSError, UnicodeError):
        return ""
    return str(address[0])
