"""Where each edge of the graph leads, in plain Python over rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from tests.oracle.asker import Asker
from tests.oracle.rows import Rows, Values, holds
from tests.oracle.things import Thing


@dataclass(frozen=True)
class Step:
    """What an edge has to go by: `day` is the argument asOf, else the day of the row above."""

    rows: Rows
    asker: Asker
    thing: Thing
    arguments: dict[str, Any]
    day: date


Walk = Callable[[Step], Iterable[Values]]


@dataclass(frozen=True)
class Edge:
    """`element` governs the edge on the row it leaves, `target_element` each row it reaches; `order` is its own."""

    target: str
    walk: Walk
    order: str = ""
    newest_first: bool = False
    element: str | None = None
    target_element: str | None = None
    dated: bool = False
    paged: bool = False


def _all(table: str) -> Walk:
    return lambda step: step.rows.all(table)


def _same(table: str, *columns: str) -> Walk:
    """Rows of `table` that agree with the row in these columns."""
    return lambda step: step.rows.where(table, **{name: step.thing.row[name] for name in columns})


def _through(table: str, link: str, own: str, other: str, *, dated: bool = True) -> Walk:
    """Rows of `table` by way of `link`: its `own` column is the row's, its `other` column the found row's."""

    def walk(step: Step) -> Iterable[Values]:
        links = step.rows.where(link, **{own: step.thing.row[own]})
        keys = {row[other] for row in links if not dated or holds(row, step.day)}
        return (row for row in step.rows.all(table) if row[other] in keys)

    return walk


def _of_learner(table: str) -> Walk:
    def walk(step: Step) -> Iterable[Values]:
        year = step.arguments.get("academicYear")
        found = step.rows.where(table, learner_id=step.thing.row["learner_id"])
        return (row for row in found if year is None or row["academic_year"] == year)

    return walk


def _guardians(step: Step) -> Iterable[Values]:
    return step.rows.current("guardian_link", step.day, learner_id=step.thing.row["learner_id"])


def _teachers(step: Step) -> Iterable[Values]:
    taught = step.rows.current("teaching_assignment", step.day, class_id=step.thing.row["class_id"])
    keys = {row["staff_id"] for row in taught}
    return (row for row in step.rows.all("staff") if row["staff_id"] in keys)


def _seats(step: Step) -> Iterable[Values]:
    return step.rows.current("enrolment", step.day, class_id=step.thing.row["class_id"])


def _cells(step: Step) -> Iterable[Values]:
    sat = {row["assessment_id"] for row in step.rows.where("assessment_class", class_id=step.thing.row["class_id"])}
    wanted = step.thing.arguments.get("assessments")
    keys = sat if wanted is None else {key for key in sat if f"asm_{key.hex}" in wanted}
    return (row for row in step.rows.all("assessment") if row["assessment_id"] in keys)


def _viewer(step: Step) -> Iterable[Values]:
    return step.rows.where("access_profile", person_id=step.asker.person_id, capacity=step.asker.capacity)


def _children(step: Step) -> Iterable[Values]:
    """Of a parent; who is staff, too, acts in one capacity at a time."""
    if step.asker.capacity != "PARENT":
        return ()
    links = step.rows.current("guardian_link", step.rows.today, guardian_id=step.asker.person_id)
    lifted = {one["restriction_id"] for one in step.rows.all("link_restriction_end")}
    kept = {
        one["learner_id"]
        for one in step.rows.where("link_restriction", guardian_id=step.asker.person_id)
        if one["restriction_id"] not in lifted
    }
    here = {row["learner_id"] for row in step.rows.all("learner") if not _has_left(row, step.rows.today)}
    return (link for link in links if link["verified_at"] is not None and link["learner_id"] in here - kept)


def _has_left(learner: Values, today: date) -> bool:
    return learner["left_on"] is not None and learner["left_on"] <= today


def graded(step: Step) -> Iterable[Values]:
    """Grades of the class's learners of today, in its course and one window: the newest it sat in where none is named."""
    rows, own = step.rows, step.thing.row
    grades = list(rows.where("grade", course_id=own["course_id"], academic_year=own["academic_year"]))
    named = step.arguments.get("window")
    papers = {sat["assessment_id"] for sat in rows.where("assessment_class", class_id=own["class_id"])}
    sat_in = {paper["window_id"] for paper in rows.all("assessment") if paper["assessment_id"] in papers}
    windows = [row for row in rows.all("assessment_window") if row["window_id"] in sat_in]
    windows.sort(key=lambda row: (-row["ends_on"].toordinal(), row["window_id"]))
    chosen = named or (f"win_{windows[0]['window_id'].hex}" if windows else None)
    learners = {seat["learner_id"] for seat in rows.current("enrolment", rows.today, class_id=own["class_id"])}
    return (
        g
        for g in grades
        if f"win_{g['window_id'].hex}" == chosen and g["learner_id"] in learners and g["value"] is not None
    )


