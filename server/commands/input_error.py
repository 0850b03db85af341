"""A submitted value, or the state of a row, that a command refuses."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class InputError:
    """One of a payload's userErrors; `path` is the argument's, and the sentence holds no value."""

    code: str
    message: str
    path: tuple[str | int, ...]
