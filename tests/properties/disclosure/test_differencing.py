"""Nobody who may only count derives a figure of fewer learners than the threshold, whatever they subtract from what."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.compliance.disclosure.averages import Scale, averages
from server.compliance.disclosure.family import WHOLE, Cell, Family, Person, counted
from server.compliance.disclosure.suppression import told, told_in_turn
from tests.properties.disclosure.attacker import bounds, derived, sums
from tests.properties.disclosure.schools import family, people, values

Chooses = Callable[[Family, Mapping[Cell, int], int], frozenset[Cell]]
SCALE = Scale(Decimal(0), Decimal(100), Decimal("0.1"))


def plain(of: Family, counts: Mapping[Cell, int], threshold: int) -> frozenset[Cell]:
    """The naive twin: whatever is small is left out, and nothing else."""
    return frozenset(cell for cell in of.cells() if not 0 < counts.get(cell, 0) < threshold)


def broken(of: Family, counts: Mapping[Cell, int], threshold: int, chooses: Chooses) -> list[str]:
    """What an attacker gets of groups below the threshold."""
    known = {cell: counts.get(cell, 0) for cell in chooses(of, counts, threshold)}
    found = [f"{cell} is told" for cell, number in known.items() if 0 < number < threshold]
    for group in derived(of, known):
        number = sum(counts.get(cell, 0) for cell in group)
        found += [f"{sorted(group)} is {number}"] if number < threshold else []
    found += [f"{cell} is at most {most}" for cell, (_, most) in bounds(of, known).items() if most < threshold]
    return found


@given(st.integers(0, 2**32), st.integers(1, 260), st.sampled_from((5, 5, 7, 10)))
@settings(max_examples=120)
def test_no_small_group_is_derived(seed: int, number: int, threshold: int) -> None:
    """Every figure of a school is asked for; nothing below the threshold follows, nor that a hidden cell is below it."""
    drawn = Random(seed)
    of = family(drawn)
    assert not broken(of, counted(people(drawn, of, number)), threshold, told)


def test_plain_suppression_is_broken_by_the_same_attacker() -> None:
    """So the attack can succeed."""
    schools = [(family(drawn := Random(seed)), drawn) for seed in range(20)]
    assert sum(bool(broken(of, counted(people(drawn, of, 150)), 5, plain)) for of, drawn in schools) >= 12


@given(st.integers(0, 2**32), st.integers(1, 260))
@settings(max_examples=60)
def test_published_figures_are_among_those_of_the_school(seed: int, number: int) -> None:
    """Who holds both has no more than the school's, and each is safe at its own threshold."""
    drawn = Random(seed)
    of = family(drawn)
    counts = counted(people(drawn, of, number))
    inside, outside = told_in_turn(of, counts, [5, 10])
    assert inside == told(of, counts, 5)
    assert outside <= inside

    def chosen(_: Family, __: Mapping[Cell, int], ___: int) -> frozenset[Cell]:
        return outside

    assert not broken(of, counts, 10, chosen)


def test_what_is_told_depends_on_nothing_but_the_school(part: int) -> None:
    """The order of learners and who asks make no difference; so two askers have no more than one."""
    drawn = Random(5 + part)
    of = family(drawn)
    school = people(drawn, of, 200)
    first = told(of, counted(school), 5)
    drawn.shuffle(school)
    assert told(of, counted(school), 5) == first


def test_a_large_even_school_is_told_everything() -> None:
    """Suppression hides what it must: here nothing."""
    of = Family(("9", "10"), {"gender": ("F", "M", "U")})
    school = [Person(hub, {"gender": level}) for hub in of.hub for level in ("F", "M") for _ in range(20)]
    counts = counted(school)
    assert told(of, counts, 5) == frozenset(of.cells())
    assert counts[Cell("gender", "U")] == 0


def test_a_zero_that_tells_where_everybody_is_stays_hidden() -> None:
    """Nobody in year 9 without meals would say of each learner of year 9 that they have them."""
    of = Family(("9", "10"), {"meals": ("YES", "NO")})
    school = [Person("9", {"meals": "YES"})] * 30 + [Person("10", {"meals": level}) for level in ("YES", "NO")] * 30
    open_ = told(of, counted(school), 5)
    assert Cell(hub="9") in open_
    assert not {Cell("meals", "YES", "9"), Cell("meals", "NO", "9")} & open_


def test_less_than_the_threshold_is_told_nothing() -> None:
    of = Family(("9",), {"meals": ("YES", "NO")})
    assert told(of, counted([Person("9", {"meals": "YES"})] * 4), 5) == frozenset()


def every_table(cells: int, number: int) -> Iterator[tuple[int, ...]]:
    if cells == 1:
        yield (number,)
        return
    for first in range(number + 1):
        for rest in every_table(cells - 1, number - first):
            yield (first, *rest)


