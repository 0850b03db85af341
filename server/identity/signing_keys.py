"""The keys that sign access tokens: one signs, and the one before it is believed until its last token has expired."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from joserfc.jwk import ECKey

from server.errors import BadUserInput
from server.identity.keys import FORMER_TOKEN_FILE, TOKEN_FILE, former_token_key, new_token_key, token_key, write_key
from server.identity.tokens import MAXIMUM_LIFETIME

_LOOK_SECONDS: Final = 1.0

Look = tuple[tuple[int, int] | None, ...]


class SigningKeys:
    """The key files of a folder, read again within a second of a rotation. Making one raises Unavailable."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._clock = clock
        self._looked = clock()
        self.generation = 0
        self._read()

    def signing(self) -> ECKey:
        self._look()
        return self._keys[0]

    def verifying(self, kid: object) -> ECKey | None:
        """The public key of that RFC 7638 thumbprint, while it is believed."""
        self._look()
        return self._public.get(kid) if isinstance(kid, str) else None

    def look(self) -> int:
        """A number that changes with the files: what was verified under another one may be believed no more."""
        self._look()
        return self.generation

    def published(self) -> list[Mapping[str, Any]]:
        """As a JWK Set lists them (RFC 7517, section 5)."""
        self._look()
        return [{**key.as_dict(private=False), "use": "sig", "alg": "ES256", "kid": key.kid} for key in self._keys]

    def _look(self) -> None:
        now = self._clock()
        if 0 <= now - self._looked < _LOOK_SECONDS:
            return
        self._looked = now
        if _seen(self._folder) != self._files:
            self._read()

    def _read(self) -> None:
        self._files = _seen(self._folder)
        former = former_token_key(self._folder)
        current = token_key(self._folder)
        self._keys = [current] if former is None or former.kid == current.kid else [current, former]
        self._public = {str(key.kid): ECKey.import_key(key.as_dict(private=False)) for key in self._keys}
        self._files = _seen(self._folder)
        self.generation += 1


def rotate(folder: Path, *, now: float, at_once: bool = False) -> tuple[str, str]:
    """Sign with a new key from now on; returns the thumbprints of the old one and the new one.

    The old one is believed until its last token has expired, an hour at most, unless `at_once`, which ends all tokens.
    Raises BadUserInput while tokens of the key before the old one may still be in use, and Unavailable.
    """
    old = token_key(folder)
    left = _seconds_left(folder / FORMER_TOKEN_FILE, now)
    if left > 0 and not at_once:
        raise BadUserInput(
            f"The keys were rotated less than an hour ago: wait {int(left // 60) + 1} minutes, or say --at-once, which "
            "ends all tokens.",
            ("--at-once",),
        )
    new = new_token_key()
    if at_once:
        with contextlib.suppress(FileNotFoundError):
            (folder / FORMER_TOKEN_FILE).unlink()
    else:
        write_key(folder / FORMER_TOKEN_FILE, old)
        os.utime(folder / FORMER_TOKEN_FILE, (now, now))
    write_key(folder / TOKEN_FILE, new)
    return str(old.kid), str(new.kid)


def _seconds_left(former: Path, now: float) -> float:
    """How long tokens of the former key may still be in use."""
    try:
        return former.stat().st_mtime + MAXIMUM_LIFETIME - now
    except FileNotFoundError:
        return 0.0


def _seen(folder: Path) -> Look:
    return tuple(_mark(folder / name) for name in (TOKEN_FILE, FORMER_TOKEN_FILE))


def _mark(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns
