"""A unitised A level of four units, and a points award of an external unit and three that teachers assess."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from server.grading.boundaries import BoundaryRow, BoundarySet, UnitRow
from server.grading.conversion import Above, Below, Conversion, UniformMark, Whole
from server.grading.requirements import Measure, Requirement
from server.grading.scales import grade_steps
from server.grading.specification import Component, Retake, Scheme, Specification
from tests.unit.grading.samples import rows

UNITS = ("PS01", "PS02", "PS03", "PS04")
_LETTERS = ("A", "B", "C", "D", "E")
_SHARES = {"U": Fraction(0), "N": Fraction(2, 3), "P": Fraction(1), "M": Fraction(5, 3), "D": Fraction(8, 3)}


def psychology(retake: Retake = Retake.BEST) -> Specification:
    """OxfordAQA's shape: units of 90 raw marks and 100 uniform ones; an A* asks for 180 in the last two."""
    worth = tuple(
        UniformMark(letter, Fraction(mark)) for letter, mark in zip(_LETTERS, (80, 70, 60, 50, 40), strict=True)
    )
    return Specification(
        identity="EX:PSY",
        board="EX",
        code="PSY",
        title="Psychology",
        qualification="International A level",
        tier=None,
        max_mark=Fraction(400),
        components=tuple(Component(code, Fraction(90), conversion=Conversion(Fraction(100), worth)) for code in UNITS),
        grades=grade_steps(("A*", *_LETTERS)),
        scheme=Scheme.UNITISED,
        retake=retake,
        requirements=(
            Requirement("A*", UNITS[2:], Fraction(180), "180 in PS03 and PS04.", source="the specification"),
        ),
    )


def psychology_boundaries() -> BoundarySet:
    units = tuple(UnitRow(code, rows(_LETTERS, (67, 59, 51, 43, 35))) for code in UNITS)
    figures = (BoundaryRow("A*", Fraction(320)), *rows(_LETTERS, (320, 280, 240, 200, 160)))
    return BoundarySet("EX:PSY", "January 2026", figures, ("a printed table",), "verified", units=units)


def printed(raw: int, worth: int) -> BoundarySet:
    """The same, but for one point of PS01 that the board's own table has otherwise."""
    whole = psychology_boundaries()
    first = replace(whole.units[0], printed=((Fraction(raw), Fraction(worth)),))
    return replace(whole, units=(first, *whole.units[1:]))


def award() -> Specification:
    """Points: U1 is examined (120 hours), the others are steps of the ladder U N P M D (0 to 4)."""
    sliding = Conversion(Fraction(32), _worth(120, "DMPN"), Below.NOTHING, Above.FLAT, Whole.DOWN)
    return Specification(
        identity="EX:BTEC",
        board="EX",
        code="BTEC",
        title="Applied Science",
        qualification="BTEC National",
        tier=None,
        max_mark=Fraction(96),
        components=(
            Component("U1", Fraction(50), conversion=sliding, size=120),
            *(_internal(code, hours) for code, hours in (("U2", 90), ("U3", 90), ("U4", 60))),
        ),
        grades=grade_steps(("D*", "D", "M", "P")),
        scheme=Scheme.POINTS,
        requirements=(
            Requirement("P", ("U1",), Fraction(8), "U1 needs a near pass."),
            Requirement("P", ("U2", "U3", "U4"), Fraction(150), "150 hours must be passed.", Measure.SIZE, Fraction(6)),
        ),
    )


def award_boundaries() -> BoundarySet:
    return BoundarySet(
        "EX:BTEC", "January 2023", rows(("D*", "D", "M", "P"), (90, 74, 52, 36)), ("a printed table",), "verified",
        units=(UnitRow("U1", rows(("D", "M", "P", "N"), (36, 25, 16, 9))),),
    )  # fmt: skip


def _internal(code: str, hours: int) -> Component:
    worth = _worth(hours, "DMPNU")
    places = tuple(BoundaryRow(letter, Fraction(4 - place)) for place, letter in enumerate("DMPNU"))
    ladder = Conversion(worth[0].mark, worth, Below.NOTHING, Above.FLAT, Whole.DOWN, places)
    return Component(code, Fraction(4), conversion=ladder, size=hours)


def _worth(hours: int, letters: str) -> tuple[UniformMark, ...]:
    return tuple(UniformMark(letter, _SHARES[letter] * hours / 10) for letter in letters)
