"""An old census of the school, of one measure: figures that nobody can take again."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from server import tables
from tests.worlds.world import World

YEARS_AGO = 5


def add_figures(world: World) -> None:
    year = world.year - YEARS_AGO
    world.add(
        tables.StatisticCensusRow,
        school_year=year,
        measure="AVERAGE_POINTS",
        threshold=5,
        taken_at=world.morning - timedelta(days=365 * YEARS_AGO),
        taken_by=world.name("data-manager"),
    )
    world.add(
        tables.StatisticFigureRow,
        school_year=year,
        measure="AVERAGE_POINTS",
        audience="SCHOOL",
        dimension="",
        level="",
        year_group="",
        figure=Decimal("4.7"),
    )
