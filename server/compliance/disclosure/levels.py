"""One line of levels that is told to those who may only count: a course's grades."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from server.compliance.disclosure.family import WHOLE, Cell, Family
from server.compliance.disclosure.suppression import told

# All levels that are none of the scale's together, such as a grade of an older specification: counted, never told.
_REST = "\N{HORIZONTAL ELLIPSIS}"


def told_levels(scale: Sequence[str], counts: Mapping[str, int], threshold: int) -> tuple[int | None, dict[str, int]]:
    """How many there are, and how many at each level that may be told; None where even the whole may not.

    `scale` follows from a specification, never from who is at the school; hidden besides are its last levels first.
    """
    line = (*scale, _REST)
    family = Family(line, {})
    found: Counter[Cell] = Counter()
    for level, count in counts.items():
        found[Cell(hub=level if level in scale else _REST)] += count
    found[WHOLE] = sum(counts.values())
    open_ = told(family, found, threshold)
    shown = {level: found[Cell(hub=level)] for level in scale if Cell(hub=level) in open_}
    return (found[WHOLE] if WHOLE in open_ else None), shown
