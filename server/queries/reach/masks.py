"""Sets of rows as whole numbers: bit n stands for row n of its family."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

Places: TypeAlias = npt.NDArray[np.intp]
"""Of each row of a family the row of another that it belongs to."""

_Flags: TypeAlias = npt.NDArray[np.uint8]
# Fewer rows than these are walked faster than a whole family is unpacked.
_FEW: Final = 40


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


def owners_of(mask: int, places: Places, size: int) -> int:
    """The rows, among `size`, that these rows belong to."""
    if mask.bit_count() < _FEW:
        return mask_of((int(places[position]) for position in positions(mask)), size)
    flags = np.zeros(size, np.uint8)
    flags[places[_flags(mask, len(places)).view(np.bool_)]] = 1
    return _packed(flags)


def owned_by(mask: int, places: Places, size: int) -> int:
    """The rows that belong to these, which are a set among `size`."""
    return _packed(_flags(mask, size)[places])


def _flags(mask: int, size: int) -> _Flags:
    octets = np.frombuffer(mask.to_bytes(size // 8 + 1, "little"), np.uint8)
    return np.unpackbits(octets, count=size, bitorder="little")


def _packed(flags: _Flags) -> int:
    return int.from_bytes(np.packbits(flags, bitorder="little").tobytes(), "little")
