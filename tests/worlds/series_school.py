"""The small school with mathematics in units that uniform marks compare: raw boundaries differ from series to series."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from server import tables
from server.grading.boundaries import BoundaryRow, BoundarySet, UnitRow
from server.grading.contents import boundary_content, boundary_digest, specification_content, specification_digest
from server.grading.conversion import Conversion, UniformMark
from server.grading.scales import grade_steps
from server.grading.specification import Component, Retake, Scheme, Specification
from server.tables.row import Row
from tests.worlds.own_qualification import own_rules
from tests.worlds.unit_school import unit_school
from tests.worlds.world import Values, World

SUMMER, WINTER = "2025-06", "2025-01"
GRADES = ("A", "B", "C", "D", "E")
RAW = {SUMMER: 64, WINTER: 56}
"""The raw mark of an A in each unit of 80; every grade below 8 marks further down. So a raw mark of summer is worth 5/4 of
it, and one of winter from 16 up to 56 as much as 8 more in summer."""
TOTALS = {SUMMER: 160, WINTER: 150}
"""Uniform marks for an A; every grade below 20 further down."""
_CONFIDENCE = {SUMMER: "official", WINTER: "single-source"}


def unit_rules(world: World) -> Specification:
    uniform = tuple(UniformMark(grade, Fraction(80 - 10 * place)) for place, grade in enumerate(GRADES))
    units = tuple(Component(code, Fraction(80), conversion=Conversion(Fraction(100), uniform)) for code in ("1", "2"))
    changes = {"retake": Retake.BEST, "scheme": Scheme.UNITISED}
    return own_rules(world, components=units, max_mark=Fraction(200), grades=grade_steps(GRADES), **changes)


def unit_series(world: World, series: str, harder: int = 0) -> BoundarySet:
    """`harder`: so many raw marks more for every grade of a unit."""
    return BoundarySet(
        own_rules(world).identity,
        series,
        tuple(BoundaryRow(grade, Fraction(TOTALS[series] - 20 * place)) for place, grade in enumerate(GRADES)),
        (f"the board's table of {series}",),
        _CONFIDENCE[series],
        units=tuple(UnitRow(unit, _raws(RAW[series] + harder)) for unit in ("1", "2")),
    )


def series_school(seed: str, today: date) -> World:
    """The courses are graded by the summer's boundaries, and those of the winter are there to be chosen."""
    world = unit_school(seed, today)
    [course] = [row for row in world.rows[tables.CourseRow] if row["course_id"] == world.ids["maths-10"]]
    [rules] = _of(world, tables.SpecificationRow, "specification_id", course)
    [summer] = _of(world, tables.BoundarySetRow, "boundary_set_id", course)
    made = unit_rules(world)
    rules.update(digest=specification_digest(made), content=specification_content(made))
    summer.update(_columns(unit_series(world, SUMMER)))
    for row in world.rows[tables.GradeRow]:
        if row["course_id"] == course["course_id"]:
            row["kind"] = "CURRENT"
    winter = {**summer, "boundary_set_id": world.name("winter"), **_columns(unit_series(world, WINTER))}
    world.add(tables.BoundarySetRow, **winter)
    return world


def _of(world: World, table: type[Row], key: str, course: Values) -> list[Values]:
    return [row for row in world.rows[table] if row[key] == course[key]]


def _columns(series: BoundarySet) -> Values:
    return {
        "series": series.series,
        "digest": boundary_digest(series),
        "source": series.sources[0],
        "confidence": series.confidence,
        "content": boundary_content(series),
    }


def _raws(best: int) -> tuple[BoundaryRow, ...]:
    return tuple(BoundaryRow(grade, Fraction(best - 8 * place)) for place, grade in enumerate(GRADES))
