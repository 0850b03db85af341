"""Tutor groups, classes, who sits in them and who teaches them: this year, last year, and changes within a year."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from server.demo.calendar import first_day, last_day
from server.demo.draw import Draw
from server.demo.intake import YEAR_GROUPS
from server.demo.people import Learner, Staff
from server.demo.plan import SchoolPlan
from server.demo.staffing import HEAD_OF_DEPARTMENT, HEAD_OF_YEAR, TEACHER, TUTOR
from server.demo.subjects import SET_BY_ATTAINMENT, Course, courses_of


@dataclass(slots=True)
class Seat:
    learner: Learner
    since: date
    until: date | None


@dataclass(slots=True)
class Group:
    """A class of a course in one school year."""

    name: str
    year: int
    year_group: int
    course: Course
    teacher: str = ""
    seats: list[Seat] = field(default_factory=list[Seat])


@dataclass(frozen=True, slots=True)
class TutorGroup:
    name: str
    year: int
    year_group: int
    tutor: str
    members: tuple[Learner, ...]


def year_group_in(learner: Learner, year: int, now: int) -> int | None:
    """The year group that a learner was in, None where not yet or no longer at school."""
    finished = learner.left is not None and learner.left < first_day(now)
    group = learner.year_group - (now - year) + (1 if finished else 0)
    return group if YEAR_GROUPS[0] <= group <= YEAR_GROUPS[-1] and learner.admitted <= last_day(year) else None


def groups(plan: SchoolPlan, learners: list[Learner], staff: list[Staff], now: int) -> list[Group]:
    found: list[Group] = []
    for year in (now - 1, now):
        for year_group in YEAR_GROUPS:
            cohort = [learner for learner in learners if year_group_in(learner, year, now) == year_group]
            if cohort and not (year == now - 1 and year_group == 11 and len(cohort) < plan.set_size // 3):
                found += _year(plan, cohort, year_group, year, now)
    _staff_groups(plan, found, staff, now)
    return found


def _year(plan: SchoolPlan, cohort: list[Learner], year_group: int, year: int, now: int) -> list[Group]:
    draw = Draw(f"{plan.key} classes {year - now} {year_group}")
    count = max(1, round(len(cohort) / plan.set_size))
    choices = _choices(plan, cohort, courses_of(year_group))
    found: list[Group] = []
    numbers: dict[str, int] = {}
    for course in courses_of(year_group):
        takers = [learner for learner in cohort if _takes(course, learner, choices)]
        for part in _sets(draw, course, takers, count, cohort):
            numbers[course.short] = numbers.get(course.short, 0) + 1
            group = Group(f"{year_group}{course.short}{numbers[course.short]}", year, year_group, course)
            until = None if year == now else last_day(year)
            group.seats = [Seat(learner, max(first_day(year), learner.admitted), until) for learner in part]
            found.append(group)
    _change_seats(draw, found, year, now)
    return found


def _choices(plan: SchoolPlan, cohort: list[Learner], courses: tuple[Course, ...]) -> dict[str, set[str]]:
    """Option courses by learner: one of each block, the same from year to year."""
    blocks: dict[str, list[str]] = {}
    for course in courses:
        if course.block:
            blocks.setdefault(course.block, []).append(course.subject)
    chosen: dict[str, set[str]] = {}
    for learner in cohort:
        draw = Draw(f"{plan.key} options {learner.mis_id}")
        chosen[learner.mis_id] = {draw.one(blocks[name]) for name in sorted(blocks)}
    return chosen


def _takes(course: Course, learner: Learner, choices: dict[str, set[str]]) -> bool:
    return course.block is None or course.subject in choices[learner.mis_id]


def _sets(draw: Draw, course: Course, takers: list[Learner], count: int, cohort: list[Learner]) -> list[list[Learner]]:
    """Sets by attainment, with the best five in eight on the higher tier; other subjects are mixed."""
    if course.short in SET_BY_ATTAINMENT:
        ranked = sorted(takers, key=lambda learner: (-(learner.ability + 0.3 * draw.normal()), learner.mis_id))
    else:
        ranked = draw.shuffled(takers)
    if course.tier:
        higher = len(ranked) * 5 // 8
        # The same learners sit a tier in all papers of a subject: the order must not depend on the course drawn last.
        ranked = sorted(takers, key=lambda learner: (-learner.ability, learner.mis_id))
        ranked = ranked[:higher] if course.tier == "H" else ranked[higher:]
    parts = max(1, round(count * len(ranked) / max(1, len(cohort))))
    size = -(-len(ranked) // parts)
    return [ranked[start : start + size] for start in range(0, len(ranked), size)]


def _change_seats(draw: Draw, found: list[Group], year: int, now: int) -> None:
    """Leavers' seats end; one learner in forty moved to a parallel class early in the year."""
    by_course: dict[str, list[Group]] = {}
    for group in found:
        by_course.setdefault(group.course.title(group.year_group), []).append(group)
    moved = date(year, 9, 8)
    for group in found:
        for seat in list(group.seats):
            if year == now and seat.learner.left:
                seat.until = seat.learner.left
                continue
            others = [each for each in by_course[group.course.title(group.year_group)] if each is not group]
            if others and seat.since < moved and draw.chance(0.025):
                other = draw.one(others)
                if all(each.learner is not seat.learner for each in other.seats):
                    other.seats.append(Seat(seat.learner, moved, seat.until))
                    seat.until = moved


