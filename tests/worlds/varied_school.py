"""The small school made uneven: dates at every edge, empty values, ties, several versions of everything.

The word decides what is drawn, so the same word makes the same school each time.
"""

from __future__ import annotations

from datetime import date
from random import Random

from server import tables
from tests.worlds.opt_outs import vary_opt_outs
from tests.worlds.small_school import small_school
from tests.worlds.varied_attainment import add_papers, vary_grades, vary_marks, vary_records, vary_reports
from tests.worlds.varied_classes import vary_dates
from tests.worlds.varied_people import vary_guardians, vary_learners, vary_people, vary_special
from tests.worlds.world import World


def varied_school(seed: str, today: date) -> World:
    """A small school in which every kind of row has unlikely neighbours."""
    world = small_school(seed, today)
    drawn = Random(seed)
    world.rows[tables.SchoolRow][0]["suppression_threshold"] = drawn.choice((1, 2, 5))
    vary_people(world, drawn)
    vary_learners(world, drawn)
    vary_dates(world, drawn)
    vary_special(world, drawn)
    vary_marks(world, drawn)
    add_papers(world, drawn)
    vary_grades(world, drawn)
    vary_guardians(world, drawn)
    vary_reports(world, drawn)
    vary_records(world, drawn)
    vary_opt_outs(world, drawn)
    return world
