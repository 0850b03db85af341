"""Random specifications, boundaries and marks, and an independent grader written straight from the agreement."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from hypothesis import settings
from hypothesis import strategies as st

from server.grading.boundaries import BoundaryRow, BoundarySet
from server.grading.marks import ABSENT, EXEMPT, NOT_ENTERED, PENDING, Mark, MarkState
from server.grading.scales import grade_steps
from server.grading.specification import Component, Rounding, RoundingPolicy, Specification

checked = settings(derandomize=True, deadline=None, database=None, max_examples=150)

SCALES = (
    ("9", "8", "7", "6", "5", "4", "3", "2", "1"),
    ("9", "8", "7", "6", "5", "4", "3"),
    ("5", "4", "3", "2", "1"),
    ("A*", "A", "B", "C", "D", "E"),
    ("A", "B", "C", "D", "E"),
    (
        "9-9",
        "9-8",
        "8-8",
        "8-7",
        "7-7",
        "7-6",
        "6-6",
        "6-5",
        "5-5",
        "5-4",
        "4-4",
        "4-3",
        "3-3",
        "3-2",
        "2-2",
        "2-1",
        "1-1",
    ),
    ("P",),
)
FACTORS = st.one_of(
    st.sampled_from([Fraction(1), Fraction(2), Fraction(3, 2), Fraction(469, 400), Fraction("1.333"), Fraction("0.8")]),
    st.fractions(min_value=Fraction(1, 20), max_value=5, max_denominator=400),
)
STEPS = st.sampled_from([Fraction(1), Fraction(1, 2), Fraction(1, 4)])

World = tuple[Specification, BoundarySet]
Marks = Mapping[str, Mark]


@st.composite
def components(draw: st.DrawFn, code: str, most_raw: int = 120) -> Component:
    return Component(code, Fraction(draw(st.integers(5, most_raw))), draw(FACTORS), step=draw(STEPS))


@st.composite
def worlds(
    draw: st.DrawFn,
    policies: tuple[RoundingPolicy, ...] = tuple(RoundingPolicy),
    most_parts: int = 4,
    most_raw: int = 120,
) -> World:
    """A specification of one component or some with a matching boundary set."""
    parts = tuple(draw(components(f"P{number}", most_raw)) for number in range(draw(st.integers(1, most_parts))))
    most = sum((part.max_raw * part.factor for part in parts), Fraction(0))
    room = int(most)
    scale = draw(st.sampled_from([scale for scale in SCALES if len(scale) <= room + 1] or [("P",)]))
    marks = draw(st.lists(st.integers(0, room), min_size=len(scale), max_size=len(scale), unique=True))
    rounding = Rounding(draw(st.sampled_from(policies)))
    specification = Specification(
        "B:1:U", "B", "1", "Title", "Q", None, most, parts, grade_steps(scale), rounding=rounding
    )
    rows = tuple(BoundaryRow(g, Fraction(m)) for g, m in zip(scale, sorted(marks, reverse=True), strict=True))
    return specification, BoundarySet("B:1:U", "June 2025", rows, ("a printed table",), "2-source")


def scored(component: Component) -> st.SearchStrategy[Mark]:
    steps = component.max_hundredths // component.step_hundredths
    return st.integers(0, steps).map(lambda count: Mark(MarkState.SCORED, count * component.step_hundredths))


def any_mark(component: Component) -> st.SearchStrategy[Mark]:
    return st.one_of(
        scored(component), scored(component), st.sampled_from([ABSENT, NOT_ENTERED, PENDING, ABSENT, EXEMPT])
    )


@st.composite
def scored_marks(draw: st.DrawFn, specification: Specification) -> dict[str, Mark]:
    return {component.code: draw(scored(component)) for component in specification.components}


@st.composite
def mixed_marks(draw: st.DrawFn, specification: Specification) -> dict[str, Mark]:
    return {component.code: draw(any_mark(component)) for component in specification.components}


def half_up(value: Fraction) -> Fraction:
    return Fraction((value + Fraction(1, 2)).__floor__())


def oracle_mark(specification: Specification, marks: Marks, policy: RoundingPolicy, *, full: bool = False) -> Fraction:
    """The subject mark by fractions alone; open marks count 0, or in full."""
    parts: list[Fraction] = []
    for component in specification.components:
        mark = marks.get(component.code, NOT_ENTERED)
        raw = Fraction(mark.hundredths, 100)
        if full and mark.state in (MarkState.NOT_ENTERED, MarkState.PENDING):
            raw = component.max_raw
        parts.append(raw * component.factor)
    if policy is RoundingPolicy.EACH_HALF_UP:
        return sum((half_up(part) for part in parts), Fraction(0))
    total = sum(parts, Fraction(0))
    return half_up(total) if policy is RoundingPolicy.SUM_THEN_HALF_UP else total


def oracle_grade(boundaries: BoundarySet, mark: Fraction) -> str:
    """The first grade from the top whose boundary the mark is at or above."""
    return next((row.grade for row in boundaries.rows if mark >= row.mark), "U")


def order(boundaries: BoundarySet, grade: str) -> int:
    """Position of a grade from below: U is 0."""
    return ["U", *(row.grade for row in reversed(boundaries.rows))].index(grade)
