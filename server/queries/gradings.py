"""How a course is graded where it chooses: in single windows, and without a specification."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func

from server.queries.classes import STRUCTURE, series_of, specification_of
from server.queries.noun import Leaf, Noun, One, Order, Row, table
from server.tables import CourseScaleRow, WindowGradingRow


def setter(row: Row, of: Any, _: Any) -> list[Any]:
    return [of.c.staff_id == row.c.set_by]


WINDOW_GRADING = Noun(
    name="WindowGrading",
    prefix="wgr",
    table=table(WindowGradingRow),
    key="window_id",
    relations="school",
    exists_as="Assessment",
    node=False,
    description="By which series, and how far shifted, a course is graded in a window. The highest version counts.",
    sides={"specification": specification_of, "series": series_of},
    fields=(
        Leaf("version", "Int", STRUCTURE, lambda r: r.c.version, "1 for the course's first in the window."),
        Leaf("shift", "Int", STRUCTURE, lambda r: r.c.shift, "How far boundaries are shifted, in per cent."),
        Leaf("series", "String", STRUCTURE, lambda r: r.side("series").series, "The series; null: the course's own."),
        Leaf(
            "specification",
            "String",
            STRUCTURE,
            lambda r: r.side("specification").code,
            "Code of its specification; of another one than the course's the series counts for nothing.",
        ),
        Leaf("reason", "String", STRUCTURE, lambda r: r.c.reason, "Why it was set."),
        Leaf("setAt", "DateTime", STRUCTURE, lambda r: r.c.set_at, "When it was set."),
        One("setBy", "Staff", setter, "Who set it; nobody where newer boundaries of the series were put in."),
        One("window", "AssessmentWindow", lambda r, of, _: [of.c.window_id == r.c.window_id], "The window."),
    ),
    orders=(Order("SET_AT", STRUCTURE, lambda r: r.c.set_at, "By time."),),
)

COURSE_SCALE = Noun(
    name="CourseScale",
    prefix="csc",
    table=table(CourseScaleRow),
    key="version",
    relations="school",
    exists_as="Course",
    node=False,
    description="The grades of a course without a specification. The highest version counts.",
    fields=(
        Leaf("version", "Int", STRUCTURE, lambda r: r.c.version, "1 for the course's first."),
        Leaf("grades", "[String!]", STRUCTURE, lambda r: func.to_json(r.c.grades), "Best first."),
        Leaf(
            "points",
            "[String!]",
            STRUCTURE,
            lambda r: func.to_json(r.c.points),
            "Points in their order, exact decimals; empty where they are plain labels.",
        ),
        Leaf("reason", "String", STRUCTURE, lambda r: r.c.reason, "Why it was set."),
        Leaf("setAt", "DateTime", STRUCTURE, lambda r: r.c.set_at, "When it was set."),
        One("setBy", "Staff", setter, "Who set it."),
    ),
    orders=(Order("VERSION", STRUCTURE, lambda r: r.c.version, "By version."),),
)
