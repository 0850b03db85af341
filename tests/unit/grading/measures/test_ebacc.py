"""EBacc entry, achievement and average; basics at 4 and at 5."""

from __future__ import annotations

from fractions import Fraction

import pytest

from server.grading.measures.basics import basics
from server.grading.measures.ebacc import Ebacc, Pillar, PillarResult, ebacc
from server.grading.measures.entries import Area, Entry

WHOLE: dict[Area, str] = {
    Area.ENGLISH_LANGUAGE: "5",
    Area.ENGLISH_LITERATURE: "6",
    Area.MATHS: "5",
    Area.COMBINED_SCIENCE: "5.5",
    Area.HUMANITY: "7",
    Area.LANGUAGE: "5",
}
SINGLES = {Area.BIOLOGY: "6", Area.CHEMISTRY: "5", Area.PHYSICS: "3"}


def entries(points: dict[Area, str]) -> tuple[Entry, ...]:
    return tuple(
        Entry(area, area, Fraction(value), "a test", slots=2 if area is Area.COMBINED_SCIENCE else 1)
        for area, value in points.items()
    )


def without(*areas: Area, **more: str) -> Ebacc:
    kept = {area: value for area, value in WHOLE.items() if area not in areas}
    return ebacc(entries(kept | {Area(name): value for name, value in more.items()}))


def reached(result: Ebacc) -> tuple[bool, bool, bool]:
    return result.entered, result.standard, result.strong


def pillar(result: Ebacc, which: Pillar) -> PillarResult:
    return next(each for each in result.pillars if each.pillar is which)


def test_a_whole_ebacc() -> None:
    """All five pillars at 5 or above; (6 + 5 + 5.5 + 5.5 + 7 + 5) / 6 is 34/6."""
    result = ebacc(entries(WHOLE))
    assert reached(result) == (True, True, True)
    assert (result.average, result.method.name) == (Fraction(34, 6), "ebacc/1")


@pytest.mark.parametrize(
    ("area", "average"),
    [(Area.MATHS, "29"), (Area.HUMANITY, "27"), (Area.LANGUAGE, "29"), (Area.COMBINED_SCIENCE, "23")],
)
def test_a_pillar_that_lacks_counts_nought_and_is_no_entry(area: Area, average: str) -> None:
    """The average still divides by six."""
    result = without(area)
    assert reached(result) == (False, False, False)
    assert result.average == Fraction(average) / 6


def test_english_needs_both_subjects() -> None:
    """One alone is no entry, though its points count in the average."""
    result = without(Area.ENGLISH_LANGUAGE)
    assert reached(result) == (False, False, False)
    assert result.average == Fraction(34, 6)


def test_a_combined_grade_across_the_boundary_is_standard_only() -> None:
    """5-4 is 4.5: above 4, below 5."""
    result = without(combined_science="4.5")
    assert reached(result) == (True, True, False)


@pytest.mark.parametrize(
    ("singles", "entered", "standard", "strong", "points"),
    [
        (SINGLES, True, True, True, ["6", "5"]),
        (SINGLES | {Area.CHEMISTRY: "4"}, True, True, False, ["6", "4"]),
        (SINGLES | {Area.CHEMISTRY: "3"}, True, False, False, ["6", "3"]),
        ({Area.BIOLOGY: "9", Area.PHYSICS: "9"}, False, False, False, ["9", "9"]),
        ({Area.BIOLOGY: "9", Area.PHYSICS: "9", Area.COMPUTER_SCIENCE: "0"}, True, True, True, ["9", "9"]),
        ({Area.BIOLOGY: "9"}, False, False, False, ["9"]),
    ],
)
def test_single_sciences_need_three_entries_and_two_passes(
    singles: dict[Area, str], entered: bool, standard: bool, strong: bool, points: list[str]
) -> None:
    """Computer science is one of the four; the average takes the best two."""
    result = without(Area.COMBINED_SCIENCE, **singles)
    science = pillar(result, Pillar.SCIENCE)
    assert (science.entered, science.standard, science.strong) == (entered, standard, strong)
    assert science.points == tuple(map(Fraction, points))
    assert reached(result) == (entered, standard, strong)


def test_the_better_of_combined_and_single_sciences_counts() -> None:
    """In the average; one pass of either is enough."""
    result = without(**SINGLES | {Area.BIOLOGY: "9", Area.CHEMISTRY: "8"})
    assert pillar(result, Pillar.SCIENCE).points == (9, 8)


def test_nothing_taken_is_no_ebacc() -> None:
    """With an average of 0."""
    result = ebacc([])
    assert (reached(result), result.average) == ((False, False, False), 0)


@pytest.mark.parametrize(
    ("language", "literature", "maths", "standard", "strong"),
    [
        ("4", "3", "4", True, False),
        ("3", "5", "5", True, True),
        ("9", "9", "3", False, False),
        ("3", "3", "9", False, False),
        ("5", None, "4", True, False),
        (None, None, "9", False, False),
        ("9", "9", None, False, False),
    ],
)
def test_basics_are_the_better_english_and_maths(
    language: str | None, literature: str | None, maths: str | None, standard: bool, strong: bool
) -> None:
    """Both at the grade or above; what was not taken is not reached."""
    points = {Area.ENGLISH_LANGUAGE: language, Area.ENGLISH_LITERATURE: literature, Area.MATHS: maths}
    result = basics(entries({area: value for area, value in points.items() if value is not None}))
    assert (result.standard, result.strong, result.method.name) == (standard, strong, "basics/1")