def _summary(step: Step) -> Iterable[Values]:
    """What was reckoned of the learner; families see it while a release stands."""
    released = any(row["withdrawn_at"] is None for row in step.rows.all("access_summary_release"))
    if not released and step.asker.capacity != "STAFF":
        return ()
    found = step.rows.where("access_summary", learner_id=step.thing.row["learner_id"])
    return (row for row in found if row["times"] > 0)


def _entries(step: Step) -> Iterable[Values]:
    """Audit rows by learner, person and element; an element and a learner must stand together."""
    learner, person, element = (step.arguments.get(name) for name in ("learner", "person", "element"))
    for row in step.rows.all("audit_operation"):
        wanted = [element.lower()] if element else list(row["elements"])
        named = {key for name in wanted for key in row["elements"].get(name, ())}
        if person and (row["person_id"] is None or row["person_id"].hex != person[4:]):
            continue
        if element and element.lower() not in row["elements"]:
            continue
        if not learner or str(UUID(learner[4:])) in named:
            yield row


def _taker(step: Step) -> Iterable[Values]:
    return step.rows.where("staff", staff_id=step.thing.row["taken_by"])


def _setter(step: Step) -> Iterable[Values]:
    return step.rows.where("staff", staff_id=step.thing.row["set_by"])


def _recorder(step: Step) -> Iterable[Values]:
    return step.rows.where("staff", staff_id=step.thing.row["recorded_by"])


def _moderator(step: Step) -> Iterable[Values]:
    return step.rows.where("staff", staff_id=step.thing.row["moderated_by"])


def _second_marks(step: Step) -> Iterable[Values]:
    own = step.thing.row
    found = step.rows.where("mark_moderation", mark_id=own["mark_id"], version=own["version"])
    return (row for row in found if row["moderated_by"] != own["recorded_by"])


def _markers(step: Step) -> Iterable[Values]:
    """Of an agreed version: who marked the one before it, first and second."""
    own = step.thing.row
    if not agreed(step.rows, own):
        return ()
    before = {"mark_id": own["mark_id"], "version": own["version"] - 1}
    keys = {row["recorded_by"] for row in step.rows.where("mark_version", **before)}
    keys |= {row["moderated_by"] for row in step.rows.where("mark_moderation", **before)}
    return (row for row in step.rows.all("staff") if row["staff_id"] in keys)


def agreed(rows: Rows, version: Values) -> bool:
    """Whoever agrees a mark says so of their own version."""
    own = {"mark_id": version["mark_id"], "version": version["version"], "moderated_by": version["recorded_by"]}
    return any(True for _ in rows.where("mark_moderation", **own))


def _actor(step: Step) -> Iterable[Values]:
    return step.rows.where("staff", staff_id=step.thing.row["person_id"])


def _subjects(step: Step) -> Iterable[Values]:
    named = {key for keys in step.thing.row["elements"].values() for key in keys}
    return (row for row in step.rows.all("learner") if str(row["learner_id"]) in named)


_LEARNER = Edge("Learner", _same("learner", "learner_id"))
_COURSE = Edge("Course", _same("course", "course_id"))
_ASSESSMENT = Edge("Assessment", _same("assessment", "assessment_id"))

