"""Courses, classes and forms, who sits in them and who looks after whom."""

from datetime import date

from server import tables
from tests.worlds.qualification import BOUNDARIES_ID, SPECIFICATION_ID, add_qualification
from tests.worlds.world import World

COURSES = {
    "maths-10": ("Mathematics", "10"),
    "english-10": ("English", "10"),
    "maths-11": ("Mathematics", "11"),
}
CLASSES = {"10/Ma1": "maths-10", "10/Ma2": "maths-10", "10/En1": "english-10", "11/Ma1": "maths-11"}
MEMBERS: dict[str, tuple[str, ...]] = {
    "10/Ma1": ("ann", "bob", "eve", "gus"),
    "10/Ma2": ("cat", "hal"),
    "10/En1": ("ann", "cat"),
    "11/Ma1": ("dan",),
}
FORMER: dict[str, tuple[str, ...]] = {"10/Ma1": ("fay", "hal")}


def add_classes(world: World) -> None:
    add_qualification(world)
    for course, (subject, year_group) in COURSES.items():
        graded = subject == "Mathematics"
        world.add(
            tables.CourseRow,
            course_id=world.name(course),
            academic_year=world.year,
            name=f"{subject}, year {year_group}",
            subject=subject,
            department=subject,
            year_group=year_group,
            specification_id=SPECIFICATION_ID if graded else None,
            boundary_set_id=BOUNDARIES_ID if graded else None,
        )
    for name, course in CLASSES.items():
        world.add(
            tables.ClassRow,
            class_id=world.name(name),
            course_id=world.name(course),
            academic_year=world.year,
            name=name,
            reveals=None,
        )
    for form in ("10A", "10B", "11A"):
        world.add(
            tables.TutorGroupRow,
            tutor_group_id=world.name(form),
            academic_year=world.year,
            name=form,
            year_group=form[:2],
        )


def enrol_all(world: World) -> None:
    """Everybody's current classes, and the former ones of two."""
    for name, members in MEMBERS.items():
        for handle in members:
            _enrol(world, name, handle, world.days(-90), None)
    for name, members in FORMER.items():
        for handle in members:
            _enrol(world, name, handle, world.days(-300), world.days(-61))


def _enrol(world: World, name: str, handle: str, begins: date, ends: date | None) -> None:
    world.add(
        tables.EnrolmentRow,
        enrolment_id=world.new_id(),
        class_id=world.name(name),
        learner_id=world.name(handle),
        course_id=world.name(CLASSES[name]),
        academic_year=world.year,
        source="timetable",
        valid_from=begins,
        valid_to=ends,
    )


def add_assignments(world: World) -> None:
    """Who teaches, covers, leads and looks after whom; and the flags that narrow who may see a learner."""
    _teaching(world)
    _pastoral(world)
    _by_name(world)


def _teaching(world: World) -> None:
    for staff, name, kind, ends in (
        ("teacher", "10/Ma1", "TEACHER", None),
        ("english", "10/En1", "TEACHER", None),
        ("maths-lead", "10/Ma2", "TEACHER", None),
        ("maths-lead", "11/Ma1", "TEACHER", None),
        ("cover", "10/Ma1", "COVER", world.days(2)),
        ("cover", "10/Ma2", "COVER", world.days(-2)),
    ):
        world.add(
            tables.TeachingAssignmentRow,
            teaching_assignment_id=world.new_id(),
            staff_id=world.name(staff),
            class_id=world.name(name),
            course_id=world.name(CLASSES[name]),
            kind=kind,
            source="cover" if kind == "COVER" else "timetable",
            valid_from=world.days(-90),
            valid_to=ends,
        )


def _pastoral(world: World) -> None:
    for staff, form, year_group in (("tutor", "10A", None), ("year-head", None, "10")):
        world.add(
            tables.PastoralAssignmentRow,
            pastoral_assignment_id=world.new_id(),
            staff_id=world.name(staff),
            tutor_group_id=world.name(form) if form else None,
            year_group=year_group,
            source="manual",
            valid_from=world.days(-90),
            valid_to=world.days(200),
        )
    world.add(
        tables.DepartmentLeadRow,
        department_lead_id=world.new_id(),
        staff_id=world.name("maths-lead"),
        department="Mathematics",
        source="manual",
        valid_from=world.days(-90),
        valid_to=world.days(200),
    )


def _by_name(world: World) -> None:
    for staff, learner, kind in (
        ("senco", "ann", "CASELOAD"),
        ("senco-untrained", "ann", "CASELOAD"),
        ("exams-officer", "dan", "ASSIGNED"),
    ):
        world.add(
            tables.LearnerAssignmentRow,
            learner_assignment_id=world.new_id(),
            staff_id=world.name(staff),
            learner_id=world.name(learner),
            kind=kind,
            source="manual",
            valid_from=world.days(-90),
            valid_to=world.days(200),
        )
    for learner, kind in (("eve", "PROTECTED"), ("gus", "RESTRICTED"), ("gus", "OPTED_OUT")):
        world.add(
            tables.LearnerFlagRow,
            flag_id=world.new_id(),
            learner_id=world.name(learner),
            kind=kind,
            valid_from=world.days(-30),
            decided_by=world.name("head"),
        )
