"""How things are measured: instruments as declared, and the memory that a process counts in.

Labels have closed lists of values, so that each series has its place in a block of doubles from the start. The block is
shared memory that the supervisor holds: adding to it costs no call and no lock, what a killed process counted stays, and
the process that takes its place counts on.
"""

from __future__ import annotations

import hashlib
import mmap
import os
import tempfile
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Final, Literal, TypeAlias

Labels: TypeAlias = tuple[str, ...]
Slots: TypeAlias = "memoryview[float]"

OTHER: Final = "other"
"""The value that stands for what a label's list doesn't hold, where it is one of them."""
_DOUBLE: Final = 8
_HEADER: Final = 1


class Undeclared(Exception):
    """A value that a label's list doesn't hold."""


@dataclass(frozen=True, slots=True)
class Instrument:
    """`labels`: each one's closed list of values. `bounds` of a histogram's buckets, in its unit, rising.

    `together`: what the figures of several processes make, their sum or the largest of them.
    """

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    words: str
    labels: Mapping[str, Labels] = field(default_factory=dict[str, Labels])
    bounds: tuple[float, ...] = ()
    together: Literal["sum", "max"] = "sum"

    @property
    def width(self) -> int:
        """Slots of one series: a histogram has its buckets, the one above all bounds, and the sum of what was seen."""
        return len(self.bounds) + 2 if self.kind == "histogram" else 1

    def series(self) -> Iterator[Labels]:
        """Every combination of label values."""
        return product(*self.labels.values())


class Layout:
    """Where each series of some instruments has its slots."""

    def __init__(self, instruments: Sequence[Instrument]) -> None:
        self.instruments = {one.name: one for one in instruments}
        self.places: dict[str, dict[Labels, int]] = {}
        place = _HEADER
        for one in instruments:
            self.places[one.name] = {}
            for labels in one.series():
                self.places[one.name][labels] = place
                place += one.width
        self.size = place
        # 2**53 is the last whole number of which every smaller one is a double.
        self.mark = float(int.from_bytes(hashlib.sha256(repr(self.instruments).encode()).digest()[:6], "big"))


class Memory:
    """One process's figures. `close` it."""

    def __init__(self, layout: Layout, descriptor: int | None = None) -> None:
        """`descriptor`: of a file of the right size; none: nobody else sees it.

        Raises Undeclared where it was made for other instruments.
        """
        size = layout.size * _DOUBLE
        if descriptor is not None and os.fstat(descriptor).st_size != size:
            raise Undeclared("the memory was made for other instruments")
        self.descriptor = descriptor
        self._map = mmap.mmap(-1 if descriptor is None else descriptor, size)
        self.slots: Slots = memoryview(self._map).cast("d")
        if self.slots[0] not in (0.0, layout.mark):
            raise Undeclared("the memory was made for other instruments")
        self.slots[0] = layout.mark

    def close(self) -> None:
        self.slots.release()
        self._map.close()
        if self.descriptor is not None:
            os.close(self.descriptor)


def shared_memory(layout: Layout) -> Memory:
    """A new one, of an unnamed file whose descriptor children may inherit."""
    descriptor, path = tempfile.mkstemp(prefix="usher-figures-")
    os.unlink(path)
    os.ftruncate(descriptor, layout.size * _DOUBLE)
    return Memory(layout, descriptor)


class Counting:
    """Of one counter or gauge: adds and sets."""

    def __init__(self, layout: Layout, slots: Slots, instrument: Instrument) -> None:
        self._instrument = instrument
        self._places = layout.places[instrument.name]
        self._slots = slots

    def add(self, *labels: str, by: float = 1.0) -> None:
        """Raises Undeclared."""
        place = self._places.get(labels)
        self._slots[_other(self._places, self._instrument, labels) if place is None else place] += by

    def value(self, *labels: str) -> float:
        """Raises KeyError."""
        return self._slots[self._places[labels]]

    def set(self, value: float, *labels: str) -> None:
        """Raises Undeclared."""
        place = self._places.get(labels)
        self._slots[_other(self._places, self._instrument, labels) if place is None else place] = value


class Observing:
    """Of one histogram."""

    def __init__(self, layout: Layout, slots: Slots, instrument: Instrument) -> None:
        self._instrument = instrument
        self._places = layout.places[instrument.name]
        self._bounds = instrument.bounds
        self._last = len(instrument.bounds) + 1
        self._slots = slots

    def observe(self, value: float, *labels: str) -> None:
        """Raises Undeclared."""
        place = self._places.get(labels)
        if place is None:
            place = _other(self._places, self._instrument, labels)
        self._slots[place + bisect_left(self._bounds, value)] += 1.0
        self._slots[place + self._last] += value


def _other(places: Mapping[Labels, int], instrument: Instrument, labels: Labels) -> int:
    """The place of the series in which what is not listed stands as OTHER, where its label has that. Raises Undeclared."""
    lists = tuple(instrument.labels.values())
    if len(labels) == len(lists):
        kept = tuple(value if value in known else OTHER for value, known in zip(labels, lists, strict=True))
        if kept in places:
            return places[kept]
    raise Undeclared(f"{instrument.name} has no such labels")
