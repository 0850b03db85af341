"""Random qualifications of converted units, with what their top grade asks of single units."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import strategies as st

from server.grading.boundaries import BoundaryRow, BoundarySet, UnitRow
from server.grading.conversion import Above, Below, Conversion, UniformMark, Whole
from server.grading.requirements import Measure, Requirement
from server.grading.scales import grade_steps
from server.grading.specification import Component, Scheme, Specification
from tests.properties.grading.worlds import World

_UNIT_GRADES = ("A", "B", "C")
_GRADES = ("A*", "A", "B", "C")


@st.composite
def _unit(draw: st.DrawFn, code: str) -> tuple[Component, UnitRow]:
    most = draw(st.integers(10, 60))
    raw = sorted(draw(st.lists(st.integers(1, most), min_size=3, max_size=3, unique=True)), reverse=True)
    worth = draw(st.sampled_from([20, 60, 90]))
    conversion = Conversion(
        Fraction(worth),
        tuple(UniformMark(grade, Fraction(worth * share, 10)) for grade, share in zip(_UNIT_GRADES, (8, 7, 6), strict=True)),
        draw(st.sampled_from(Below)),
        draw(st.sampled_from(Above)),
        draw(st.sampled_from(Whole)),
    )  # fmt: skip
    rows = tuple(BoundaryRow(grade, Fraction(mark)) for grade, mark in zip(_UNIT_GRADES, raw, strict=True))
    return Component(code, Fraction(most), conversion=conversion, size=10), UnitRow(code, rows)


@st.composite
def unit_worlds(draw: st.DrawFn) -> World:
    """One to four units; an A* asks for nine tenths of the first and the last, a B for one that gave half at least."""
    made = [draw(_unit(f"U{number}")) for number in range(draw(st.integers(1, 4)))]
    parts = tuple(component for component, _ in made)
    worth = {each.code: each.conversion.maximum for each in parts if each.conversion}
    total = sum(worth.values(), Fraction(0))
    ends = tuple(dict.fromkeys((parts[0].code, parts[-1].code)))
    needs = sum((worth[code] for code in ends), Fraction(0)) * 9 / 10
    specification = Specification(
        "B:2:U", "B", "2", "Title", "Q", None, total, parts, grade_steps(_GRADES),
        scheme=Scheme.UNITISED,
        requirements=(
            Requirement("A*", ends, needs, "nine tenths of the first and the last"),
            Requirement("B", (parts[0].code,), Fraction(10), "pass the first", Measure.SIZE, Fraction(5)),
        ),
    )  # fmt: skip
    shares = zip(_GRADES, (8, 8, 7, 6), strict=True)
    rows = tuple(BoundaryRow(grade, total * share / 10) for grade, share in shares)
    boundaries = BoundarySet(
        "B:2:U", "June 2025", rows, ("a printed table",), "2-source", units=tuple(row for _, row in made)
    )
    return specification, boundaries
