"""One line of levels that is told to those who may only count: a course's grades.

Three onlookers are reckoned with: one who adds and subtracts what is told (suppression.py), one who knows this rule and
so knows more of what it hides, and one who asks again after the school chose another threshold.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import permutations
from typing import Final

from server.compliance.disclosure.family import WHOLE, Cell, Family
from server.compliance.disclosure.suppression import told

# All levels that are none of the scale's together, such as a grade of an older specification: counted, never told.
_REST: Final = "\N{HORIZONTAL ELLIPSIS}"
_FEW: Final = (0, 1, 2)

Line = Mapping[str, int]


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
    shown = _safely(scale, line, least, ())
    if threshold > least and shown:
        hidden = line.total() - sum(shown.values())
        shown = _safely(list(shown), Counter({**shown, _REST: hidden}), threshold, (_REST,))
    return (line.total() if line.total() >= threshold else None), shown


def _safely(scale: Sequence[str], line: Line, threshold: int, besides: Sequence[str]) -> dict[str, int]:
    """Nothing where somebody who knows the rule could tell a hidden number from what it chose to hide.

    Whether that is so follows from what is told alone: so it tells nothing itself. Where nothing is told, all could be
    at any one level. `besides` are hidden levels that are not of the scale, and which an onlooker can't take for empty.
    """
    shown = _shown(scale, line, threshold)
    return shown if _open(scale, shown, sum(line.values()), threshold, besides) else {}


def _shown(scale: Sequence[str], line: Line, threshold: int) -> dict[str, int]:
    found: dict[Cell, int] = {Cell(hub=level): line.get(level, 0) for level in (*scale, _REST)}
    found[WHOLE] = sum(line.values())
    open_ = told(Family((*scale, _REST), {}), found, threshold)
    return {level: line.get(level, 0) for level in scale if Cell(hub=level) in open_}


def _open(scale: Sequence[str], shown: Line, whole: int, threshold: int, besides: Sequence[str]) -> bool:
    """Whether each hidden level could be two numbers for all that is shown, the rule included."""
    hidden = [level for level in scale if level not in shown]
    if not shown or not hidden:
        return True
    seen: defaultdict[str, set[int]] = defaultdict(set)
    for one in _others((*hidden, *besides), whole - sum(shown.values())):
        if all(len(seen[level]) > 1 for level in hidden):
            break
        if _shown(scale, {**shown, **one}, threshold) == shown:
            for level in hidden:
                seen[level].add(one[level])
    return all(len(seen[level]) > 1 for level in hidden)


def _others(hidden: Sequence[str], whole: int) -> Iterator[dict[str, int]]:
    """Some ways to part the hidden sum: nearly all in one level and few in each of the rest, or evenly; and beside each
    of these those with one of it elsewhere."""
    for start in _starts(hidden, whole):
        yield start
        for giver, taker in permutations(hidden, 2):
            if start[giver]:
                yield {**start, giver: start[giver] - 1, taker: start[taker] + 1}


def _starts(hidden: Sequence[str], whole: int) -> Iterator[dict[str, int]]:
    for few in _FEW:
        for largest in hidden:
            rest = whole - few * (len(hidden) - 1)
            if rest >= 0:
                yield {**dict.fromkeys(hidden, few), largest: rest}
    each, more = divmod(whole, len(hidden))
    yield {level: each + (place < more) for place, level in enumerate(hidden)}
