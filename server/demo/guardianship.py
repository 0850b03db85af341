"""Guardians and their links: together or apart, verified or not, and one that has ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from server.demo.calendar import first_day
from server.demo.draw import Draw
from server.demo.people import Household, Learner, email
from server.demo.plan import SchoolPlan


@dataclass(slots=True)
class Guardian:
    """`staff` is the MIS id of the same person as a member of staff."""

    mis_id: str
    title: str
    given: str
    family: str
    email: str | None
    phone: str
    address: str
    staff: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    guardian: Guardian
    learner: Learner
    relationship: str
    verified: date | None
    since: date
    until: date | None = None


def guardianship(plan: SchoolPlan, households: list[Household], year: int) -> tuple[list[Guardian], list[Link]]:
    draw = Draw(f"{plan.key} guardians")
    guardians: list[Guardian] = []
    links: list[Link] = []
    for household in households:
        for place in range(household.guardians):
            guardian = _guardian(draw, household, place, len(guardians))
            guardians.append(guardian)
            links += [_link(draw, guardian, child, place, year) for child in household.children]
    return guardians, links


def _guardian(draw: Draw, household: Household, place: int, number: int) -> Guardian:
    woman = place == 0 or (place == 2 and draw.chance(0.5))
    given = draw.one(household.pool.girls if woman else household.pool.boys)
    family = household.family if place == 0 else household.second_family
    apart = place > 0 and household.other_address is not None
    # One guardian in nine has never given an address for mail.
    mail = None if draw.chance(0.11) else email(given, family + str(number), "families.example")
    return Guardian(
        mis_id=f"G{number + 1:05}",
        title=draw.weighted((("Mrs", 0.5), ("Ms", 0.3), ("Miss", 0.2))) if woman else "Mr",
        given=given,
        family=family,
        email=mail,
        phone=f"07700 900{number % 1000:03}",
        address=household.other_address if apart and household.other_address else household.address,
    )


def _link(draw: Draw, guardian: Guardian, child: Learner, place: int, year: int) -> Link:
    relationship = ("MOTHER", "FATHER", "STEP_PARENT")[place]
    if child.special.get("Looked after") == "L":
        relationship = "FOSTER_CARER"
    elif draw.chance(0.02):
        relationship = "GRANDPARENT"
    # Without mail there is no round trip, so such a link stays unverified.
    verified = child.admitted if guardian.email and draw.chance(0.92) else None
    until = first_day(year) if draw.chance(0.006) else None
    return Link(guardian, child, relationship, verified, min(child.admitted, first_day(year)), until)
