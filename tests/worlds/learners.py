"""Learners, what is recorded of each, and the special-category values of some."""

from datetime import date
from decimal import Decimal

from server import tables
from server.register.sort_key import sort_key
from server.register.upn import make_upn
from tests.worlds.classes import enrol_all
from tests.worlds.people import account
from tests.worlds.world import Values, World

LEARNERS = {
    # handle: (given, family, year group, form)
    "ann": ("Ann", "Ash", "10", "10A"),
    "bob": ("Bob", "Birch", "10", "10A"),
    "cat": ("Cat", "Cedar", "10", "10B"),
    "dan": ("Dan", "Désiré", "11", "11A"),
    "eve": ("Eve", "Elm", "10", "10A"),
    "fay": ("Fay", "Fir", "10", "10B"),
    "gus": ("Gus", "Gorse", "10", "10B"),
    "hal": ("Hal", "O'Hazel", "10", "10B"),
}


SPECIAL = (
    # learner, element, value; a later line of the same two is the newer version
    ("ann", "sen_provision", "N"),
    ("ann", "sen_provision", "K"),
    ("ann", "sen_needs", ["SPLD"]),
    ("ann", "medical", ["Asthma"]),
    ("ann", "access_arrangements", ["25 per cent extra time"]),
    ("bob", "pupil_premium", "D"),
    ("bob", "free_school_meals", "Y"),
    ("cat", "ethnicity", "WBRI"),
    ("dan", "ethnicity", "REFU"),
    ("eve", "looked_after", "Y"),
    ("gus", "service_child", "Y"),
)


def add_learners(world: World) -> None:
    for serial, (handle, (given, family, year_group, form)) in enumerate(LEARNERS.items(), start=1):
        account(world, handle, "LEARNER", ("learner",))
        left = world.days(-60) if handle == "fay" else None
        world.add(
            tables.LearnerRow,
            learner_id=world.name(handle),
            upn=make_upn(301, 4001, 20, serial),
            mis_id=f"L{serial}",
            given_name=given,
            family_name=family,
            preferred_name="Annie" if handle == "ann" else None,
            sort_key=sort_key(family, given),
            date_of_birth=date(world.year - 15, 1, serial),
            gender="F" if serial % 2 else "M",
            year_group=year_group,
            key_stage_2=Decimal(95 + serial),
            first_language="ENG",
            admitted_on=world.days(-700),
            left_on=left,
            version=1,
        )
        for table, values in (
            (tables.LearnerNameRow, {"valid_from": world.days(-700), "given_name": given, "family_name": family}),
            (tables.LearnerContactRow, {"address": f"{serial} Test Lane", "email": f"{handle}@home.example"}),
            (tables.AttendanceRow, {"academic_year": world.year, "possible": 100, "attended": 90 + serial}),
        ):
            world.add(table, learner_id=world.name(handle), **values)
        world.add(
            tables.TutorMembershipRow,
            tutor_membership_id=world.new_id(),
            tutor_group_id=world.name(form),
            learner_id=world.name(handle),
            source="timetable",
            valid_from=world.days(-90),
            valid_to=left,
        )
    enrol_all(world)


def add_special(world: World) -> None:
    for learner, element, value in SPECIAL:
        world.add(tables.LearnerSpecialRow, **special_values(world, learner, element, value))


def special_values(world: World, learner: str, element: str, value: str | list[str]) -> Values:
    """A new version of one special-category value, without school_id."""
    return {
        "special_id": world.new_id(),
        "learner_id": world.name(learner),
        "element": element,
        "value": value,
        "recorded_at": world.morning,
        "recorded_by": world.name("mis"),
        "source": "roster",
    }
