"""Small choices in words, all of them following from one number."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Choosing:
    """The same seed chooses the same."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def one(self, items: Sequence[T]) -> T:
        return self._random.choice(items)

    def some(self, items: Sequence[T], least: int, most: int) -> list[T]:
        """Different items, in any order; fewer where there are fewer."""
        return self._random.sample(list(items), min(self.number(least, most), len(items)))

    def number(self, least: int, most: int) -> int:
        return self._random.randint(least, most)

    def once_in(self, times: int) -> bool:
        return self._random.randrange(times) == 0
