"""Argon2id for passwords, at most four at a time: each takes 19 MiB for about 30 milliseconds.

Parameters are those of OWASP's Password Storage Cheat Sheet (m=19 MiB, t=2, p=1).
"""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager
from functools import lru_cache
from typing import Final

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from server.errors import Unavailable

AT_A_TIME: Final = 4
_WAIT_SECONDS: Final = 5.0

_turns = threading.BoundedSemaphore(AT_A_TIME)


@lru_cache(maxsize=1)
def hasher() -> PasswordHash:
    return PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19 * 1024, parallelism=1),))


def hash_of(password: str) -> str:
    """Raises Unavailable where too many wait."""
    with _turn():
        return hasher().hash(password)


def matches(password: str, known: str | None) -> tuple[bool, str | None]:
    """Whether it does, and its hash of today's parameters where the known one is of others. Raises Unavailable.

    Without a known hash the work is the same, and the answer no.
    """
    compared = known or _nobodys()
    with _turn():
        fits, renewed = hasher().verify_and_update(password, compared)
    return (fits, renewed) if fits and known is not None else (False, None)


@lru_cache(maxsize=1)
def _nobodys() -> str:
    return hasher().hash("the password of nobody")


@contextmanager
def _turn() -> Generator[None]:
    if not _turns.acquire(timeout=_WAIT_SECONDS):
        raise Unavailable("Too many people sign in at this moment. Try again in a few seconds.")
    try:
        yield
    finally:
        _turns.release()
