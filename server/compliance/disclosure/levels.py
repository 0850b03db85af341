"""One line of levels that is told to those who may only count: a course's grades.

It is a family of one line. Three onlookers are reckoned with: one who adds and subtracts what is told, one who knows
the rule, and one who asks again after the school chose another threshold.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from server.compliance.disclosure.family import WHOLE, Cell, Family
from server.compliance.disclosure.suppression import told_in_turn

# All levels that are none of the scale's together, such as a grade of an older specification: counted, never told.
_REST: Final = "\N{HORIZONTAL ELLIPSIS} and others"


def told_levels(
    scale: Sequence[str], counts: Mapping[str, int], threshold: int, least: int
) -> tuple[int | None, dict[str, int]]:
    """How many there are, and how many at each level that may be told; None where even the whole may not.

    `scale` follows from a specification, never from who is at the school; hidden besides are its last levels first.
    `least` is the smallest threshold that any school has. What a larger one tells follows from what the least tells, so
    that whoever asks under both learns nothing further.
    """
    line = Counter(dict.fromkeys(scale, 0))
    for level, count in counts.items():
        line[level if level in scale else _REST] += count
    found = {Cell(hub=level): line[level] for level in (*scale, _REST)}
    found[WHOLE] = line.total()
    thresholds = [least] if threshold <= least else [least, threshold]
    open_ = told_in_turn(Family((*scale, _REST), {}), found, thresholds)[-1]
    shown = {level: line[level] for level in scale if Cell(hub=level) in open_}
    return (line.total() if line.total() >= threshold else None), shown
