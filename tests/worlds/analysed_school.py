"""The varied school with what analyses look at: results that were replaced, other kinds of grades, papers by question."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from random import Random

from server import tables
from tests.worlds.drawing import rows_of
from tests.worlds.varied_school import varied_school
from tests.worlds.world import Values, World


def analysed_school(seed: str, today: date) -> World:
    world = varied_school(seed, today)
    drawn = Random(f"{seed} analysed")
    for grade in list(rows_of(world, tables.GradeRow)):
        grade["kind"] = drawn.choice(("CURRENT", "CURRENT", "WORKING_AT"))
        if drawn.random() < 0.4:
            _replaced(world, drawn, grade)
        if drawn.random() < 0.2:
            other = "CURRENT" if grade["kind"] == "WORKING_AT" else "AWARDED"
            world.add(tables.GradeRow, **{**grade, "grade_id": world.new_id(), "kind": other, "points": Decimal(9)})
        if drawn.random() < 0.4 and grade.get("course_id") == world.ids["maths-10"]:
            world.add(
                tables.GradeRow,
                **{
                    **grade,
                    "grade_id": world.new_id(),
                    "course_id": world.name("english-10"),
                    "points": Decimal("4.5"),
                },
            )
    return world


def _replaced(world: World, drawn: Random, grade: Values) -> None:
    """One or two results before the one that stands, each ending when the next begins; of any of these days."""
    versions = rows_of(world, tables.GradeVersionRow)
    versions[:] = [row for row in versions if row["grade_id"] != grade["grade_id"]]
    computed = grade["computed_at"]
    for version in range(drawn.choice((1, 2)), 0, -1):
        replaced, computed = computed, computed - timedelta(days=drawn.choice((1, 30)))
        value = drawn.choice(("2", "7", None))
        points = None if value is None else Decimal(value)
        world.add(
            tables.GradeVersionRow,
            **{**grade, "version": version, "value": value, "points": points, "computed_at": computed},
            replaced_at=replaced,
        )
    grade["version"] = 3
