"""People made uneven: roles and certificates, twins and birthdays, missing numbers, links on every kind of span."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from server import tables
from tests.worlds.drawing import rows_of, some, span
from tests.worlds.learners import LEARNERS, special_values
from tests.worlds.people import STAFF
from tests.worlds.world import World

SCOPED_ROLES = ("class_teacher", "tutor", "senco", "head_of_year", "head_of_department", "pastoral_support", "dsl")
SPECIAL_VALUES: dict[str, tuple[Any, ...]] = {
    "sen_provision": ("N", "K", "E"),
    "sen_needs": (["SPLD"], ["ASD", "SEMH"], []),
    "medical": (["Asthma"], ["Epilepsy", "Nut allergy"]),
    "access_arrangements": (["25 per cent extra time", "Reader"], ["Scribe"]),
    "pupil_premium": ("D", "F", "A"),
    "service_child": ("Y", "N"),
    "looked_after": ("Y", "N"),
    "free_school_meals": ("Y", "N"),
    "ethnicity": ("WBRI", "REFU", "MWAS"),
}


def vary_people(world: World, drawn: Random) -> None:
    """More roles, not all of them now; certificates that end today, tomorrow, or begin tomorrow; a gap in every column."""
    for handle in STAFF:
        for role in some(drawn, SCOPED_ROLES, 0.2):
            world.add(
                tables.RoleAssignmentRow,
                role_assignment_id=world.new_id(),
                person_id=world.name(handle),
                role=role,
                source="manual",
                **span(world, drawn),
            )
        for course in some(drawn, ("sen", "welfare", "equality"), 0.25):
            world.add(
                tables.TrainingCertificateRow,
                certificate_id=world.new_id(),
                person_id=world.name(handle),
                course=course,
                completed_on=world.days(drawn.choice((-100, 0, 1))),
                expires_on=world.days(drawn.choice((2, 300))),
                evidence=f"Another certificate of {course}",
            )
    for row in some(drawn, rows_of(world, tables.StaffRow), 0.3):
        row.update(title=None, job_title=None, phone=None)
    for row in some(drawn, rows_of(world, tables.StaffRow), 0.2):
        row.update(family_name="Ånd", sort_key="and zed", left_on=world.days(-3))


def vary_learners(world: World, drawn: Random) -> None:
    """Twins, leap days, birthdays, missing numbers; attendance of nobody, of no sessions and of thirds."""
    for row in rows_of(world, tables.LearnerRow):
        row["date_of_birth"] = drawn.choice(
            (date(2012, 2, 29), world.today.replace(year=world.year - 15, day=1), _birthday(world), date(2011, 12, 31))
        )
        row["year_group"] = drawn.choice((row["year_group"], "9", "R", "11"))
        row["key_stage_2"] = drawn.choice((None, Decimal("100.50"), Decimal(99), Decimal("0.0")))
        row["gender"] = drawn.choice(("F", "M", None))
        row["preferred_name"] = drawn.choice((None, 'Quote " and \\ and \u2028', "Zoë"))
        row["first_language"] = drawn.choice((None, "ENG", "POL"))
        if drawn.random() < 0.25:
            row["mis_id"] = None
        if drawn.random() < 0.25:
            row["upn"] = None
        if drawn.random() < 0.3:
            row.update(given_name="Sam", family_name="Same", sort_key="same sam")
        row["left_on"] = drawn.choice((None, None, None, world.today, world.days(1), world.days(-30)))
    attended = rows_of(world, tables.AttendanceRow)
    for row in list(attended):
        row.update(
            drawn.choice(({"possible": 0, "attended": 0}, {"possible": 3, "attended": 1}, {"possible": 200}, {}))
        )
        if drawn.random() < 0.2:
            attended.remove(row)
    contacts = rows_of(world, tables.LearnerContactRow)
    for row in list(contacts):
        row["email"] = drawn.choice((None, row["email"]))
        if drawn.random() < 0.2:
            contacts.remove(row)


def _birthday(world: World) -> date:
    return world.today.replace(year=world.year - 14) + timedelta(days=1)


def vary_special(world: World, drawn: Random) -> None:
    for learner in LEARNERS:
        for kind in some(drawn, ("PROTECTED", "RESTRICTED", "OPTED_OUT"), 0.1):
            world.add(
                tables.LearnerFlagRow,
                flag_id=world.new_id(),
                learner_id=world.name(learner),
                kind=kind,
                decided_by=world.name("head"),
                **span(world, drawn),
            )
        for element, values in SPECIAL_VALUES.items():
            for _ in range(drawn.choice((0, 0, 1, 2))):
                world.add(tables.LearnerSpecialRow, **special_values(world, learner, element, drawn.choice(values)))


def vary_guardians(world: World, drawn: Random) -> None:
    for guardian in rows_of(world, tables.GuardianRow):
        if drawn.random() < 0.6:
            guardian.update(phone="01632 960001", address="1 Other Street", title=drawn.choice((None, "Ms")))
    for guardian in ("pat", "quinn", "teacher"):
        for learner in some(drawn, list(LEARNERS), 0.25):
            world.add(
                tables.GuardianLinkRow,
                link_id=world.new_id(),
                guardian_id=world.name(guardian),
                learner_id=world.name(learner),
                relationship=drawn.choice(("PAM", "CAR")),
                verified_at=world.morning if drawn.random() < 0.6 else None,
                source="roster",
                **span(world, drawn),
            )
