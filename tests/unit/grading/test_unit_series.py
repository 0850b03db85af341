"""Units of windows of different series: what is named, what is refused, and what a what-if of another tier takes."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from server.grading.boundaries import BoundaryRow, BoundarySet, UnitRow
from server.grading.confidences import lowest
from server.grading.contents import boundary_content, boundary_digest, specification_content
from server.grading.conversion import Conversion, UniformMark
from server.grading.errors import ErrorCode
from server.grading.marks import Mark, MarkState
from server.grading.papers import Contents, Paper
from server.grading.rule_family import RuleFamily
from server.grading.scales import grade_steps
from server.grading.sittings import Sitting, grade_many_sittings, grade_sittings
from server.grading.specification import Component, Scheme, Specification
from server.grading.what_if import Case, Outcome, Overlay, Refused, what_if

UNIFORM = (UniformMark("A", Fraction(80)), UniformMark("B", Fraction(60)))
THIRTY = Mark(MarkState.SCORED, 3000)


def rules(tier: str = "H", most: int = 50) -> Specification:
    parts = tuple(
        Component(f"{place}{tier}", Fraction(most), conversion=Conversion(Fraction(100), UNIFORM)) for place in (1, 2)
    )
    return Specification(
        f"T:1:{tier}", "T", "1", "Tiers in units", "Q", tier, Fraction(200), parts, grade_steps(("A", "B")),
        scheme=Scheme.UNITISED,
    )  # fmt: skip


def series(name: str, best: int, tier: str = "H", confidence: str = "official") -> BoundarySet:
    """An A in each unit from `best` raw marks, and a B from 10 fewer."""
    totals = (BoundaryRow("A", Fraction(160)), BoundaryRow("B", Fraction(120)))
    units = tuple(
        UnitRow(f"{place}{tier}", (BoundaryRow("A", Fraction(best)), BoundaryRow("B", Fraction(best - 10))))
        for place in (1, 2)
    )
    return BoundarySet(f"T:1:{tier}", name, totals, (f"{name} {tier}",), confidence, units=units)


def contents(specification: Specification, boundaries: BoundarySet) -> Contents:
    return Contents(specification_content(specification), boundary_content(boundaries))


JANUARY, JUNE = series("January", 30, confidence="single-source"), series("June", 40)


def papers(most: int = 50) -> frozenset[Paper]:
    return frozenset(Paper(code, Decimal(most), Decimal(1)) for code in ("1H", "2H"))


def sat(by: Contents | None) -> list[Sitting]:
    """The first unit in January, the second in June: 30 each."""
    return [Sitting(papers(), {"1H": [THIRTY]}, "January", by), Sitting(papers(), {"2H": [THIRTY]}, "June")]


def test_every_set_is_named_and_the_lowest_confidence_counts() -> None:
    """80 by January's boundaries and 60 by June's."""
    found = grade_sittings(contents(rules(), JUNE), sat(contents(rules(), JANUARY)))
    assert found is not None
    assert (found.value, found.subject_mark, found.confidence) == ("B", "140", "single-source")
    assert found.flags == (f"series:1H:January:{boundary_digest(JANUARY)[:12]}",)


def test_a_scaled_paper_of_another_series() -> None:
    """60 of 100 are 30 of 50: its share, by its own series; both are flagged."""
    windows = sat(contents(rules(), JANUARY))
    windows[0] = replace(windows[0], papers=papers(100), marks={"1H": [60]})
    found = grade_sittings(contents(rules(), JUNE), windows)
    assert found is not None
    assert (found.subject_mark, [flag.split(":")[:2] for flag in found.flags]) == (
        "140",
        [["scaled", "1H"], ["series", "1H"]],
    )


@pytest.mark.parametrize(
    "other",
    [
        rules(most=60),
        replace(rules(), components=rules().components[1:]),
        replace(
            rules(),
            components=tuple(
                replace(part, conversion=Conversion(Fraction(90), UNIFORM)) for part in rules().components
            ),
        ),
    ],
    ids=["another maximum", "no such unit", "other uniform marks"],
)
def test_units_that_differ_are_refused(other: Specification) -> None:
    """By both engines, and only where the learner has a mark in such a unit."""
    own, by = contents(rules(), JUNE), contents(other, JANUARY)
    found = grade_sittings(own, sat(by))
    assert found is not None
    assert (found.status, found.flags) == ("NOT_GRADABLE", ("refused:UNITS_DIFFER",))
    unsat = [Sitting(papers(), {"1H": []}, "January", by), Sitting(papers(), {"1H": [30], "2H": [30]}, "June")]
    fine = grade_sittings(own, unsat)
    assert fine is not None
    assert fine.subject_mark == "120"


def test_the_bulk_engine_refuses_alike() -> None:
    """And the others of the course are graded."""
    own = contents(rules(), JUNE)
    learners = [sat(contents(rules(most=60), JANUARY)), sat(contents(rules(), JANUARY)), sat(None)]
    assert grade_many_sittings(own, learners) == [grade_sittings(own, each) for each in learners]


def case(*others: BoundarySet) -> Case:
    known = [contents(rules(each.specification[-1]), each) for each in (JANUARY, JUNE, *others)]
    earlier, own = sat(contents(rules(), JANUARY))
    return Case(contents(rules(), JUNE), own.papers, own.marks, RuleFamily(tuple(known)), earlier=(earlier,))


def test_another_tier_is_of_the_same_series_window_by_window() -> None:
    """30 in each: an A of Foundation in January, from 20, and in June, from 25."""
    _, [found] = what_if(case(series("January", 20, "F"), series("June", 25, "F")), [Overlay("F", tier="F")])
    assert isinstance(found, Outcome)
    alone = grade_sittings(
        contents(rules("F"), series("June", 25, "F")),
        [
            Sitting(_of_foundation(), {"1F": [30]}, "January", contents(rules("F"), series("January", 20, "F"))),
            Sitting(_of_foundation(), {"2F": [30]}, "June"),
        ],
    )
    assert alone is not None
    assert (found.columns.value, found.columns.subject_mark) == (alone.value, alone.subject_mark)
    assert found.sources == ("June F", "January F")


def _of_foundation() -> frozenset[Paper]:
    return frozenset(Paper(code, Decimal(50), Decimal(1)) for code in ("1F", "2F"))


def test_another_tier_without_that_series_is_refused() -> None:
    """Not converted by another one."""
    _, [found] = what_if(case(series("June", 25, "F")), [Overlay("F", tier="F")])
    assert isinstance(found, Refused)
    assert found.code is ErrorCode.UNKNOWN_SERIES


@pytest.mark.parametrize(
    ("words", "least"),
    [
        (("official", "2-source"), "2-source"),
        (("single-source (cites a PDF)", "assumed", "high"), "assumed"),
        (("official document text; single-source", "2-source"), "official document text; single-source"),
        (("derived", "seen in a dream"), "seen in a dream"),
        (("high", "high"), "high"),
    ],
)
def test_the_lowest_confidence(words: tuple[str, ...], least: str) -> None:
    """By the lowest word in it; what nobody knows is worth least."""
    assert lowest(words) == least
