"""The small school, put together."""

import hashlib
from datetime import date

from server import tables
from server.policies.chain import founded
from server.policies.shipped import starting_book
from tests.worlds.access import add_access
from tests.worlds.attainment import add_attainment
from tests.worlds.classes import add_assignments, add_classes
from tests.worlds.expectations import add_expectations
from tests.worlds.figures import add_figures
from tests.worlds.invitations import add_invitations
from tests.worlds.learners import add_learners, add_special
from tests.worlds.opt_outs import add_opt_outs, add_told
from tests.worlds.people import add_guardians, add_people
from tests.worlds.records import add_records
from tests.worlds.reports import add_reports
from tests.worlds.rosters import add_rosters
from tests.worlds.world import World, school_id_of


def small_school(seed: str, today: date) -> World:
    """Eight learners, twelve accounts, four classes; every scope has somebody inside and outside it."""
    world = World(seed, today, school_id_of(seed))
    _school(world)
    add_people(world)
    add_classes(world)
    add_learners(world)
    add_guardians(world)
    add_assignments(world)
    add_special(world)
    add_attainment(world)
    add_reports(world)
    add_records(world)
    add_figures(world)
    add_access(world)
    add_expectations(world)
    add_rosters(world)
    add_invitations(world)
    add_opt_outs(world)
    add_told(world)
    return world


def _school(world: World) -> None:
    urn = 100000 + int.from_bytes(hashlib.sha256(world.seed.encode()).digest()[:2], "big")
    world.add(
        tables.SchoolRow,
        name=f"Small School of {world.seed}",
        urn=str(urn),
        laestab="301/4001",
        academic_year=world.year,
        suppression_threshold=5,
        created_at=world.morning,
    )
    book = starting_book()
    written = {"content": book.content(), "digest": book.digest(), "created_at": world.morning}
    world.add(tables.PolicyVersionRow, **founded(book.digest(), world.morning), **written)
    world.add(tables.PolicyHeadRow, version=1)
    world.add(tables.OutboxHeadRow, last_sequence=0)
