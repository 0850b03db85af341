"""The wide school with many learners, skewed as schools are: for figures, small ones among them."""

from __future__ import annotations

from datetime import date
from random import Random

from server import tables
from server.register.sort_key import sort_key
from server.register.upn import make_upn
from tests.worlds.learners import special_values
from tests.worlds.people import account
from tests.worlds.wide_school import wide_school
from tests.worlds.world import World

_SPECIAL = {
    "ethnicity": (("WBRI", 60), ("APKN", 20), ("BAFR", 8), ("CHNE", 3), ("WENG", 5), ("NOBT", 4)),
    "sen_provision": (("N", 80), ("K", 15), ("E", 5)),
    "looked_after": (("N", 95), ("L", 3), ("A", 2)),
    "free_school_meals": (("N", 75), ("Y", 25)),
    "pupil_premium": ((None, 70), ("EVER_6_FSM", 26), ("LOOKED_AFTER", 4)),
}


def counted_school(seed: str, today: date, number: int = 120) -> World:
    """`number` learners beside those of the wide school, in years 9 to 11."""
    world = wide_school(seed, today, suppression_threshold=5)
    drawn = Random(seed)
    for serial in range(100, 100 + number):
        add_learner(world, drawn, serial)
    return world


def add_learner(world: World, drawn: Random, serial: int) -> str:
    """The handle of a new learner."""
    handle = f"learner-{serial}"
    account(world, handle, "LEARNER", ("learner",))
    world.add(
        tables.LearnerRow,
        learner_id=world.name(handle),
        upn=make_upn(301, 4001, 21, serial),
        mis_id=f"L{serial}",
        given_name="Many",
        family_name=f"Number{serial}",
        preferred_name=None,
        sort_key=sort_key(f"Number{serial}", "Many"),
        date_of_birth=date(world.year - 15, 1, 1 + serial % 28),
        gender=drawn.choices(("F", "M", "U"), (50, 49, 2))[0],
        year_group=drawn.choices(("9", "10", "11"), (45, 45, 10))[0],
        key_stage_2=None,
        first_language=drawn.choices(("ENG", "POL", "NOT"), (80, 17, 3))[0],
        admitted_on=world.days(-300),
        left_on=None,
        version=1,
    )
    world.add(
        tables.AttendanceRow,
        learner_id=world.name(handle),
        academic_year=world.year,
        possible=100,
        attended=drawn.choice((100, 98, 95, 90, 70)),
    )
    for element, choices in _SPECIAL.items():
        value = drawn.choices([one for one, _ in choices], [weight for _, weight in choices])[0]
        if value is not None:
            world.add(tables.LearnerSpecialRow, **special_values(world, handle, element, value))
    return handle
