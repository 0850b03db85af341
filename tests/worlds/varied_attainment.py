"""Marks, grades and reports made uneven: every state, histories, half marks, holes and second versions."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from random import Random

from server import tables
from tests.worlds.classes import CLASSES, COURSES
from tests.worlds.drawing import rows_of, some
from tests.worlds.learners import LEARNERS
from tests.worlds.world import Values, World


def vary_marks(world: World, drawn: Random) -> None:
    """Half marks, zeros, every state, second attempts, histories over days and papers of several questions."""
    for mark in list(rows_of(world, tables.MarkRow)):
        if drawn.random() < 0.15:
            _second_attempt(world, drawn, mark)
        if drawn.random() < 0.4:
            _remark(world, drawn, mark)
    for part in list(rows_of(world, tables.MarkPartRow)):
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
    versions = [row for row in rows_of(world, tables.MarkVersionRow) if row["mark_id"] == mark["mark_id"]]
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
    if state == "SCORED":
        _agree(world, first, changed)


def _agree(world: World, first: Values, changed: Values) -> None:
    """Whoever recorded the new version says so themselves: it was agreed on."""
    world.add(
        tables.MarkModerationRow,
        **{key: first[key] for key in ("academic_year", "mark_id", "learner_id", "course_id")},
        version=changed["version"],
        score=changed["score"],
        reason="Agreed.",
        moderated_by=first["recorded_by"],
        moderated_at=world.morning + timedelta(hours=1),
    )


def add_papers(world: World, drawn: Random) -> None:
    """A second window with papers in half marks, sat by some classes."""
    for course in COURSES:
        for component in some(drawn, ("1", "2"), 0.5):
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
            for name in some(drawn, [one for one, of in CLASSES.items() if of == course], 0.7):
                world.add(
                    tables.AssessmentClassRow,
                    assessment_id=world.name(f"{course} spring {component}"),
                    class_id=world.name(name),
                )
            for learner in some(drawn, list(LEARNERS), 0.3):
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


def vary_grades(world: World, drawn: Random) -> None:
    """Grades in two windows, grades without a value, targets without points, and none at all."""
    for grade in list(rows_of(world, tables.GradeRow)):
        if drawn.random() < 0.4:
            world.add(
                tables.GradeRow,
                **{**grade, "grade_id": world.new_id(), "window_id": world.name("spring"), "points": Decimal("6.50")},
            )
        if drawn.random() < 0.3:
            grade.update(value=None, points=None, status="INCOMPLETE", floor="3", ceiling="7", flags=["a", 'b"c'])
        if drawn.random() < 0.3:
            grade.update(fine=Decimal("5.250"), next_grade="7", marks_to_next="9/2", shift=-10)
    targets = rows_of(world, tables.TargetRow)
    for place, target in enumerate(list(targets)):
        if drawn.random() < 0.2:
            target["points"] = None
        target["third"] = place % 3 - 1
        if drawn.random() < 0.2:
            targets.remove(target)
            versions = rows_of(world, tables.TargetVersionRow)
            versions[:] = [row for row in versions if row["target_id"] != target["target_id"]]


def vary_reports(world: World, drawn: Random) -> None:
    """Publications change their state; a second report of some; lines with holes."""
    for publication in rows_of(world, tables.PublicationRow):
        publication["status"] = drawn.choice(("LIVE", "LIVE", "WITHDRAWN", "SUPERSEDED"))
    first = rows_of(world, tables.PublicationRow)[0]
    again = world.name("reports again")
    world.add(
        tables.PublicationRow,
        **{**first, "publication_id": again, "version": 2, "status": "LIVE", "name": "Corrected reports"},
    )
    for report in list(rows_of(world, tables.ReportRow)):
        if report["publication_id"] == first["publication_id"] and drawn.random() < 0.5:
            made = {**report, "report_id": world.new_id(), "publication_id": again, "version": 2}
            world.add(tables.ReportRow, **made)
            lines = [row for row in rows_of(world, tables.ReportLineRow) if row["report_id"] == report["report_id"]]
            for line in some(drawn, lines, 0.8):
                of_it = {"report_line_id": world.new_id(), "report_id": made["report_id"], "publication_id": again}
                world.add(tables.ReportLineRow, **{**line, **of_it, "comment": None, "teacher_name": None})


def vary_records(world: World, drawn: Random) -> None:
    for learner in some(drawn, list(LEARNERS), 0.5):
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
