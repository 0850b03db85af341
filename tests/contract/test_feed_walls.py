"""The walls of programs' feeds, whatever statement the application sends."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from server import tables
from server.migrations import walls
from tests.contract.see import See
from tests.worlds import World, insert_rows

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def add(connection: psycopg.Connection[Any], world: World) -> None:
    """A feed of the school's program, with one row."""
    own = {"school_id": world.school_id, "person_id": world.ids["mis"]}
    feed = {**own, "last_sequence": 1, "forgotten_to": 0, "mark": "", "reckoned_at": NOW}
    row = {**own, "noun": "Learner", "row_id": uuid4(), "sequence": 1, "digest": "0", "changed_at": NOW}
    insert_rows(connection, tables.ChangeFeedRow, [feed])
    insert_rows(connection, tables.FeedRow, [row])


def test_a_feed_is_its_program_s_alone(see: See) -> None:
    """Nobody else of the school reads a row of it, or adds one in its name."""
    for capacity, handle in (("STAFF", "head"), ("STAFF", "dpo"), ("PARENT", "pat")):
        with see.as_(capacity, handle) as connection, pytest.raises(InsufficientPrivilege):
            add(connection, see.world)
    with see.as_("CLIENT", "mis") as connection:
        add(connection, see.world)
        counts = [f"SELECT count(*) FROM usher.{table}".encode() for table in walls.FEEDS]
        assert [connection.execute(count).fetchone() for count in counts] == [(1,), (1,)]
        connection.execute(f"SET LOCAL app.person = '{see.world.ids['head']}'".encode())
        assert [connection.execute(count).fetchone() for count in counts] == [(0,), (0,)]
        connection.rollback()
