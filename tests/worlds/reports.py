"""Published and withdrawn reports."""

from server import tables
from tests.worlds.attainment import grade_values
from tests.worlds.classes import CLASSES, COURSES, MEMBERS
from tests.worlds.learners import LEARNERS
from tests.worlds.world import World

RULES = {"specification": "SPEC", "series": "SERIES", "shift": 0, "rounding": "sum_exact", "confidence": "published"}


def add_reports(world: World) -> None:
    """A live publication of year 10 and a withdrawn one of year 11."""
    for year_group, status in (("10", "LIVE"), ("11", "WITHDRAWN")):
        publication = world.name(f"reports {year_group}")
        world.add(
            tables.PublicationRow,
            publication_id=publication,
            academic_year=world.year,
            window_id=world.name("autumn"),
            year_group=year_group,
            name=f"Autumn reports, year {year_group}",
            version=1,
            status=status,
            published_at=world.morning,
            published_by=world.name("head"),
        )
    for name, members in MEMBERS.items():
        for handle in members:
            _report(world, handle, CLASSES[name])


def _report(world: World, handle: str, course: str) -> None:
    publication = world.name(f"reports {LEARNERS[handle][2]}")
    known = world.rows.get(tables.ReportRow, [])
    report_id = world.name(f"report {handle}")
    if not any(row["report_id"] == report_id for row in known):
        world.add(
            tables.ReportRow,
            report_id=report_id,
            publication_id=publication,
            learner_id=world.name(handle),
            version=1,
            published_at=world.morning,
        )
    world.add(
        tables.ReportLineRow,
        report_line_id=world.new_id(),
        report_id=report_id,
        publication_id=publication,
        learner_id=world.name(handle),
        course_id=world.name(course),
        position=sum(row["report_id"] == report_id for row in world.rows.get(tables.ReportLineRow, [])) + 1,
        course_name=COURSES[course][0],
        teacher_name="Dr Chalk",
        grade=grade_values(world, handle)["value"] if course.startswith("maths") else None,
        target="6",
        comment="Works with care.",
        **(RULES if course.startswith("maths") else {}),
    )
