"""Seats, duties, care, leads and cases on every kind of span."""

from __future__ import annotations

from random import Random

from server import tables
from tests.worlds.classes import CLASSES
from tests.worlds.drawing import some, span
from tests.worlds.learners import LEARNERS
from tests.worlds.people import STAFF
from tests.worlds.world import World


def vary_dates(world: World, drawn: Random) -> None:
    """Seats, duties, care, leads, cases and flags on every kind of span; some classes tell of their learners."""
    telling = Random(f"telling {world.seed}")
    for row in some(telling, world.rows[tables.ClassRow], 0.3):
        row["reveals"] = telling.choice(("sen_provision", "sen_needs", "pupil_premium", "ethnicity"))
    for handle in LEARNERS:
        for name in some(drawn, list(CLASSES), 0.35):
            world.add(
                tables.EnrolmentRow,
                enrolment_id=world.new_id(),
                class_id=world.name(name),
                learner_id=world.name(handle),
                course_id=world.name(CLASSES[name]),
                academic_year=world.year,
                source="timetable",
                **span(world, drawn),
            )
    for staff in STAFF:
        for name in some(drawn, list(CLASSES), 0.3):
            world.add(
                tables.TeachingAssignmentRow,
                teaching_assignment_id=world.new_id(),
                staff_id=world.name(staff),
                class_id=world.name(name),
                course_id=world.name(CLASSES[name]),
                kind="TEACHER",
                source="timetable",
                **span(world, drawn),
            )
        _cared_for(world, drawn, staff)


def _cared_for(world: World, drawn: Random, staff: str) -> None:
    for form, year_group in some(drawn, (("10A", None), ("11A", None), (None, "11"), (None, "9")), 0.15):
        world.add(
            tables.PastoralAssignmentRow,
            pastoral_assignment_id=world.new_id(),
            staff_id=world.name(staff),
            tutor_group_id=world.name(form) if form else None,
            year_group=year_group,
            source="manual",
            **span(world, drawn),
        )
    for department in some(drawn, ("Mathematics", "English"), 0.15):
        world.add(
            tables.DepartmentLeadRow,
            department_lead_id=world.new_id(),
            staff_id=world.name(staff),
            department=department,
            source="manual",
            **span(world, drawn),
        )
    for learner in some(drawn, list(LEARNERS), 0.1):
        world.add(
            tables.LearnerAssignmentRow,
            learner_assignment_id=world.new_id(),
            staff_id=world.name(staff),
            learner_id=world.name(learner),
            kind=drawn.choice(("CASELOAD", "ASSIGNED")),
            source="manual",
            **span(world, drawn),
        )
