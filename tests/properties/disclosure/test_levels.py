"""Nobody who may only count derives a grade of fewer learners than the threshold from a course's grades."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from server.compliance.disclosure.family import WHOLE, Cell, Family
from server.compliance.disclosure.levels import told_levels
from server.compliance.disclosure.suppression import Known, told
from tests.properties.disclosure.attacker import bounds, derived

SCALE = ("9", "8", "7", "6", "5", "4", "3", "2", "1", "U", "X")
OLDER = "A*"
LINE = Family((*SCALE, OLDER), {})


def grades(drawn: Random, number: int) -> Counter[str]:
    """From even to nearly all alike; now and then a grade of an older specification."""
    weights = [drawn.random() ** drawn.choice((1, 3, 8)) for _ in LINE.hub]
    weights[-1] *= drawn.choice((0, 0, 0.2))
    return Counter(drawn.choices(LINE.hub, weights, k=number))


def plain(_: Sequence[str], counts: Mapping[str, int], threshold: int) -> tuple[int | None, dict[str, int]]:
    """The naive twin: whatever is small is left out, and nothing else."""
    shown = {grade: counts.get(grade, 0) for grade in SCALE if not 0 < counts.get(grade, 0) < threshold}
    return sum(counts.values()), shown


def got(counts: Mapping[str, int], answer: tuple[int | None, dict[str, int]], threshold: int) -> list[str]:
    """What an attacker gets of grades that fewer than the threshold hold."""
    entries, shown = answer
    known = {Cell(hub=grade): count for grade, count in shown.items()}
    known |= {WHOLE: entries} if entries is not None else {}
    found = [f"{cell.hub} is told" for cell, count in known.items() if 0 < count < threshold]
    for group in derived(LINE, known):
        number = sum(counts.get(cell.hub, 0) for cell in group)
        found += [f"{sorted(cell.hub for cell in group)} is {number}"] if 0 < number < threshold else []
    # That nobody has a grade of an older specification may follow: it is a zero beside large numbers, as those told are.
    small = {cell: most for cell, (_, most) in bounds(LINE, known).items() if most < threshold}
    return found + [f"{cell.hub} is at most {most}" for cell, most in small.items() if cell.hub != OLDER or most > 0]


@given(st.integers(0, 2**32), st.integers(0, 240), st.sampled_from((5, 7, 10)))
@settings(max_examples=150)
def test_no_small_grade_is_derived(seed: int, number: int, threshold: int) -> None:
    """Whatever is subtracted from what; and what is told is true."""
    counts = grades(Random(seed), number)
    entries, shown = told_levels(SCALE, counts, threshold, 5)
    assert entries in (None, number)
    assert shown == {grade: counts.get(grade, 0) for grade in shown}
    assert not got(counts, (entries, shown), threshold)


def test_plain_suppression_is_broken_by_the_same_attacker() -> None:
    """So the attack can succeed."""
    courses = [grades(Random(seed), 60) for seed in range(40)]
    assert sum(bool(got(counts, plain(SCALE, counts, 5), 5)) for counts in courses) >= 12


def test_all_alike_is_not_told() -> None:
    """Thirty learners with one grade: the count would be each one's grade."""
    assert told_levels(SCALE, {"7": 30}, 5, 5)[1] == {}


def test_an_even_course_is_told_but_for_what_it_takes() -> None:
    entries, shown = told_levels(SCALE, {"7": 30, "6": 20, "5": 10, "2": 3}, 5, 5)
    assert entries == 63
    assert shown["7"] == 30
    assert "2" not in shown


Told = tuple[int | None, dict[str, int]]
Rule = Callable[[Sequence[str], Mapping[str, int], int], Told]


def ours(scale: Sequence[str], counts: Mapping[str, int], threshold: int) -> Told:
    return told_levels(scale, counts, threshold, 5)


def each_by_itself(scale: Sequence[str], counts: Mapping[str, int], threshold: int) -> Told:
    """The naive twin: what adding and subtracting can't break, decided for each threshold anew."""
    found = {Cell(hub=grade): counts[grade] for grade in scale} | {WHOLE: sum(counts.values())}
    open_ = told(Family((*scale, OLDER), {}), found, threshold, Known(numbers=False))
    return found[WHOLE] if WHOLE in open_ else None, {one: counts[one] for one in scale if Cell(hub=one) in open_}


def parted(whole: int, levels: int) -> Iterator[tuple[int, ...]]:
    if levels == 1:
        yield (whole,)
        return
    for first in range(whole + 1):
        for rest in parted(whole - first, levels - 1):
            yield (first, *rest)


def worked_out(rule: Rule, levels: int, most: int, thresholds: Sequence[int]) -> list[tuple[object, ...]]:
    """By whoever knows the rule and asks under each of the thresholds: of all courses of up to `most` learners those
    whose answers fit one small number of learners at some grade alone."""
    scale = SCALE[:levels]
    fitting: defaultdict[object, list[tuple[int, ...]]] = defaultdict(list)
    for number in range(1, most + 1):
        for course in parted(number, levels):
            answers = [rule(scale, dict(zip(scale, course, strict=True)), threshold) for threshold in thresholds]
            fitting[tuple((entries, tuple(shown.items())) for entries, shown in answers)].append(course)
    return [
        (answers, grade)
        for answers, courses in fitting.items()
        for grade, numbers in zip(scale, zip(*courses, strict=True), strict=True)
        if len(set(numbers)) == 1 and 0 < numbers[0] < 5
    ]


def test_who_knows_the_rule_works_out_no_small_number() -> None:
    """Every course of three grades and up to twenty learners, of four and up to thirteen; also under several thresholds."""
    assert worked_out(ours, 3, 20, (5,)) == []
    assert worked_out(ours, 3, 20, (10, 5, 7)) == []
    assert worked_out(ours, 4, 13, (5, 6)) == []


def test_a_rule_that_only_stands_subtraction_is_worked_out() -> None:
    """So the attack can succeed: by the rule itself, and better still under two thresholds."""
    once, twice = (worked_out(each_by_itself, 3, 20, thresholds) for thresholds in ((5,), (5, 10)))
    assert 0 < len(once) < len(twice)
