"""A database of the first version, with the partitions that serving made, gets the later walls like a new one."""

from collections.abc import Callable
from datetime import date

import psycopg
from alembic import command
from sqlalchemy import create_engine

from server import migrations
from server.migrations import ensure_years, migrate
from tests.contract.catalogue import YEARLY, read_catalogue, walls_of
from tests.database import Database


def test_tables_and_partitions_of_before_get_the_walls(make_database: Callable[[], Database], today: date) -> None:
    """Each partition carries the policies of its parent, and each parent those that are declared."""
    owner_url = make_database().owner_url
    with psycopg.connect(owner_url) as connection:
        connection.execute("DROP SCHEMA usher, procrastinate CASCADE")
        connection.execute("CREATE SCHEMA usher")
    _first_version(owner_url, today)
    before = read_catalogue(owner_url)
    assert {"operator_wall", "restriction_wall"}.isdisjoint(row["name"] for row in before.policies)
    assert len(before.partitions) >= len(YEARLY)
    migrate(owner_url, today=today)
    after = read_catalogue(owner_url)
    for partition in after.partitions:
        assert after.policies_of(partition["name"]).keys() == after.policies_of(partition["parent"]).keys()
    for table in ("learner", "mark", "attendance", "guardian_link", "staff", "learner_special"):
        assert walls_of(table).keys() <= after.policies_of(table).keys()


def _first_version(owner_url: str, today: date) -> None:
    config = migrations._config()  # pyright: ignore[reportPrivateUsage]
    engine = create_engine(migrations._sqlalchemy_url(owner_url))  # pyright: ignore[reportPrivateUsage]
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        ensure_years(connection, today)
    engine.dispose()