ONES: dict[tuple[str, str], Edge] = {
    ("Query", "viewer"): Edge("Viewer", _viewer),
    ("Query", "school"): Edge("School", _all("school")),
    ("Learner", "tutorGroup"): Edge(
        "TutorGroup", _through("tutor_group", "tutor_membership", "learner_id", "tutor_group_id"), element="groups"
    ),
    ("Class", "course"): _COURSE,
    ("Assessment", "course"): _COURSE,
    ("WindowStep", "course"): _COURSE,
    ("MarkVersion", "recordedBy"): Edge("Staff", _recorder),
    ("MarkModeration", "moderatedBy"): Edge("Staff", _moderator),
    ("WindowStep", "takenBy"): Edge("Staff", _taker),
    **{(name, "setBy"): Edge("Staff", _setter) for name in ("Target", "TargetVersion", "WindowGrading", "CourseScale")},
    ("WindowGrading", "window"): Edge("AssessmentWindow", _same("assessment_window", "window_id")),
    ("Grade", "course"): _COURSE,
    ("Target", "course"): _COURSE,
    ("Assessment", "window"): Edge("AssessmentWindow", _same("assessment_window", "window_id")),
    ("Mark", "assessment"): _ASSESSMENT,
    ("MarkbookCell", "assessment"): _ASSESSMENT,
    **{(name, "learner"): _LEARNER for name in ("Guardian", "Mark", "Grade", "Target", "BehaviourEvent", "Report")},
    ("MarkbookRow", "learner"): _LEARNER,
    ("AuditEntry", "staff"): Edge("Staff", _actor),
}
MANYS: dict[tuple[str, str], Edge] = {
    ("Query", "learners"): Edge("Learner", _all("learner"), "NAME", paged=True),
    ("Query", "classes"): Edge("Class", _all("class"), "NAME", paged=True),
    ("Query", "staff"): Edge("Staff", _all("staff"), "NAME", paged=True),
    ("Query", "reports"): Edge("Report", _all("report"), "PUBLISHED_AT", newest_first=True, paged=True),
    ("Query", "accessLog"): Edge("AuditEntry", _entries, "OCCURRED_AT", newest_first=True, paged=True),
    ("AuditEntry", "learners"): Edge("Learner", _subjects, "NAME"),
    ("Learner", "accessSummary"): Edge("AccessSummaryLine", _summary, "MONTH", newest_first=True),
    ("Viewer", "schools"): Edge("School", _all("school"), "NAME"),
    ("Viewer", "children"): Edge("ViewerChild", _children, "LINK"),
    ("Learner", "classes"): Edge(
        "Class", _through("class", "enrolment", "learner_id", "class_id"), "NAME", element="groups", dated=True
    ),
    ("Learner", "guardians"): Edge("Guardian", _guardians, "NAME", dated=True),
    ("Learner", "marks"): Edge("Mark", _of_learner("mark"), "RECORDED_AT", newest_first=True, paged=True),
    ("Learner", "grades"): Edge("Grade", _of_learner("grade"), "COURSE"),
    ("Learner", "targets"): Edge("Target", _of_learner("target"), "COURSE"),
    ("Learner", "behaviour"): Edge("BehaviourEvent", _of_learner("behaviour_event"), "HAPPENED_ON", newest_first=True),
    ("Learner", "reports"): Edge("Report", _same("report", "learner_id"), "PUBLISHED_AT", newest_first=True),
    ("TutorGroup", "learners"): Edge(
        "Learner",
        _through("learner", "tutor_membership", "tutor_group_id", "learner_id"),
        "NAME",
        target_element="groups",
        dated=True,
    ),
    ("Course", "classes"): Edge("Class", _same("class", "course_id"), "NAME"),
    ("Course", "gradings"): Edge("WindowGrading", _same("window_grading", "course_id"), "SET_AT", newest_first=True),
    ("Course", "scales"): Edge("CourseScale", _same("course_scale", "course_id"), "VERSION", newest_first=True),
    ("Course", "assessments"): Edge("Assessment", _same("assessment", "course_id"), "HELD_ON"),
    ("Class", "teachers"): Edge("Staff", _teachers, "NAME", dated=True),
    ("Class", "learners"): Edge(
        "Learner",
        _through("learner", "enrolment", "class_id", "learner_id"),
        "NAME",
        target_element="groups",
        dated=True,
    ),
    ("Class", "assessments"): Edge(
        "Assessment",
        _through("assessment", "assessment_class", "class_id", "assessment_id", dated=False),
        "HELD_ON",
    ),
    ("Class", "markbook"): Edge("MarkbookRow", _seats, "NAME", target_element="groups", dated=True),
    ("MarkbookRow", "cells"): Edge("MarkbookCell", _cells, "HELD_ON"),
    ("AssessmentWindow", "assessments"): Edge("Assessment", _same("assessment", "window_id"), "HELD_ON"),
    ("AssessmentWindow", "steps"): Edge("WindowStep", _same("window_step", "window_id"), "TAKEN_AT", newest_first=True),
    ("Assessment", "steps"): Edge(
        "WindowStep", _same("window_step", "window_id", "course_id"), "STEP", newest_first=True
    ),
    ("Assessment", "classes"): Edge(
        "Class", _through("class", "assessment_class", "assessment_id", "class_id", dated=False), "NAME"
    ),
    ("Assessment", "marks"): Edge(
        "Mark", _same("mark", "assessment_id", "academic_year"), "RECORDED_AT", newest_first=True, paged=True
    ),
    ("Mark", "parts"): Edge("MarkPart", _same("mark_part", "mark_id"), "POSITION"),
    ("MarkVersion", "moderations"): Edge("MarkModeration", _second_marks, "MODERATED_AT", newest_first=True),
    ("MarkVersion", "markers"): Edge("Staff", _markers, "NAME"),
    ("Mark", "history"): Edge("MarkVersion", _same("mark_version", "mark_id"), "VERSION", newest_first=True),
    ("Grade", "history"): Edge("GradeVersion", _same("grade_version", "grade_id"), "VERSION", newest_first=True),
    ("Target", "history"): Edge("TargetVersion", _same("target_version", "target_id"), "VERSION", newest_first=True),
    ("Report", "lines"): Edge("ReportLine", _same("report_line", "report_id"), "POSITION"),
}
