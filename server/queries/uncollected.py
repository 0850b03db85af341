"""Work that makes many objects and keeps them: the collector of cycles would walk them over and over, and free nothing."""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Generator[None]:
    """Collected afterwards as ever. For work of milliseconds that awaits nothing."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
