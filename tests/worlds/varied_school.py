"""The small school made uneven: dates at every edge, empty values, ties, several versions of everything.

The word decides what is drawn, so the same word makes the same school each time.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any, TypeVar

from server import tables
from server.tables.row import Row
from tests.worlds.classes import CLASSES, COURSES
from tests.worlds.learners import LEARNERS, special_values
from tests.worlds.people import STAFF
from tests.worlds.small_school import small_school
from tests.worlds.world import Values, World

T = TypeVar("T")
# First and last days around today: over, over since today, till tomorrow, for good, from today, from tomorrow, to come.
SPANS: tuple[tuple[int, int | None], ...] = (
    (-300, -100), (-90, 0), (-90, 1), (-90, None), (0, 30), (1, 60), (20, None), (-200, -90), (-1, None),
)  # fmt: skip
SCOPED_ROLES = ("class_teacher", "tutor", "senco", "head_of_year", "head_of_department", "pastoral_support", "dsl")
SPECIAL_VALUES: dict[str, tuple[Any, ...]] = {
    "sen_provision": ("N", "K", "E"),
    "sen_needs": (["SPLD"], ["ASD", "SEMH"], []),
    "medical": (["Asthma"], ["Epilepsy", "Nut allergy"]),
    "access_arrangements": (["25 per cent extra time", "Reader"], ["Scribe"]),
    "pupil_premium": ("D", "F", "A"),
    "service_child": ("Y", "N"),
    "looked_after": ("Y", "N"),
    "free_school_meals": ("Y", "N"),
    "ethnicity": ("WBRI", "REFU", "MWAS"),
}


def varied_school(seed: str, today: date) -> World:
    """A small school in which every kind of row has unlikely neighbours."""
    world = small_school(seed, today)
    drawn = Random(seed)
    world.rows[tables.SchoolRow][0]["suppression_threshold"] = drawn.choice((1, 2, 5))
    _people(world, drawn)
    _learners(world, drawn)
    _dated(world, drawn)
    _special(world, drawn)
    _marks(world, drawn)
    _papers(world, drawn)
    _grades(world, drawn)
    _guardians(world, drawn)
    _reports(world, drawn)
    _records(world, drawn)
    return world


def _rows(world: World, table: type[Row]) -> list[Values]:
    return world.rows[table]


def _some(drawn: Random, items: Sequence[T], share: float) -> list[T]:
    return [item for item in items if drawn.random() < share]


def _span(world: World, drawn: Random) -> dict[str, date | None]:
    begins, ends = drawn.choice(SPANS)
    return {"valid_from": world.days(begins), "valid_to": None if ends is None else world.days(ends)}


def _people(world: World, drawn: Random) -> None:
    """More roles, not all of them now; certificates that end today, tomorrow, or begin tomorrow; a gap in every column."""
    for handle in STAFF:
        for role in _some(drawn, SCOPED_ROLES, 0.2):
            world.add(
                tables.RoleAssignmentRow,
                role_assignment_id=world.new_id(),
                person_id=world.name(handle),
                role=role,
                source="manual",
                **_span(world, drawn),
            )
        for course in _some(drawn, ("sen", "welfare", "equality"), 0.25):
            world.add(
                tables.TrainingCertificateRow,
                certificate_id=world.new_id(),
                person_id=world.name(handle),
                course=course,
                completed_on=world.days(drawn.choice((-100, 0, 1))),
                expires_on=world.days(drawn.choice((2, 300))),
                evidence=f"Another certificate of {course}",
            )
    for row in _some(drawn, _rows(world, tables.StaffRow), 0.3):
        row.update(title=None, job_title=None, phone=None)
    for row in _some(drawn, _rows(world, tables.StaffRow), 0.2):
        row.update(family_name="Ånd", sort_key="and zed", left_on=world.days(-3))


def _learners(world: World, drawn: Random) -> None:
    """Twins, leap days, birthdays, missing numbers; attendance of nobody, of no sessions and of thirds."""
    for row in _rows(world, tables.LearnerRow):
        row["date_of_birth"] = drawn.choice(
            (date(2012, 2, 29), world.today.replace(year=world.year - 15, day=1), _birthday(world), date(2011, 12, 31))
        )
        row["year_group"] = drawn.choice((row["year_group"], "9", "R", "11"))
        row["key_stage_2"] = drawn.choice((None, Decimal("100.50"), Decimal(99), Decimal("0.0")))
        row["gender"] = drawn.choice(("F", "M", None))
        row["preferred_name"] = drawn.choice((None, 'Quote " and \\ and \u2028', "Zoë"))
        row["first_language"] = drawn.choice((None, "ENG", "POL"))
        if drawn.random() < 0.25:
            row["mis_id"] = None
        if drawn.random() < 0.25:
            row["upn"] = None
        if drawn.random() < 0.3:
            row.update(given_name="Sam", family_name="Same", sort_key="same sam")
        row["left_on"] = drawn.choice((None, None, None, world.today, world.days(1), world.days(-30)))
    attended = _rows(world, tables.AttendanceRow)
    for row in list(attended):
        row.update(
            drawn.choice(({"possible": 0, "attended": 0}, {"possible": 3, "attended": 1}, {"possible": 200}, {}))
        )
        if drawn.random() < 0.2:
            attended.remove(row)
    contacts = _rows(world, tables.LearnerContactRow)
    for row in list(contacts):
        row["email"] = drawn.choice((None, row["email"]))
        if drawn.random() < 0.2:
            contacts.remove(row)


def _birthday(world: World) -> date:
    return world.today.replace(year=world.year - 14) + timedelta(days=1)


def _dated(world: World, drawn: Random) -> None:
    """Seats, duties, care, leads, cases and flags on every kind of span."""
    for handle in LEARNERS:
        for name in _some(drawn, list(CLASSES), 0.35):
            world.add(
                tables.EnrolmentRow,
                enrolment_id=world.new_id(),
                class_id=world.name(name),
                learner_id=world.name(handle),
                course_id=world.name(CLASSES[name]),
                academic_year=world.year,
                source="timetable",
                **_span(world, drawn),
            )
    for staff in STAFF:
        for name in _some(drawn, list(CLASSES), 0.3):
            world.add(
                tables.TeachingAssignmentRow,
                teaching_assignment_id=world.new_id(),
                staff_id=world.name(staff),
                class_id=world.name(name),
                course_id=world.name(CLASSES[name]),
                kind="TEACHER",
                source="timetable",
                **_span(world, drawn),
            )
        _cared_for(world, drawn, staff)


def _cared_for(world: World, drawn: Random, staff: str) -> None:
    for form, year_group in _some(drawn, (("10A", None), ("11A", None), (None, "11"), (None, "9")), 0.15):
        world.add(
            tables.PastoralAssignmentRow,
            pastoral_assignment_id=world.new_id(),
            staff_id=world.name(staff),
            tutor_group_id=world.name(form) if form else None,
            year_group=year_group,
            source="manual",
            **_span(world, drawn),
        )
    for department in _some(drawn, ("Mathematics", "English"), 0.15):
        world.add(
            tables.DepartmentLeadRow,
            department_lead_id=world.new_id(),
            staff_id=world.name(staff),
            department=department,
            source="manual",
            **_span(world, drawn),
        )
    for learner in _some(drawn, list(LEARNERS), 0.1):
        world.add(
            tables.LearnerAssignmentRow,
            learner_assignment_id=world.new_id(),
            staff_id=world.name(staff),
            learner_id=world.name(learner),
            kind=drawn.choice(("CASELOAD", "ASSIGNED")),
            source="manual",
            **_span(world, drawn),
        )


def _special(world: World, drawn: Random) -> None:
    for learner in LEARNERS:
        for kind in _some(drawn, ("PROTECTED", "RESTRICTED", "OPTED_OUT"), 0.1):
            world.add(
                tables.LearnerFlagRow,
                flag_id=world.new_id(),
                learner_id=world.name(learner),
                kind=kind,
                decided_by=world.name("head"),
                **_span(world, drawn),
            )
        for element, values in SPECIAL_VALUES.items():
            for _ in range(drawn.choice((0, 0, 1, 2))):
                world.add(tables.LearnerSpecialRow, **special_values(world, learner, element, drawn.choice(values)))


def _marks(world: World, drawn: Random) -> None:
    """Half marks, zeros, every state, second attempts, histories over days and papers of several questions."""
    for mark in list(_rows(world, tables.MarkRow)):
        if drawn.random() < 0.15:
            _second_attempt(world, drawn, mark)
        if drawn.random() < 0.4:
            _remark(world, drawn, mark)
    for part in list(_rows(world, tables.MarkPartRow)):
        for place in range(2, drawn.choice((2, 3, 4))):
            question = f"{drawn.choice('0a')}{place}"
            world.add(
                tables.MarkPartRow,
                **{**part, "question": question, "position": drawn.choice((1, place)), "score": Decimal("0.5")},
            )


def _second_attempt(world: World, drawn: Random, mark: Values) -> None:
    made = {
        **mark,
        "mark_id": world.new_id(),
        "attempt": 2,
        "state": "SCORED",
        "score": Decimal(drawn.choice(("0", "7.00"))),
    }
    world.add(tables.MarkRow, **made)
    version = {k: v for k, v in made.items() if k not in ("assessment_id", "class_id", "attempt")}
    world.add(tables.MarkVersionRow, capacity="STAFF", **version)


def _remark(world: World, drawn: Random, mark: Values) -> None:
    """A history of two versions, the first of them days ago."""
    versions = [row for row in _rows(world, tables.MarkVersionRow) if row["mark_id"] == mark["mark_id"]]
    first = versions[0]
    first["recorded_at"] = world.morning - timedelta(days=drawn.choice((1, 20, 60)))
    state = drawn.choice(("SCORED", "SCORED", "ABSENT", "PENDING", "EXEMPT", "NOT_ENTERED"))
    changed: Values = {
        "state": state,
        "score": Decimal(drawn.choice(("0", "12.0", "80"))) if state == "SCORED" else None,
        "version": 2,
        "recorded_at": world.morning + timedelta(microseconds=drawn.choice((0, 1, 120000))),
    }
    mark.update(changed)
    world.add(tables.MarkVersionRow, **{**first, **changed, "reason": drawn.choice((None, "Remarked"))})


def _papers(world: World, drawn: Random) -> None:
    """A second window with papers in half marks, sat by some classes."""
    for course in COURSES:
        for component in _some(drawn, ("1", "2"), 0.5):
            world.add(
                tables.AssessmentRow,
                assessment_id=world.name(f"{course} spring {component}"),
                academic_year=world.year,
                course_id=world.name(course),
                window_id=world.name("spring"),
                component_code=component,
                name=f"Spring {component}",
                maximum=Decimal("80.0"),
                step=Decimal("0.5"),
                held_on=world.days(drawn.choice((-70, -5))),
            )
            for name in _some(drawn, [one for one, of in CLASSES.items() if of == course], 0.7):
                world.add(
                    tables.AssessmentClassRow,
                    assessment_id=world.name(f"{course} spring {component}"),
                    class_id=world.name(name),
                )
            for learner in _some(drawn, list(LEARNERS), 0.3):
                _half_mark(world, drawn, course, component, learner)


def _half_mark(world: World, drawn: Random, course: str, component: str, learner: str) -> None:
    shared: Values = {
        "academic_year": world.year,
        "mark_id": world.new_id(),
        "learner_id": world.name(learner),
        "course_id": world.name(course),
        "state": "SCORED",
        "score": Decimal(drawn.choice(("0.5", "61.50", "79.5"))),
        "version": 1,
        "recorded_at": world.morning - timedelta(seconds=drawn.choice((0, 1))),
        "recorded_by": world.name("teacher"),
    }
    assessment = world.name(f"{course} spring {component}")
    world.add(tables.MarkRow, assessment_id=assessment, class_id=None, attempt=1, **shared)
    world.add(tables.MarkVersionRow, capacity="STAFF", **shared)


def _grades(world: World, drawn: Random) -> None:
    """Grades in two windows, grades without a value, targets without points, and none at all."""
    for grade in list(_rows(world, tables.GradeRow)):
        if drawn.random() < 0.4:
            world.add(
                tables.GradeRow,
                **{**grade, "grade_id": world.new_id(), "window_id": world.name("spring"), "points": Decimal("6.50")},
            )
        if drawn.random() < 0.3:
            grade.update(value=None, points=None, status="INCOMPLETE", floor="3", ceiling="7", flags=["a", 'b"c'])
        if drawn.random() < 0.3:
            grade.update(fine=Decimal("5.250"), next_grade="7", marks_to_next="9/2", shift=-10)
    targets = _rows(world, tables.TargetRow)
    for target in list(targets):
        if drawn.random() < 0.2:
            target["points"] = None
        if drawn.random() < 0.2:
            targets.remove(target)


def _guardians(world: World, drawn: Random) -> None:
    for guardian in _rows(world, tables.GuardianRow):
        if drawn.random() < 0.6:
            guardian.update(phone="01632 960001", address="1 Other Street", title=drawn.choice((None, "Ms")))
    for guardian in ("pat", "quinn", "teacher"):
        for learner in _some(drawn, list(LEARNERS), 0.25):
            world.add(
                tables.GuardianLinkRow,
                link_id=world.new_id(),
                guardian_id=world.name(guardian),
                learner_id=world.name(learner),
                relationship=drawn.choice(("PAM", "CAR")),
                verified_at=world.morning if drawn.random() < 0.6 else None,
                source="roster",
                **_span(world, drawn),
            )


def _reports(world: World, drawn: Random) -> None:
    """Publications change their state; a second report of some; lines with holes."""
    for publication in _rows(world, tables.PublicationRow):
        publication["status"] = drawn.choice(("LIVE", "LIVE", "WITHDRAWN", "SUPERSEDED"))
    first = _rows(world, tables.PublicationRow)[0]
    again = world.name("reports again")
    world.add(
        tables.PublicationRow,
        **{**first, "publication_id": again, "version": 2, "status": "LIVE", "name": "Corrected reports"},
    )
    for report in list(_rows(world, tables.ReportRow)):
        if report["publication_id"] == first["publication_id"] and drawn.random() < 0.5:
            made = {**report, "report_id": world.new_id(), "publication_id": again, "version": 2}
            world.add(tables.ReportRow, **made)
            lines = [row for row in _rows(world, tables.ReportLineRow) if row["report_id"] == report["report_id"]]
            for line in _some(drawn, lines, 0.8):
                of_it = {"report_line_id": world.new_id(), "report_id": made["report_id"], "publication_id": again}
                world.add(tables.ReportLineRow, **{**line, **of_it, "comment": None, "teacher_name": None})


def _records(world: World, drawn: Random) -> None:
    for learner in _some(drawn, list(LEARNERS), 0.5):
        world.add(
            tables.BehaviourEventRow,
            academic_year=world.year,
            behaviour_event_id=world.new_id(),
            learner_id=world.name(learner),
            happened_on=world.days(drawn.choice((-5, -5, -1, 0))),
            kind=drawn.choice(("PRAISE", "LATE")),
            points=drawn.choice((-3, 0, 5)),
            note=None,
        )
