"""Windows, assessments, marks with their versions and parts, grades, targets and comments."""

from decimal import Decimal

from server import tables
from tests.worlds.classes import CLASSES, COURSES, MEMBERS
from tests.worlds.learners import LEARNERS
from tests.worlds.qualification import BOUNDARIES_ID, SPECIFICATION_ID, boundaries
from tests.worlds.world import Values, World


def add_attainment(world: World) -> None:
    for window, begins in (("autumn", -80), ("spring", -10)):
        world.add(
            tables.AssessmentWindowRow,
            window_id=world.name(window),
            academic_year=world.year,
            name=window.capitalize(),
            starts_on=world.days(begins),
            ends_on=world.days(begins + 30),
        )
    for course in COURSES:
        _assess(world, course, "autumn")
    for name, members in MEMBERS.items():
        course = CLASSES[name]
        for handle in members:
            for component in ("1", "2"):
                _mark(world, handle, course, name, component)
            _results(world, handle, course)


def _assess(world: World, course: str, window: str) -> None:
    for component in ("1", "2"):
        world.add(
            tables.AssessmentRow,
            assessment_id=world.name(f"{course} paper {component}"),
            academic_year=world.year,
            course_id=world.name(course),
            window_id=world.name(window),
            component_code=component,
            name=f"Paper {component}",
            maximum=Decimal(80),
            step=Decimal(1),
            held_on=world.days(-70),
        )
        for name in (name for name, of in CLASSES.items() if of == course):
            world.add(
                tables.AssessmentClassRow,
                assessment_id=world.name(f"{course} paper {component}"),
                class_id=world.name(name),
            )


def _mark(world: World, handle: str, course: str, name: str, component: str) -> None:
    absent = (handle, component) == ("gus", "2")
    mark_id = world.name(f"mark {handle} {course} {component}")
    shared = {
        "academic_year": world.year,
        "mark_id": mark_id,
        "learner_id": world.name(handle),
        "course_id": world.name(course),
        "state": "ABSENT" if absent else "SCORED",
        "score": None if absent else score_of(handle, component),
        "version": 1,
        "recorded_at": world.morning,
        "recorded_by": world.name("teacher"),
    }
    world.add(
        tables.MarkRow,
        assessment_id=world.name(f"{course} paper {component}"),
        class_id=world.name(name),
        attempt=1,
        **shared,
    )
    world.add(tables.MarkVersionRow, capacity="STAFF", batch="autumn", **shared)
    part: Values = {
        "academic_year": world.year,
        "mark_id": mark_id,
        "question": "1",
        "learner_id": world.name(handle),
        "course_id": world.name(course),
        "position": 1,
        "topic": "Number",
        "score": None if absent else Decimal(4),
        "maximum": Decimal(5),
    }
    world.add(tables.MarkPartRow, **part)
    world.add(tables.MarkPartVersionRow, version=0, **part)


def score_of(handle: str, component: str) -> Decimal:
    """A learner's raw mark of 80 in a component: the same in every course."""
    return Decimal(30 + 5 * list(LEARNERS).index(handle) + int(component))


def _results(world: World, handle: str, course: str) -> None:
    shared: Values = {
        "academic_year": world.year,
        "learner_id": world.name(handle),
        "course_id": world.name(course),
    }
    world.add(
        tables.TargetRow,
        target_id=world.new_id(),
        value="6",
        points=Decimal(6),
        third=0,
        set_on=world.days(-80),
        set_by=world.name("maths-lead"),
        version=1,
        **shared,
    )
    world.add(
        tables.CourseCommentRow,
        comment_id=world.new_id(),
        window_id=world.name("autumn"),
        text="Works with care.",
        written_by=world.name("teacher"),
        written_at=world.morning,
        **shared,
    )
    if course.startswith("maths"):
        world.add(tables.GradeRow, **grade_values(world, handle), **shared)


def grade_values(world: World, handle: str) -> Values:
    total = score_of(handle, "1") + (0 if handle == "gus" else score_of(handle, "2"))
    reached = next((row for row in boundaries().rows if total >= row.mark), None)
    return {
        "grade_id": world.new_id(),
        "window_id": world.name("autumn"),
        "kind": "WORKING_AT",
        "status": "COMPLETE",
        "value": reached.grade if reached else "U",
        "points": Decimal(int(reached.grade)) if reached else Decimal(0),
        "subject_mark": str(total),
        "flags": ["ABSENT_COMPONENT"] if handle == "gus" else [],
        "specification_id": SPECIFICATION_ID,
        "boundary_set_id": BOUNDARIES_ID,
        "engine_version": "1",
        "rounding": "sum_exact",
        "shift": 0,
        "confidence": "high",
        "version": 1,
        "computed_at": world.morning,
    }