@pytest.mark.parametrize(("rows", "columns", "number", "threshold"), [(1, 3, 22, 5), (2, 2, 14, 5), (2, 3, 13, 5)])
def test_who_knows_the_rule_by_heart_can_pin_no_small_cell(
    rows: int, columns: int, number: int, threshold: int
) -> None:
    """Of all schools that give the same figures, some two differ in each small cell: every school of that size."""
    of = Family(tuple(map(str, range(rows))), {"d": tuple(map(str, range(columns)))})
    alike: defaultdict[frozenset[tuple[Cell, int]], list[Counter[Cell]]] = defaultdict(list)
    for table in every_table(rows * columns, number):
        counts = Counter(dict(zip(of.table("d"), table, strict=True)))
        for one in reversed(list(sums(of))):
            counts[one.total] = sum(counts[part] for part in one.parts)
        alike[frozenset((cell, counts[cell]) for cell in told(of, counts, threshold))].append(counts)
    for known, schools in alike.items():
        hidden = set(of.cells()) - {cell for cell, _ in known}
        assert all(len(found := {counts[cell] for counts in schools}) > 1 or min(found) >= threshold for cell in hidden)


@given(st.integers(0, 2**32), st.integers(1, 260))
@settings(max_examples=80)
def test_no_average_gives_a_value_away(seed: int, number: int) -> None:
    """An attacker who even knows the exact sums and how many contributed derives no small group and no near-certain value."""
    drawn = Random(seed)
    of = family(drawn)
    school = people(drawn, of, number)
    given_ = values(drawn, number)
    counts = counted(school)
    open_ = told(of, counts, 5)
    shown = averages(of, [(p, None if v is None else Decimal(v)) for p, v in zip(school, given_, strict=True)],
                     {cell: counts[cell] for cell in open_}, 5, SCALE)  # fmt: skip
    having = [(p, v) for p, v in zip(school, given_, strict=True) if v is not None]
    contributors = counted(p for p, _ in having)
    totals: Counter[Cell] = Counter()
    for one, value in having:
        for cell in counted([one]):
            totals[cell] += value
    assert shown.keys() <= open_
    known = {cell: contributors[cell] for cell in shown}
    for group in [*map(frozenset, ([cell] for cell in shown)), *derived(of, known)]:
        n, total = sum(contributors[cell] for cell in group), sum(totals[cell] for cell in group)
        empty = n == 0 and all(counts[cell] == 0 and cell in open_ for cell in group)
        assert n >= 5 or empty
        assert empty or not _is_line(of, group, known) or min(total, 100 * n - total) >= 10


def _is_line(of: Family, group: frozenset[Cell], known: Mapping[Cell, int]) -> bool:
    """A told group, or what is hidden of a told sum."""
    remainders = [frozenset(p for p in one.parts if p not in known) for one in sums(of) if one.total in known]
    return (len(group) == 1 and next(iter(group)) in known) or group in remainders


def test_everybody_at_the_end_of_the_scale_is_not_told() -> None:
    """An average of 100 would be each one's value."""
    of = Family(("9", "10"), {"meals": ("YES", "NO")})
    school = [(Person(hub, {"meals": level}), Decimal(100 if hub == "9" else n)) for hub in of.hub
              for level in ("YES", "NO") for n in range(20, 60)]  # fmt: skip
    counts = counted(person for person, _ in school)
    shown = averages(of, school, {cell: counts[cell] for cell in told(of, counts, 5)}, 5, SCALE)
    assert WHOLE in shown
    assert Cell(hub="9") not in shown
    assert Cell(hub="10") not in shown


def test_plain_averages_are_broken() -> None:
    """The twin tells every average of five or more: what is left of a row is one learner's own value."""
    of = Family(("9", "10"), {"meals": ("YES", "NO")})
    school = [Person(hub, {"meals": level}) for hub in of.hub for level in ("YES", "NO") for _ in range(8)]
    school.append(Person("9", {"meals": "NO"}))
    having = [Decimal(40 + place) for place in range(32)] + [Decimal(77)]
    values_: list[Decimal | None] = list(having)
    for place, person in enumerate(school[:-1]):
        if person.hub == "9" and person.levels["meals"] == "NO":
            values_[place] = None
    contributors = counted(p for p, v in zip(school, values_, strict=True) if v is not None)
    plainly = {cell for cell in of.cells() if contributors[cell] >= 5}
    group = frozenset({Cell("meals", "NO", "9")})
    known = {cell: contributors[cell] for cell in plainly}
    assert contributors[Cell("meals", "NO", "9")] == 1
    assert group in set(derived(of, known))
    counts = counted(school)
    shown = averages(of, list(zip(school, values_, strict=True)), {cell: counts[cell] for cell in told(of, counts, 5)},
                     5, SCALE)  # fmt: skip
    assert group not in set(derived(of, {cell: contributors[cell] for cell in shown}))
