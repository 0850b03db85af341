"""A whole demo school, ready to be written into files."""

from __future__ import annotations

from dataclasses import dataclass

from server.demo.accounts import accounts
from server.demo.intake import intake
from server.demo.marking import Assessment, assessments
from server.demo.people import Household, Learner, Staff
from server.demo.plan import Account, SchoolPlan
from server.demo.special import give_special
from server.demo.staffing import staffing
from server.demo.timetable import Group, TutorGroup, groups, tutor_groups


@dataclass(frozen=True, slots=True)
class World:
    """`year` is the current school year by its starting year."""

    plan: SchoolPlan
    year: int
    learners: list[Learner]
    households: list[Household]
    staff: list[Staff]
    groups: list[Group]
    tutor_groups: list[TutorGroup]
    assessments: list[Assessment]
    accounts: list[Account]


def make_world(plan: SchoolPlan, year: int) -> World:
    learners, households = intake(plan, year)
    give_special(learners, plan.key)
    staff = staffing(plan, year)
    found = groups(plan, learners, staff, year)
    tutors = tutor_groups(plan, learners, staff, year)
    rows = assessments(found, year)
    return World(plan, year, learners, households, staff, found, tutors, rows, accounts(plan, found, year))
