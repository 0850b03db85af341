"""The accounts that people try the demo with, and the learners whom their stories need."""

from __future__ import annotations

from server.demo import staffing
from server.demo.people import Learner
from server.demo.plan import Account, SchoolPlan
from server.demo.timetable import Group

STAFF_ACCOUNTS = (
    ("teacher", staffing.TEACHER),
    ("tutor", staffing.TUTOR),
    ("senco", staffing.SENCO),
    ("senco-untrained", staffing.SENCO_UNTRAINED),
    ("head", staffing.HEAD),
    ("data-manager", staffing.DATA_MANAGER),
    ("exams-officer", staffing.EXAMS_OFFICER),
    ("dpo", staffing.DPO),
    ("head-of-year", staffing.HEAD_OF_YEAR),
    ("head-of-department", staffing.HEAD_OF_DEPARTMENT),
    ("safeguarding-lead", staffing.DSL),
    ("cover-teacher", staffing.COVER_TEACHER),
    ("assistant", staffing.ASSISTANT),
    ("governor", staffing.GOVERNOR),
)
# The vendor's, who is let in by the school alone.
SUPPORT = "support"
# The family of the account `parent`, and the members of staff who have a child at the school.
PARENT = "G90001"
STAFF_PARENTS = ((staffing.TEACHER, "G90002"), (staffing.SENCO, "G90003"), (staffing.TUTOR, "G90004"))


def accounts(plan: SchoolPlan, groups: list[Group], year: int) -> list[Account]:
    if plan.staff < 40:
        return [Account("other-teacher", "STAFF", staffing.TEACHER), Account("other-head", "STAFF", staffing.HEAD)]
    found = [Account(identity, "STAFF", mis_id) for identity, mis_id in STAFF_ACCOUNTS]
    learner = examined(taught(groups, year))[0]
    return [*found, Account("parent", "PARENT", PARENT), Account("learner", "LEARNER", learner.upn)]


def examined(learners: list[Learner]) -> list[Learner]:
    """Those whose reports have grades: the examination courses end in year 11."""
    return [learner for learner in learners if learner.year_group == 11]


def taught(groups: list[Group], year: int, teacher: str = staffing.TEACHER) -> list[Learner]:
    """Whom a member of staff teaches now, in class order."""
    return [
        seat.learner
        for group in groups
        if group.year == year and group.teacher == teacher
        for seat in group.seats
        if seat.until is None
    ]


def taught_before(groups: list[Group], year: int, teacher: str = staffing.TEACHER) -> list[Learner]:
    """Whom a member of staff taught last year and doesn't teach now."""
    now = {learner.mis_id for learner in taught(groups, year, teacher)}
    past = [s.learner for g in groups if g.year == year - 1 and g.teacher == teacher for s in g.seats]
    return [learner for learner in past if learner.mis_id not in now]
