"""Random unitised and points qualifications: units with conversions, and what grades ask for besides the total."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import strategies as st

from server.grading.boundaries import BoundaryRow, BoundarySet, UnitRow
from server.grading.conversion import Above, Below, Between, Conversion, UniformMark, Whole
from server.grading.marks import ABSENT, NOT_ENTERED, PENDING, Mark, MarkState
from server.grading.requirements import Measure, Requirement
from server.grading.scales import grade_steps
from server.grading.specification import Component, Retake, Scheme, Specification

World = tuple[Specification, BoundarySet]
LETTERS = ("A", "B", "C", "D", "E")


def falling(count: int, least: int, most: int) -> st.SearchStrategy[list[int]]:
    """So many different numbers, highest first."""
    return st.lists(st.integers(least, most), min_size=count, max_size=count, unique=True).map(
        lambda found: sorted(found, reverse=True)
    )


@st.composite
def units(draw: st.DrawFn, code: str, smallest: int = 8) -> tuple[Component, UnitRow | None]:
    """A unit of an examination, or one whose raw mark is the place of its grade on a ladder."""
    letters = LETTERS[-draw(st.integers(1, 5)) :]
    most = draw(st.integers(smallest, 40))
    worth = draw(falling(len(letters), 1, most))
    uniform = tuple(UniformMark(letter, Fraction(mark)) for letter, mark in zip(letters, worth, strict=True))
    size = draw(st.sampled_from([10, 20, 40]))
    whole = draw(st.sampled_from(list(Whole)))
    if draw(st.booleans()):
        places = tuple(BoundaryRow(letter, Fraction(len(letters) - place)) for place, letter in enumerate(letters))
        ladder = Conversion(Fraction(most), uniform, Below.NOTHING, Above.FLAT, whole, places)
        return Component(code, Fraction(len(letters)), conversion=ladder, size=size), None
    raw = draw(st.integers(len(letters), 25))
    rows = draw(falling(len(letters), 1, raw))
    conversion = Conversion(
        Fraction(most),
        uniform,
        draw(st.sampled_from(list(Below))),
        draw(st.sampled_from(list(Above))),
        whole,
        between=draw(st.sampled_from(list(Between))),
    )
    row = UnitRow(code, tuple(BoundaryRow(g, Fraction(m)) for g, m in zip(letters, rows, strict=True)))
    return Component(code, Fraction(raw), conversion=conversion, size=size), row


@st.composite
def requirements(draw: st.DrawFn, grades: tuple[str, ...], parts: tuple[Component, ...]) -> Requirement:
    named = draw(st.lists(st.sampled_from(parts), min_size=1, unique_by=lambda part: part.code))
    measure = draw(st.sampled_from(list(Measure)))
    most = sum(
        int(part.conversion.maximum) if part.conversion and measure is Measure.TOTAL else part.size for part in named
    )
    return Requirement(
        draw(st.sampled_from(grades)),
        tuple(part.code for part in named),
        Fraction(draw(st.integers(0, most))),
        "a rule of the test",
        measure,
        Fraction(draw(st.integers(1, 5))),
    )


@st.composite
def unit_worlds(draw: st.DrawFn, most_units: int = 4, most_requirements: int = 2) -> World:
    made = [draw(units(f"U{number}")) for number in range(draw(st.integers(1, most_units)))]
    parts = tuple(part for part, _ in made)
    most = sum((part.conversion.maximum for part in parts if part.conversion), Fraction(0))
    grades = LETTERS[-draw(st.integers(1, 5)) :]
    marks = draw(falling(len(grades), 0, int(most)))
    asked = tuple(draw(st.lists(requirements(grades, parts), max_size=most_requirements)))
    specification = Specification(
        "B:1:U", "B", "1", "Title", "Q", None, most, parts, grade_steps(grades), scheme=Scheme.UNITISED,
        retake=draw(st.sampled_from(list(Retake))), requirements=asked,
    )  # fmt: skip
    rows = tuple(BoundaryRow(letter, Fraction(mark)) for letter, mark in zip(grades, marks, strict=True))
    rows_of_units = tuple(row for _, row in made if row)
    return specification, BoundarySet("B:1:U", "June 2025", rows, ("a table",), "2-source", units=rows_of_units)


def scored(component: Component) -> st.SearchStrategy[Mark]:
    return st.integers(0, int(component.max_raw)).map(lambda raw: Mark(MarkState.SCORED, raw * 100))


def any_mark(component: Component) -> st.SearchStrategy[Mark]:
    return st.one_of(scored(component), scored(component), st.sampled_from([ABSENT, NOT_ENTERED, PENDING]))


@st.composite
def scored_marks(draw: st.DrawFn, specification: Specification) -> dict[str, Mark]:
    return {component.code: draw(scored(component)) for component in specification.components}


@st.composite
def attempts(draw: st.DrawFn, specification: Specification) -> dict[str, Mark | list[Mark]]:
    return {
        component.code: draw(st.one_of(any_mark(component), st.lists(any_mark(component), max_size=3)))
        for component in specification.components
    }
