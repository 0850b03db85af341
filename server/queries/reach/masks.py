"""Sets of rows as whole numbers: bit n stands for row n of its family."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def mask_of(positions: Iterable[int], size: int) -> int:
    """The set of these positions among `size` rows."""
    marked = bytearray(size // 8 + 1)
    for position in positions:
        marked[position >> 3] |= 1 << (position & 7)
    return int.from_bytes(marked, "little")


def whole(size: int) -> int:
    """All rows."""
    return (1 << size) - 1


def positions(mask: int) -> Iterator[int]:
    """The rows of a set, in order. Text is searched faster than a long number is taken apart."""
    digits = bin(mask)[:1:-1]
    found = digits.find("1")
    while found >= 0:
        yield found
        found = digits.find("1", found + 1)
