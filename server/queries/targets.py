"""Target: what was aimed at, and what was aimed at before."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Numeric, cast, func

from server.queries.constants import number
from server.queries.grades import course_of
from server.queries.noun import Leaf, Many, Noun, One, Order, Row, table
from server.tables import TargetRow, TargetVersionRow


def of_target(row: Row, of: Any, _: Any) -> list[Any]:
    return [of.c.academic_year == row.c.academic_year, of.c.target_id == row.c.target_id]


def target_points(row: Row) -> Any:
    """With the third, cut off after two places: 5.67 must not be more than it is."""
    third = cast(row.c.third, Numeric()) / number(3)
    return func.trunc(row.c.points + third, number(2), type_=Numeric())


def setter(row: Row, of: Any, _: Any) -> list[Any]:
    return [of.c.staff_id == row.c.set_by]


_POINTS = "Its points, those of a third cut off after two places; null where the grades have none."

TARGET = Noun(
    name="Target",
    prefix="tgt",
    table=table(TargetRow),
    key="target_id",
    owner=lambda r: r.c.learner_id,
    relations="course",
    yearly=True,
    description="The grade a learner aims at in a course.",
    sides={"course": course_of},
    fields=(
        Leaf("value", "String", "target", lambda r: r.c.value, "The grade aimed at."),
        Leaf("points", "Decimal", "target", target_points, _POINTS),
        Leaf("setOn", "Date", "target", lambda r: r.c.set_on, "The day it was set."),
        Leaf("method", "String", "target", lambda r: r.c.method, "How it was found."),
        Leaf("version", "Int", "target", lambda r: r.c.version, "Rises each time that it is set."),
        One("setBy", "Staff", setter, "Who set it; nobody where it was imported."),
        Many(
            "history",
            "TargetVersion",
            of_target,
            "The targets that this one replaced, newest first.",
            "VERSION",
            newest_first=True,
            usual=5,
        ),
        One("course", "Course", lambda r, of, _: [of.c.course_id == r.c.course_id], "The course."),
        One("learner", "Learner", lambda r, of, _: [of.c.learner_id == r.c.learner_id], "Whose target it is."),
    ),
    orders=(Order("COURSE", "target", lambda r: r.side("course").name, "By name of the course."),),
)

TARGET_VERSION = Noun(
    name="TargetVersion",
    exists_as="Target",
    prefix="tvn",
    table=table(TargetVersionRow),
    key="version",
    owner=lambda r: r.c.learner_id,
    relations="course",
    yearly=True,
    node=False,
    description="A target as it once was.",
    fields=(
        Leaf("version", "Int", "target", lambda r: r.c.version, "1 for the first."),
        Leaf("value", "String", "target", lambda r: r.c.value, "The grade that was aimed at."),
        Leaf("points", "Decimal", "target", target_points, _POINTS),
        Leaf("setOn", "Date", "target", lambda r: r.c.set_on, "The day it was set."),
        Leaf("method", "String", "target", lambda r: r.c.method, "How it was found."),
        Leaf("replacedAt", "DateTime", "target", lambda r: r.c.replaced_at, "When another one took its place."),
        One("setBy", "Staff", setter, "Who set it; nobody where it was imported."),
    ),
    orders=(Order("VERSION", "target", lambda r: r.c.version, "By version."),),
)
