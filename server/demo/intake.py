"""The learners and households of a demo school."""

from __future__ import annotations

from datetime import date

from server.demo.calendar import first_day
from server.demo.draw import Draw
from server.demo.people import Household, Learner, draw_address, draw_birthday, draw_given, draw_names
from server.demo.plan import SchoolPlan
from server.register.upn import make_upn

YEAR_GROUPS = (7, 8, 9, 10, 11)


def intake(plan: SchoolPlan, year: int) -> tuple[list[Learner], list[Household]]:
    """Every year group full, and some who have left; siblings share a household."""
    places = [(group, False) for group in YEAR_GROUPS for _ in range(plan.year_size)]
    names = Draw("names")
    homes = Draw(f"{plan.key} homes")
    order = [(11, True)] * (plan.leavers // 2) + [
        (group, True) for group in (8, 9, 10) for _ in range(plan.leavers // 6)
    ]
    order += homes.shuffled(places)
    households: list[Household] = []
    learners: list[Learner] = []
    while len(learners) < len(order):
        household = _household(plan, names, homes, len(households))
        households.append(household)
        taken: set[str] = set()
        wanted = homes.weighted(((1, 0.66), (2, 0.28), (3, 0.06)))
        for group, gone in order[len(learners) : len(learners) + wanted]:
            child = _child(plan, names, homes, household, (group, gone), len(learners), year, taken)
            household.children.append(child)
            learners.append(child)
    _set_guardians(households, plan, homes)
    return learners, households


def _household(plan: SchoolPlan, names: Draw, homes: Draw, number: int) -> Household:
    [(pool, family, second)] = draw_names(names, 1)
    apart = homes.chance(0.22)
    return Household(
        number=number,
        pool=pool,
        family=family,
        second_family=second,
        address=draw_address(homes, plan.town, plan.postcode),
        other_address=draw_address(homes, plan.town, plan.postcode) if apart else None,
        guardians=1,
    )


def _child(
    plan: SchoolPlan,
    names: Draw,
    homes: Draw,
    household: Household,
    place: tuple[int, bool],
    number: int,
    year: int,
    taken: set[str],
) -> Learner:
    group, gone = place
    given, gender, preferred = draw_given(names, household.pool, taken)
    # Last year's leavers of Year 11 are in no year group now: they keep the one they left in.
    finished = gone and group == 11
    born = draw_birthday(homes, group + 1 if finished else group, year)
    joined = max(year - (group - 7) - (1 if finished else 0), 2000)
    late = homes.chance(0.06) and not gone
    admitted = date(year, 9, 3) if late else first_day(joined)
    left = None
    if gone:
        left = date(year, 7, 17) if finished else date(year, 9, 4)
    # Primary schools gave the number, so establishment and year vary.
    upn = make_upn(plan.authority, 2000 + number // 1000, (born.year + 4) % 100, number % 1000)
    double = household.family != household.second_family and homes.chance(0.3)
    return Learner(
        mis_id=f"L{number + 1:05}",
        upn=upn,
        given=given,
        family=f"{household.family}-{household.second_family}" if double else household.family,
        preferred=preferred,
        gender=gender,
        born=born,
        year_group=group,
        ability=max(-2.5, min(2.5, homes.normal())),
        ethnicity=names.weighted(
            ((names.weighted(household.pool.ethnicities), 0.97), ("REFU", 0.014), ("NOBT", 0.016))
        ),
        language=names.weighted(household.pool.languages),
        household=household.number,
        admitted=admitted,
        left=left,
    )


def _set_guardians(households: list[Household], plan: SchoolPlan, homes: Draw) -> None:
    """As many guardians in all as the plan says: one or two in a household, three where parents live apart and one has
    married again."""
    extra = plan.guardians - len(households)
    while extra > 0:
        for household in homes.shuffled(households):
            limit = 3 if household.other_address and homes.chance(0.3) else 2
            if extra and household.guardians < limit and homes.chance(0.8):
                household.guardians += 1
                extra -= 1
