"""Two small qualifications for the unit tests: one with fractional factors, one with options."""

from __future__ import annotations

from fractions import Fraction

from server.grading.boundaries import BoundaryRow, BoundarySet
from server.grading.scales import grade_steps
from server.grading.specification import Component, Option, Rounding, RoundingPolicy, Specification

LETTERS = ("A*", "A", "B", "C", "D", "E")


def rows(grades: tuple[str, ...], marks: tuple[int, ...]) -> tuple[BoundaryRow, ...]:
    return tuple(BoundaryRow(grade, Fraction(mark)) for grade, mark in zip(grades, marks, strict=True))


def computing(policy: RoundingPolicy = RoundingPolicy.SUM_EXACT) -> Specification:
    """AQA 7517: two papers of 100 that count half as much again, and coursework of 75."""
    return Specification(
        identity="AQA:7517:U",
        board="AQA",
        code="7517",
        title="Computer Science",
        qualification="GCE A level",
        tier=None,
        max_mark=Fraction(375),
        components=(
            Component("1", Fraction(100), Fraction(3, 2), step=Fraction(1, 2)),
            Component("2", Fraction(100), Fraction(3, 2), step=Fraction(1, 2)),
            Component("C", Fraction(75), step=Fraction(1)),
        ),
        grades=grade_steps(LETTERS),
        rounding=Rounding(policy),
    )


def computing_boundaries() -> BoundarySet:
    return BoundarySet(
        "AQA:7517:U", "June 2025", rows(LETTERS, (300, 245, 201, 157, 113, 69)), ("a printed table",), "single-source"
    )


def geography() -> Specification:
    """Two papers and one of two options of 50, chosen by entry code."""
    return Specification(
        identity="B:GEO:U",
        board="B",
        code="GEO",
        title="Geography",
        qualification="GCSE (9-1)",
        tier=None,
        max_mark=Fraction(200),
        components=tuple(
            Component(code, Fraction(most)) for code, most in (("1", 75), ("2", 75), ("3D", 50), ("3S", 50))
        ),
        grades=grade_steps(("9", "5", "1")),
        options=(Option("D", ("1", "2", "3D")), Option("S", ("1", "2", "3S"))),
    )


def geography_boundaries(option: str | None, marks: tuple[int, ...] = (160, 100, 30)) -> BoundarySet:
    return BoundarySet(
        "B:GEO:U", "June 2025", rows(("9", "5", "1"), marks), ("a printed table",), "2-source", option=option
    )
