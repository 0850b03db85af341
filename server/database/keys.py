"""UUIDv7 keys (RFC 9562): made by the application, growing within a process."""

import os
import threading
import time
from datetime import datetime
from uuid import UUID

_VERSION = 0x7 << 76
_VARIANT = 0x2 << 62
_RANDOM = (1 << 62) - 1
_FULL = 0xFFF

_last = [0, 0]
_lock = threading.Lock()


def new_key() -> UUID:
    """A key greater than every key this process made before, in whichever thread."""
    millisecond, count = _next()
    random = int.from_bytes(os.urandom(8), "big") & _RANDOM
    return UUID(int=(millisecond << 80) | _VERSION | (count << 64) | _VARIANT | random)


def first_key(moment: datetime) -> UUID:
    """Less than every key that is made from that moment on."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


def new_keys(count: int) -> list[UUID]:
    return [new_key() for _ in range(count)]


def _next() -> tuple[int, int]:
    with _lock:
        millisecond = time.time_ns() // 1_000_000
        if millisecond > _last[0]:
            _last[:] = [millisecond, 0]
        elif _last[1] == _FULL:
            _last[:] = [_last[0] + 1, 0]
        else:
            _last[1] += 1
        return _last[0], _last[1]
