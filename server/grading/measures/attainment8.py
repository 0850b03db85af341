"""Attainment 8: eight slots, filled so that no other filling gives more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from server.grading.measures.entries import ENGLISH, Entry, check_entries
from server.grading.measures.methods import ATTAINMENT_8, Attainment8Method, Element, SizeRule


@dataclass(frozen=True, slots=True)
class Slot:
    """One place. An empty one has no entry and counts 0; `counted` is points times weight."""

    element: Element
    entry: str | None
    points: Fraction
    weight: int
    source: str

    @property
    def counted(self) -> Fraction:
        return self.points * self.weight


@dataclass(frozen=True, slots=True)
class Attainment8:
    """`unused` are entries of which no slot counts; a double award may count in one slot only."""

    total: Fraction
    slots: tuple[Slot, ...]
    english_doubled: bool
    unused: tuple[str, ...]
    method: Attainment8Method

    def element(self, element: Element) -> Fraction:
        """The part of the total that an element gives."""
        return sum((slot.counted for slot in self.slots if slot.element is element), Fraction(0))


def attainment8(
    entries: Iterable[Entry], method: Attainment8Method = ATTAINMENT_8, *, both_english: bool | None = None
) -> Attainment8:
    """Fill the slots. Whether both English subjects were taken is seen from the entries unless it is said.

    Each place is filled in turn by the best that is left and may stand there, the open places last: since any may
    stand there but maths, a better one in an earlier place never costs more than it gives.
    """
    taken = tuple(entries)
    check_entries(taken)
    doubled = {each.area for each in taken} >= ENGLISH if both_english is None else both_english
    left = sorted(_places(taken), key=lambda each: -points_of(each, method))
    slots: list[Slot] = []
    for element in Element:
        weight = method.single_english if element is Element.ENGLISH and not doubled else method.weights[element]
        slots += [_filled(element, weight, left, method) for _ in range(method.slots[element])]
    used = {slot.entry for slot in slots}
    return Attainment8(
        total=sum((slot.counted for slot in slots), Fraction(0)),
        slots=tuple(slots),
        english_doubled=doubled,
        unused=tuple(each.name for each in taken if each.name not in used),
        method=method,
    )


def points_of(entry: Entry, method: Attainment8Method) -> Fraction:
    """What an entry counts in one slot, before the slot's weight."""
    return entry.points * entry.size if method.size_rule is SizeRule.TIMES_SIZE else entry.points


def _places(entries: Sequence[Entry]) -> Iterator[Entry]:
    """An entry as often as it may stand in a slot."""
    for each in entries:
        yield from [each] * each.slots


def _filled(element: Element, weight: int, left: list[Entry], method: Attainment8Method) -> Slot:
    """The slot with the first of `left` that may fill it, which is taken from there."""
    for position, each in enumerate(left):
        if element in method.fills(each.area):
            del left[position]
            return Slot(element, each.name, points_of(each, method), weight, each.source)
    return Slot(element, None, Fraction(0), weight, "empty slot: 0 points")
