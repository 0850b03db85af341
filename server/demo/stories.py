"""Ties made for the accounts' sake, so that each scope has learners inside and outside it for each of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from server.demo import staffing
from server.demo.accounts import PARENT, STAFF_PARENTS, examined, taught, taught_before
from server.demo.calendar import first_day, last_day
from server.demo.guardianship import Guardian, Link
from server.demo.people import Learner
from server.demo.plan import SchoolPlan
from server.demo.timetable import TutorGroup
from server.demo.world import World


@dataclass(frozen=True, slots=True)
class Assignment:
    staff: str
    learner: Learner
    kind: str
    since: date
    until: date


@dataclass(frozen=True, slots=True)
class Flag:
    learner: Learner
    kind: str
    since: date


def present(world: World) -> list[Learner]:
    return [learner for learner in world.learners if learner.left is None]


def assignments(world: World) -> list[Assignment]:
    """Caseloads of additional needs, and a few learners whom each account looks after by name."""
    since, until = first_day(world.year), last_day(world.year)
    needs = [learner for learner in present(world) if learner.special["SEN provision"] != "N"]
    found = [Assignment(staffing.SENCO, learner, "CASELOAD", since, until) for learner in needs[::2]]
    found += [Assignment(staffing.SENCO_UNTRAINED, learner, "CASELOAD", since, until) for learner in needs[1::2]]
    assistants = [p.mis_id for p in world.staff if "teaching_assistant" in p.roles]
    for place, learner in enumerate(needs):
        if assistants and place % 4 == 0:
            found.append(Assignment(assistants[place % len(assistants)], learner, "ASSIGNED", since, until))
    for place, mis_id in enumerate(mentors()):
        own = {learner.mis_id for learner in taught(world.groups, world.year, mis_id)}
        group = [learner for learner in present(world) if learner.mis_id not in own]
        chosen = group[place * 7 % len(group) :: max(1, len(group) // 4)][:4]
        found += [Assignment(mis_id, learner, "ASSIGNED", since, until) for learner in chosen]
    return found


def mentors() -> tuple[str, ...]:
    """Everyone with an account that `assigned` can apply to."""
    return (
        staffing.TEACHER, staffing.TUTOR, staffing.SENCO, staffing.SENCO_UNTRAINED, staffing.HEAD, staffing.HEAD_OF_YEAR,
        staffing.HEAD_OF_DEPARTMENT, staffing.EXAMS_OFFICER,
    )  # fmt: skip


def flags(world: World) -> list[Flag]:
    """Protected and restricted learners, some in every account's reach, most in nobody's."""
    since = first_day(world.year)
    tutees = [learner for group in tutored(world) for learner in group.members if learner.left is None]
    cases = [each for each in assignments(world) if each.kind == "CASELOAD"]
    year_ten = [learner for learner in present(world) if learner.year_group == 10]
    reach = [
        taught(world.groups, world.year), taught_before(world.groups, world.year), tutees, year_ten,
        taught(world.groups, world.year, staffing.TUTOR),
        taught(world.groups, world.year, staffing.HEAD_OF_DEPARTMENT), present(world)[::97],
        *([each.learner for each in cases if each.staff == who] for who in (staffing.SENCO, staffing.SENCO_UNTRAINED)),
    ]  # fmt: skip
    found: dict[tuple[str, str], Flag] = {}
    for learners in reach:
        for place, kind in ((3, "PROTECTED"), (5, "RESTRICTED"), (7, "OPTED_OUT")):
            if len(learners) > place and learners[place].left is None:
                found[learners[place].mis_id, kind] = Flag(learners[place], kind, since)
    return list(found.values())


def tutored(world: World) -> list[TutorGroup]:
    return [g for g in world.tutor_groups if g.tutor == staffing.TUTOR and g.year == world.year]


def further_guardians(world: World) -> tuple[list[Guardian], list[Link]]:
    """The account `parent` with two children, a link that ended and one not verified; staff with a child here."""
    plan, since = world.plan, date(world.year - 1, 9, 1)
    if plan.staff < 40:
        return [], []
    parent = _guardian(plan, PARENT, "Ms", "Ottoline", "Farrant", None)
    mine = taught(world.groups, world.year)
    own = [examined(mine)[2], next(learner for learner in present(world) if learner.year_group == 8)]
    links = [Link(parent, learner, "MOTHER", since, since) for learner in own]
    others = [learner for learner in present(world) if learner.year_group == 10]
    links.append(Link(parent, others[4], "FOSTER_CARER", since, since, first_day(world.year)))
    links.append(Link(parent, others[9], "CARER", None, since))
    guardians = [parent]
    reach = {
        staffing.TEACHER: mine[6],
        staffing.SENCO: next(a.learner for a in assignments(world) if a.staff == staffing.SENCO),
        staffing.TUTOR: tutored(world)[0].members[8],
    }
    for mis_id, guardian_id in STAFF_PARENTS:
        person = next(p for p in world.staff if p.mis_id == mis_id)
        guardian = _guardian(plan, guardian_id, person.title, person.given, person.family, mis_id)
        guardians.append(guardian)
        links.append(Link(guardian, reach[mis_id], "PARENT", since, since))
    return guardians, links


def _guardian(plan: SchoolPlan, mis_id: str, title: str, given: str, family: str, staff: str | None) -> Guardian:
    address = f"{mis_id[-1]} Priory Lane, {plan.town}, {plan.postcode} 4QT"
    mail = f"{given}.{family}".lower().replace("'", "") + "@families.example"
    return Guardian(mis_id, title, given, family, mail, f"07700 9019{mis_id[-2:]}", address, staff)
