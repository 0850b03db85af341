"""A process whose wall clock is wrong, as Python reads it; its monotonic clock is right, as with a real one.

All roads to the time of day are turned: `time.time` and `time.time_ns`, also where they are the default of an argument,
and `datetime.now` of every module of the server that asks for it. What C libraries ask by themselves is not.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, Final

VARIABLE: Final = "DRILL_CLOCK_AHEAD"
"""Seconds by which a server of tests/e2e/serving.py is ahead; its children inherit nothing else."""
_TIME: Final = time.time
_TIME_NS: Final = time.time_ns


def shift(seconds: float) -> None:
    """From now on, for good; what is imported later asks a clock that is right, unless by `time.time`."""
    if seconds:
        _CLOCK.ahead = seconds
        _turn()


@contextmanager
def shifted(seconds: float) -> Generator[None]:
    """This process in the block: also whoever else runs in it."""
    before, _CLOCK.ahead = _CLOCK.ahead, seconds
    turned = _turn()
    try:
        yield
    finally:
        _CLOCK.ahead = before
        time.time, time.time_ns = _TIME, _TIME_NS
        for module in turned:
            vars(module)["datetime"] = datetime


class _Clock:
    def __init__(self, ahead: float) -> None:
        self.ahead = ahead

    def time(self) -> float:
        return _TIME() + self.ahead

    def time_ns(self) -> int:
        return _TIME_NS() + round(self.ahead * 1_000_000_000)


_CLOCK: Final = _Clock(0.0)


def _turn() -> list[ModuleType]:
    """The modules whose datetime is another one now; defaults stay turned, to a clock that can be set right."""
    time.time, time.time_ns = _CLOCK.time, _CLOCK.time_ns
    turned = [one for name, one in sys.modules.items() if name.startswith("server.") and _asks_now(one)]
    for module in turned:
        vars(module)["datetime"] = _Shifted
    for one in gc.get_objects():
        if type(one) is FunctionType:
            _turn_defaults(one)
    return turned


def _turn_defaults(function: FunctionType) -> None:
    if any(value is _TIME for value in function.__defaults__ or ()):
        function.__defaults__ = tuple(_CLOCK.time if value is _TIME else value for value in function.__defaults__ or ())
    named = function.__kwdefaults__ or {}
    if any(value is _TIME for value in named.values()):
        function.__kwdefaults__ = {name: _CLOCK.time if value is _TIME else value for name, value in named.items()}


def _asks_now(module: ModuleType) -> bool:
    path = getattr(module, "__file__", None)
    return vars(module).get("datetime") is datetime and path is not None and "datetime.now(" in Path(path).read_text()


class _Same(type):
    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, datetime)


class _Shifted(datetime, metaclass=_Same):
    """Another name of datetime, of which nothing is ever made: all it gives are plain ones."""

    def __new__(cls, *values: Any, **named: Any) -> datetime:  # type: ignore[misc]
        return datetime(*values, **named)  # noqa: DTZ001

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return datetime.now(tz) + timedelta(seconds=_CLOCK.ahead)
