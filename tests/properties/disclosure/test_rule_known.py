"""Who knows the rule by heart, and sees all that a census tells, works out no small number of hidden learners.

They look for every school of which the same would be told, and know which levels nobody is in: no year 1 is at a
secondary school.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from random import Random

import pytest

from server.compliance.disclosure.family import WHOLE, Cell, Family
from server.compliance.disclosure.suppression import Known, told, told_in_turn

Counts = Mapping[Cell, int]
Rule = Callable[[Family, Counts, Sequence[int]], list[frozenset[Cell]]]
Told = tuple[frozenset[tuple[Cell, int]], ...]
_MOST_SCHOOLS = 4_000


def by_subtraction_alone(of: Family, counts: Counts, thresholds: Sequence[int]) -> list[frozenset[Cell]]:
    """The naive twin: what adding and subtracting can't break, decided for each threshold anew."""
    found: list[frozenset[Cell]] = []
    for threshold in thresholds:
        hidden = frozenset(of.cells()) - found[-1] if found else frozenset[Cell]()
        found.append(told(of, counts, threshold, Known(hidden, numbers=False)))
    return found


def released(rule: Rule, of: Family, counts: Counts, thresholds: Sequence[int], seen: slice) -> Told:
    return tuple(frozenset((cell, counts[cell]) for cell in one) for one in rule(of, counts, thresholds)[seen])


def counted(cells: Mapping[Cell, int]) -> Counter[Cell]:
    """With all margins, of the numbers in a line's or a table's cells."""
    found: Counter[Cell] = Counter()
    for cell, n in cells.items():
        for one in {WHOLE, Cell(hub=cell.hub), Cell(cell.dimension, cell.level), cell}:
            found[one] += n
    return found


def parted(whole: int, levels: int) -> Iterator[tuple[int, ...]]:
    if levels == 1:
        yield (whole,)
        return
    for first in range(whole + 1):
        for rest in parted(whole - first, levels - 1):
            yield (first, *rest)


def lines_worked_out(
    rule: Rule, levels: int, peopled: Sequence[int], most: int, thresholds: Sequence[int], seen: slice = slice(None)
) -> list[object]:
    """Of all lines of up to `most` learners, those levels of which one small number alone fits what is seen."""
    of = Family(tuple(map(str, range(levels))), {})
    live = [of.hub_line()[place] for place in peopled]
    small = min(thresholds[seen])
    fitting: defaultdict[tuple[int, Told], list[Counter[Cell]]] = defaultdict(list)
    for number in range(small, most + 1):
        for line in parted(number, len(live)):
            counts = counted(dict(zip(live, line, strict=True)))
            fitting[number, released(rule, of, counts, thresholds, seen)].append(counts)
    return [
        (shown, cell)
        for (_, shown), schools in fitting.items()
        for cell in live
        if (cell, schools[0][cell]) not in shown[0] and {school[cell] for school in schools} <= {schools[0][cell]}
        if 0 < schools[0][cell] < small
    ]


@pytest.mark.parametrize(
    ("levels", "peopled", "most"), [(3, (0, 1, 2), 20), (4, (0, 1, 2), 20), (5, (0, 2, 4), 16), (4, (0, 1, 2, 3), 14)]
)
def test_no_line_is_worked_out(levels: int, peopled: Sequence[int], most: int) -> None:
    """Every line of that many learners; also by who is told what is published besides, or that alone."""
    assert lines_worked_out(told_in_turn, levels, peopled, most, (5,)) == []
    assert lines_worked_out(told_in_turn, levels, peopled, most, (5, 7)) == []
    assert lines_worked_out(told_in_turn, levels, peopled, most, (5, 7), slice(1, 2)) == []


def test_lines_that_only_stand_subtraction_are_worked_out() -> None:
    """So the attack can succeed: 1, 5 and 5 of 11 where a zero is told, since that tells of two large groups."""
    assert lines_worked_out(by_subtraction_alone, 4, (0, 1, 2), 12, (5,))
    assert lines_worked_out(by_subtraction_alone, 4, (0, 1, 2, 3), 12, (5,))


