"""What a check of `usher doctor` found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class State(Enum):
    """A warning is for who knows why it is so; what fails must be mended."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """`says` one sentence of what is so; `remedy` what to do, where there is something to do."""

    check: str
    state: State
    says: str
    remedy: str | None = None


def ok(check: str, says: str) -> Finding:
    return Finding(check, State.OK, says)


def warn(check: str, says: str, remedy: str) -> Finding:
    return Finding(check, State.WARN, says, remedy)


def fail(check: str, says: str, remedy: str) -> Finding:
    return Finding(check, State.FAIL, says, remedy)
