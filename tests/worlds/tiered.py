"""The small school with mathematics in two tiers: a made-up qualification, so that no published figure is repeated."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from uuid import UUID

from server import tables
from server.grading.boundaries import BoundaryRow, BoundarySet
from server.grading.scales import grade_steps
from server.grading.specification import Component, Specification
from tests.worlds.qualification import add_boundaries, add_specification
from tests.worlds.small_school import small_school
from tests.worlds.world import World

GRADES = {"H": ("9", "8", "7", "6", "5", "4", "3"), "F": ("5", "4", "3", "2", "1")}
SERIES = "June 2025"
EARLIER = "June 2024"
MARKS = {
    ("H", SERIES): (140, 125, 110, 95, 80, 65, 57),
    ("H", EARLIER): (132, 117, 102, 87, 72, 57, 49),
    ("F", SERIES): (120, 100, 80, 60, 40),
}
_IDS = {("H", ""): 11, ("F", ""): 12, ("H", SERIES): 13, ("H", EARLIER): 14, ("F", SERIES): 15}


def specification(tier: str) -> Specification:
    """Papers 1 and 2 of 80 marks, named after their tier, as boards do."""
    return Specification(
        identity=f"TEST:0002:{tier}",
        board="TEST",
        code="0002",
        title="Tiered mathematics of the tests",
        qualification="GCSE",
        tier=tier,
        max_mark=Fraction(160),
        components=tuple(Component(f"0002/{paper}{tier}", Fraction(80)) for paper in (1, 2)),
        grades=grade_steps(GRADES[tier]),
    )


def boundaries(tier: str, series: str) -> BoundarySet:
    rows = zip(GRADES[tier], MARKS[tier, series], strict=True)
    return BoundarySet(
        f"TEST:0002:{tier}",
        series,
        tuple(BoundaryRow(grade, Fraction(mark)) for grade, mark in rows),
        ("a test",),
        "high",
    )


def tiered_school(seed: str, today: date) -> World:
    """Year 10 sits the Higher tier, and all its stored grades are of June 2025."""
    world = small_school(seed, today)
    for tier in GRADES:
        add_specification(world, key(tier), specification(tier))
    for tier, series in MARKS:
        add_boundaries(world, key(tier, series), key(tier), boundaries(tier, series))
    course, by = world.ids["maths-10"], {"specification_id": key("H"), "boundary_set_id": key("H", SERIES)}
    for table in (tables.CourseRow, tables.GradeRow):
        for row in world.rows[table]:
            row.update(by if row["course_id"] == course else {})
    for row in world.rows[tables.AssessmentRow]:
        if row["course_id"] == course:
            row["component_code"] = f"0002/{row['component_code']}H"
    return world


def key(tier: str, series: str = "") -> UUID:
    return UUID(f"01900000-0000-7000-8000-0000000000{_IDS[tier, series]}")
