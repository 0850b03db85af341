"""Chance with a fixed seed: the same draws in every run and on every version of Python."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Draw:
    """Everything comes from `Random.random`, the one method whose sequence Python promises to keep."""

    def __init__(self, seed: str) -> None:
        self._random = Random(seed)  # noqa: S311 - invented data, nothing secret

    def chance(self, share: float) -> bool:
        return self._random.random() < share

    def below(self, count: int) -> int:
        return int(self._random.random() * count)

    def between(self, low: int, high: int) -> int:
        """Both ends included."""
        return low + self.below(high - low + 1)

    def one(self, values: Sequence[T]) -> T:
        return values[self.below(len(values))]

    def weighted(self, table: Sequence[tuple[T, float]]) -> T:
        """`table` pairs values with their weights."""
        point = self._random.random() * sum(weight for _, weight in table)
        for value, weight in table:
            point -= weight
            if point < 0:
                return value
        return table[-1][0]

    def normal(self) -> float:
        """Mean 0, deviation 1: the sum of twelve even draws less six."""
        return sum(self._random.random() for _ in range(12)) - 6

    def shuffled(self, values: Sequence[T]) -> list[T]:
        found = list(values)
        for place in range(len(found) - 1, 0, -1):
            other = self.below(place + 1)
            found[place], found[other] = found[other], found[place]
        return found
