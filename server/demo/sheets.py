"""The rows of each roster sheet of a demo school, heading row first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import TypeAlias

from server.demo import staffing
from server.demo.calendar import first_day, last_day
from server.demo.facts import attendance, behaviour, comments, targets
from server.demo.guardianship import Guardian, Link, guardianship
from server.demo.marking import windows
from server.demo.people import email
from server.demo.stories import assignments, flags, further_guardians
from server.demo.world import World

Rows: TypeAlias = Iterator[Sequence[object]]

SPECIAL = (
    "Ethnicity", "SEN provision", "SEN needs", "Medical", "Access arrangements", "Pupil premium", "Free school meals",
    "Looked after", "Service child",
)  # fmt: skip


def sheets(world: World) -> Iterator[tuple[str, Rows]]:
    guardians, links = guardianship(world.plan, world.households, world.year)
    more_guardians, more_links = further_guardians(world)
    # The demo's own families come out of the number that the plan names.
    kept = guardians[: len(guardians) - len(more_guardians)]
    known = {guardian.mis_id for guardian in kept}
    yield "School", _school(world)
    yield "Staff", _staff(world)
    yield "Learners", _learners(world)
    yield "Guardians", _guardians([*kept, *more_guardians])
    yield "TutorGroups", _tutor_groups(world)
    yield "Courses", _courses(world)
    yield "Classes", _classes(world)
    yield "Windows", _windows(world)
    yield "Assessments", _assessments(world)
    yield "TutorMembers", _tutor_members(world)
    yield "GuardianLinks", _links([*(link for link in links if link.guardian.mis_id in known), *more_links])
    yield "Teaching", _teaching(world)
    yield "Enrolments", _enrolments(world)
    yield "DepartmentLeads", _leads(world)
    yield "Pastoral", _pastoral(world)
    yield "Training", _training(world)
    yield "Assignments", _assignments(world)
    yield "Flags", _flags(world)
    yield "Attendance", attendance(world)
    yield "Behaviour", behaviour(world)
    yield "Targets", targets(world)
    yield "Comments", comments(world)


def _school(world: World) -> Rows:
    yield "Name", "URN", "LAESTAB", "Academic year", "Suppression threshold"
    yield world.plan.name, world.plan.urn, world.plan.laestab, world.year, 5


def _staff(world: World) -> Rows:
    yield "MIS id", "Title", "Given name", "Family name", "Job title", "Email", "Phone", "Roles", "From", "Left on"
    for number, person in enumerate(world.staff):
        mail = email(person.given, person.family, world.plan.domain)
        roles = [*person.roles, *(["tutor"] if _is_tutor(world, person.mis_id) and "tutor" not in person.roles else [])]
        yield (
            person.mis_id, person.title, person.given, person.family, person.job, mail, f"01632 960{number:03}",
            "; ".join(roles), person.since, person.left,
        )  # fmt: skip


def _is_tutor(world: World, mis_id: str) -> bool:
    return any(group.tutor == mis_id and group.year == world.year for group in world.tutor_groups)


def _learners(world: World) -> Rows:
    yield (
        "MIS id", "UPN", "Given name", "Family name", "Preferred name", "Date of birth", "Gender", "Year group",
        "Key stage 2", "First language", "Admitted on", "Left on", "Address", "Email", "Phone", *SPECIAL,
    )  # fmt: skip
    for number, learner in enumerate(world.learners):
        score = max(80, min(120, round(104 + 7 * learner.ability)))
        mail = f"{learner.mis_id.lower()}@{world.plan.domain}"
        yield (
            learner.mis_id, learner.upn, learner.given, learner.family, learner.preferred, learner.born, learner.gender,
            str(learner.year_group), score if number % 23 else None, learner.language, learner.admitted, learner.left,
            world.households[learner.household].address, mail, None, *(learner.special.get(name) for name in SPECIAL),
        )  # fmt: skip


def _guardians(guardians: list[Guardian]) -> Rows:
    yield "MIS id", "Staff MIS id", "Title", "Given name", "Family name", "Email", "Phone", "Address"
    for each in guardians:
        yield each.mis_id, each.staff, each.title, each.given, each.family, each.email, each.phone, each.address


def _links(links: list[Link]) -> Rows:
    yield "Guardian MIS id", "UPN", "Relationship", "Verified on", "From", "Until"
    for link in links:
        yield link.guardian.mis_id, link.learner.upn, link.relationship, link.verified, link.since, link.until


def _tutor_groups(world: World) -> Rows:
    yield "Academic year", "Name", "Year group"
    for group in world.tutor_groups:
        yield group.year, group.name, str(group.year_group)


def _tutor_members(world: World) -> Rows:
    yield "Academic year", "Tutor group", "UPN", "From", "Until"
    for group in world.tutor_groups:
        for learner in group.members:
            since = max(first_day(group.year), learner.admitted)
            until = (learner.left if learner.left and group.year == world.year else None) or (
                None if group.year == world.year else last_day(group.year)
            )
            yield group.year, group.name, learner.upn, since, until


def _courses(world: World) -> Rows:
    yield "Academic year", "Name", "Subject", "Department", "Year group", "Specification", "Series"
    seen: set[tuple[int, str]] = set()
    for group in world.groups:
        title = group.course.title(group.year_group)
        if (group.year, title) not in seen:
            seen.add((group.year, title))
            course = group.course
            yield (
                group.year, title, course.subject, course.department, str(group.year_group), course.specification,
                course.series,
            )  # fmt: skip


def _classes(world: World) -> Rows:
    yield "Academic year", "Name", "Course"
    for group in world.groups:
        yield group.year, group.name, group.course.title(group.year_group)


def _windows(world: World) -> Rows:
    yield "Academic year", "Name", "Starts on", "Ends on"
    for year in (world.year - 1, world.year):
        for window in windows(year, world.year):
            yield year, window.name, window.starts_on(year), window.ends_on(year)


def _assessments(world: World) -> Rows:
    yield "Academic year", "Course", "Window", "Component", "Name", "Maximum", "Step", "Held on", "Classes"
    for row in world.assessments:
        name = f"{row.window.name}: {row.paper.name}"
        maximum, step = Decimal(row.paper.maximum), Decimal(row.paper.step)
        yield (
            row.year, row.title, row.window.name, row.paper.code, name, float(maximum), float(step), row.held_on, None,
        )  # fmt: skip


def _teaching(world: World) -> Rows:
    yield "Academic year", "Class", "Staff MIS id", "Kind", "From", "Until"
    assistants = [p.mis_id for p in world.staff if "teaching_assistant" in p.roles]
    covers = [p.mis_id for p in world.staff if "cover_teacher" in p.roles]
    for place, group in enumerate(world.groups):
        until = None if group.year == world.year else last_day(group.year)
        yield group.year, group.name, group.teacher, "TEACHER", first_day(group.year), until
        if group.year == world.year and assistants and place % 9 == 0:
            yield group.year, group.name, assistants[place % len(assistants)], "ASSISTANT", first_day(group.year), None
        if group.year == world.year and covers and place % 41 == 0:
            start = first_day(group.year)
            yield group.year, group.name, covers[0], "COVER", start, start + timedelta(days=300)
        if group.year == world.year and staffing.COVER_TEACHER in covers and place % 43 == 5:
            yield group.year, group.name, staffing.COVER_TEACHER, "COVER", first_day(group.year), last_day(group.year)


def _enrolments(world: World) -> Rows:
    yield "Academic year", "Class", "UPN", "From", "Until"
    for group in world.groups:
        for seat in group.seats:
            yield group.year, group.name, seat.learner.upn, seat.since, seat.until


def _leads(world: World) -> Rows:
    yield "Staff MIS id", "Department", "From", "Until"
    for person in world.staff:
        if "head_of_department" in person.roles and person.department:
            yield person.mis_id, person.department, first_day(world.year), None


def _pastoral(world: World) -> Rows:
    yield "Staff MIS id", "Academic year", "Tutor group", "Year group", "From", "Until"
    yield staffing.HEAD_OF_YEAR, world.year, None, "10", first_day(world.year), None
    for group in world.tutor_groups:
        until = None if group.year == world.year else last_day(group.year)
        yield group.tutor, group.year, group.name, None, first_day(group.year), until


def _training(world: World) -> Rows:
    """Certificates last three years; the untrained assistant's ended with last summer's term."""
    yield "Staff MIS id", "Course", "Completed on", "Expires on", "Evidence"
    since, until = date(world.year, 9, 1), date(world.year + 3, 9, 1)
    trained = {
        staffing.SENCO: ("sen", "welfare", "equality"),
        staffing.HEAD: ("sen", "welfare", "equality", "safeguarding"),
        staffing.DATA_MANAGER: ("sen", "welfare", "equality"),
        staffing.HEAD_OF_YEAR: ("sen", "welfare"),
        staffing.TEACHER: ("sen",),
        staffing.TUTOR: ("welfare",),
        staffing.DSL: ("sen", "welfare", "equality", "safeguarding"),
        **({staffing.COVER_TEACHER: ("sen",), staffing.ASSISTANT: ("sen",)} if world.plan.staff >= 40 else {}),
    }
    for mis_id, courses in trained.items():
        for course in courses:
            yield mis_id, course, since, until, f"Certificate {course}-{mis_id}"
    for course in ("sen", "welfare", "equality"):
        ended = date(world.year - 3, 7, 10), date(world.year, 7, 10)
        yield staffing.SENCO_UNTRAINED, course, *ended, f"Certificate {course}-{staffing.SENCO_UNTRAINED}"
    for place, person in enumerate(world.staff[11:]):
        if place % 3 == 0 and person.mis_id not in trained and "governor" not in person.roles:
            yield person.mis_id, "sen", since, until, f"Certificate sen-{person.mis_id}"


def _assignments(world: World) -> Rows:
    yield "Staff MIS id", "UPN", "Kind", "From", "Until"
    for row in assignments(world):
        yield row.staff, row.learner.upn, row.kind, row.since, row.until


def _flags(world: World) -> Rows:
    yield "UPN", "Kind", "Decided by", "From", "Until"
    for row in flags(world):
        yield row.learner.upn, row.kind, staffing.DSL, row.since, None