def _staff_groups(plan: SchoolPlan, found: list[Group], staff: list[Staff], now: int) -> None:
    """Lessons go round each department; the people whom accounts name teach different years, and others than before."""
    for year in (now - 1, now):
        loads: dict[str, int] = {}
        for group in sorted((g for g in found if g.year == year), key=lambda g: (g.course.short, g.name)):
            group.teacher = _named_teacher(plan, group, now) or _free_teacher(group, staff, loads, year - now)
            loads[group.teacher] = loads.get(group.teacher, 0) + 1


# Classes of the named accounts: (MIS id, years back) -> names, the smaller school having one set of each.
_NAMED: dict[tuple[str, int], tuple[str, ...]] = {
    (TEACHER, 0): ("11Ma2", "9Ma6", "8Ma3"),
    (TEACHER, 1): ("11Ma1", "10Ma4", "8Ma5", "7Ma2"),
    (TUTOR, 0): ("10En2", "10El2", "9En4", "7En1"),
    (TUTOR, 1): ("9En1", "9El1", "8En2", "7En3"),
    (HEAD_OF_YEAR, 0): ("10Hi1", "8Hi2"),
    (HEAD_OF_YEAR, 1): ("9Hi1", "7Hi3"),
    (HEAD_OF_DEPARTMENT, 0): ("11Bi2", "11Ch2", "9Bi1"),
    (HEAD_OF_DEPARTMENT, 1): ("10Bi3", "10Ch3"),
}
_NAMED_SMALL: dict[tuple[str, int], tuple[str, ...]] = {
    (TEACHER, 0): ("11Ma1", "9Ma2", "7Ma1"),
    (TEACHER, 1): ("10Ma1", "8Ma1"),
    (TUTOR, 0): ("10En1", "10El1", "8En1"),
    (TUTOR, 1): ("9En1", "9El1"),
    (HEAD_OF_DEPARTMENT, 0): ("11Bi1", "9Ch1"),
}


def _named_teacher(plan: SchoolPlan, group: Group, now: int) -> str | None:
    named = _NAMED if plan.staff >= 40 else _NAMED_SMALL
    for (mis_id, back), names in named.items():
        if group.year == now - back and group.name in names:
            return mis_id
    return None


def _free_teacher(group: Group, staff: list[Staff], loads: dict[str, int], offset: int) -> str:
    own = [p for p in staff if p.department == group.course.department and "class_teacher" in p.roles]
    pool = [p for p in own if p.mis_id not in (TEACHER, TUTOR)] or own
    pool = pool or [p for p in staff if "class_teacher" in p.roles]
    turned = pool[-offset % len(pool) :] + pool[: -offset % len(pool)]
    return min(turned, key=lambda person: loads.get(person.mis_id, 0)).mis_id


def tutor_groups(plan: SchoolPlan, learners: list[Learner], staff: list[Staff], now: int) -> list[TutorGroup]:
    """Each learner stays in the same letter from year to year; the tutor may change."""
    tutors = [p.mis_id for p in staff if "class_teacher" in p.roles and p.mis_id not in (TEACHER, TUTOR, HEAD_OF_YEAR)]
    found: list[TutorGroup] = []
    letters = "ABCDEFGHJKLM"[: max(1, plan.year_size // plan.tutor_size)]
    for year in (now - 1, now):
        place = 0
        for year_group in YEAR_GROUPS:
            cohort = [learner for learner in learners if year_group_in(learner, year, now) == year_group]
            for index, letter in enumerate(letters):
                tutor = tutors[(place + 7 * (now - year)) % len(tutors)]
                place += 1
                if year_group == 9 and index == min(1, len(letters) - 1) and year == now:
                    tutor = TUTOR
                members = tuple(sorted(cohort, key=lambda learner: learner.mis_id)[index :: len(letters)])
                if members:
                    found.append(TutorGroup(f"{year_group}{letter}", year, year_group, tutor, members))
    return found