class School:
    """A table of a dimension by the hub; the attacker knows which of its levels somebody is in."""

    def __init__(self, seed: int, rows: int, columns: int, empty: int) -> None:
        drawn = Random(seed)
        self.of = Family(tuple(map(str, range(rows + empty))), {"d": tuple(map(str, range(columns)))})
        hub = sorted(drawn.sample(self.of.hub, rows))
        self.live = [Cell("d", level, row) for row in hub for level in self.of.dimensions["d"]]
        self.cells = {cell: drawn.choice((0, 1, 2, 3, 4, 4, 5, 5, 6, 7, 9, 12, 20)) for cell in self.live}


def certain(rule: Rule, school: School, thresholds: Sequence[int]) -> set[Cell]:
    """Cells below the threshold that are the same in every school of which the same is told."""
    counts = counted(school.cells)
    shown = released(rule, school.of, counts, thresholds, slice(None))
    if not shown[0]:
        return set()
    known = dict(shown[0])
    margins = [one for cell in school.live for one in (Cell(hub=cell.hub), Cell("d", cell.level))]
    left = {one for one in (*margins, *school.live) if one not in known and counts[one] < thresholds[0]}
    for place, cells in enumerate(others(school, known)):
        assert place < _MOST_SCHOOLS
        other = counted(cells)
        differs = any(other[one] != counts[one] for one in left)
        if differs and released(rule, school.of, other, thresholds, slice(None)) == shown:
            left = {one for one in left if other[one] == counts[one]}
        if not left:
            break
    return left


def others(school: School, known: Counts) -> Iterator[dict[Cell, int]]:
    """Every table that adds up to what is told."""
    found: dict[Cell, int] = {}
    of_lines = [[cell for cell in school.live if cell.hub == row] for row in school.of.hub]
    of_lines += [[cell for cell in school.live if cell.level == one] for one in school.of.dimensions["d"]]
    totals = [Cell(hub=row) for row in school.of.hub] + [Cell("d", one) for one in school.of.dimensions["d"]]
    sums = [(total, line) for total, line in zip(totals, of_lines, strict=True) if total in known and line]
    sums.append((WHOLE, school.live))

    def filled(place: int) -> Iterator[dict[Cell, int]]:
        if place == len(school.live):
            yield dict(found)
            return
        cell = school.live[place]
        least, most = known.get(cell, 0), known.get(cell, known[WHOLE])
        for total, line in sums:
            if cell in line:
                rest = known[total] - sum(found.get(one, 0) for one in line)
                most = min(most, rest)
                least = rest if all(one in found or one == cell for one in line) else least
        for n in range(max(least, known.get(cell, 0)), most + 1):
            found[cell] = n
            yield from filled(place + 1)
        found.pop(cell, None)

    yield from filled(0)


@pytest.mark.parametrize(
    ("rows", "columns", "empty", "number"), [(2, 2, 1, 60), (3, 2, 0, 70), (2, 3, 0, 60), (3, 2, 1, 60), (3, 3, 0, 25)]
)
def test_no_table_is_worked_out(rows: int, columns: int, empty: int, number: int) -> None:
    """Every table that gives the same margins and crossings, beside random ones with small numbers and larger."""
    schools = [School(seed, rows, columns, empty) for seed in range(number)]
    assert [one.cells for one in schools if certain(told_in_turn, one, (5,))] == []
    assert [one.cells for one in schools if certain(told_in_turn, one, (5, 7))] == []


def test_tables_that_only_stand_subtraction_are_worked_out() -> None:
    """So the attack can succeed: of one census, and of what is published besides."""
    assert certain(by_subtraction_alone, School(23, 3, 3, 0), (5,))
    assert certain(by_subtraction_alone, School(48, 2, 3, 0), (5, 7))
