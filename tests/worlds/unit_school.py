"""The small school with mathematics of year 10 sat in units: in the autumn, and again in the spring."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from server import tables
from server.grading.specification import Retake, Scheme
from tests.worlds.own_qualification import own_qualification
from tests.worlds.small_school import small_school
from tests.worlds.world import World

MAXIMA = {"1": 80, "2": 40}
"""Of the spring's papers; those of the autumn have 80 marks."""


def unit_school(seed: str, today: date, retake: Retake = Retake.BEST, scheme: Scheme = Scheme.UNITISED) -> World:
    """Nobody has a mark in the spring yet; its papers are `maths-10 spring 1` and `2`. Both years are graded so."""
    world = small_school(seed, today)
    own_qualification(world, ("maths-10", "maths-11"), scheme=scheme, retake=retake)
    course = world.ids["maths-10"]
    by = next(row for row in world.rows[tables.CourseRow] if row["course_id"] == course)
    for row in world.rows[tables.GradeRow]:
        if row["course_id"] in (course, world.ids["maths-11"]):
            row.update({key: by[key] for key in ("specification_id", "boundary_set_id")})
    # The small school's spring is locked.
    world.rows[tables.WindowStepRow].clear()
    for component, maximum in MAXIMA.items():
        _add_paper(world, component, maximum)
    return world


def _add_paper(world: World, component: str, maximum: int) -> None:
    world.add(
        tables.AssessmentRow,
        assessment_id=world.name(f"maths-10 spring {component}"),
        academic_year=world.year,
        course_id=world.ids["maths-10"],
        window_id=world.ids["spring"],
        component_code=component,
        name=f"Paper {component}",
        maximum=Decimal(maximum),
        step=Decimal(1),
        held_on=world.days(-5),
    )
    for name in ("10/Ma1", "10/Ma2"):
        world.add(
            tables.AssessmentClassRow,
            assessment_id=world.ids[f"maths-10 spring {component}"],
            class_id=world.ids[name],
        )
