"""The wall of the nightly snapshots, without any compiled predicate."""

from typing import Any

import psycopg
import pytest

from server import tables
from server.migrations import walls
from server.tables.row import Row
from tests.contract.see import See
from tests.worlds import Values, World, insert_rows


@pytest.fixture(scope="module")
def nights(school: World, other_school: World, owner_url: str) -> None:
    """A night at both schools."""
    with psycopg.connect(owner_url) as connection:
        for world in (school, other_school):
            for table, row in _rows(world).items():
                insert_rows(connection, table, [row])


def _rows(world: World, day: int = 0) -> dict[type[Row], Values]:
    night = {"school_id": world.school_id, "taken_on": world.days(day)}
    return {
        tables.AccessSnapshotRow: {
            **night, "taken_at": world.morning, "policy_version": 1, "shared": {}, "staff": [],
        },
        tables.AccessSnapshotPersonRow: {
            **night, "person_id": world.ids["teacher"], "capacity": "STAFF", "present": True, "roles": [], "facts": [],
            "relations": {},
        },
        tables.AccessSnapshotLearnerRow: {**night, "learner_id": world.ids["ann"], "held": {}},
    }  # fmt: skip


@pytest.mark.parametrize("table", walls.SNAPSHOTS)
def test_the_officer_and_the_job_read_the_own_schools_nights(
    see: See, nights: None, owner: psycopg.Connection[tuple[Any, ...]], table: str
) -> None:
    """Of the one school alone, though the table holds more."""
    for capacity in ("STAFF", walls.SNAPSHOT_JOB):
        with see.as_(capacity, "dpo") as connection:
            rows = connection.execute(f"SELECT DISTINCT school_id FROM usher.{table}".encode()).fetchall()
        assert rows == [(see.world.school_id,)]
    (schools,) = owner.execute(f"SELECT count(DISTINCT school_id) FROM usher.{table}".encode()).fetchone() or (0,)
    assert schools >= 2


@pytest.mark.parametrize("table", walls.SNAPSHOTS)
@pytest.mark.parametrize(
    ("capacity", "person"),
    [
        ("STAFF", "head"), ("STAFF", "teacher"), ("PARENT", "pat"), ("LEARNER", "ann"), ("CLIENT", "mis"),
        ("OPERATOR", "support"), ("PARENT", "dpo"), ("OPERATOR", "dpo"), ("", "dpo"),
    ],
)  # fmt: skip
def test_nobody_else_reads_them(see: See, nights: None, capacity: str, person: str, table: str) -> None:
    """Not the head, not an officer in another capacity."""
    assert see.count(capacity, person, table) == 0


def test_only_the_job_writes_and_prunes(see: See, nights: None) -> None:
    """The officer can neither add a night nor remove one, and nobody changes one."""
    for table, row in _rows(see.world, day=1).items():
        name = vars(table)["__tablename__"]
        with see.as_("STAFF", "dpo") as connection:
            with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
                insert_rows(connection, table, [row])
            with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
                connection.execute(f"UPDATE usher.{name} SET taken_on = taken_on + 1".encode())
            assert connection.execute(f"DELETE FROM usher.{name}".encode()).rowcount == 0
        with see.as_(walls.SNAPSHOT_JOB, "dpo") as connection:
            insert_rows(connection, table, [row])
            assert connection.execute(f"DELETE FROM usher.{name}".encode()).rowcount == 2


def test_no_account_has_the_jobs_capacity(owner: psycopg.Connection[tuple[Any, ...]], school: World) -> None:
    """So that no session can be opened in it."""
    profile = {**school.rows[tables.AccessProfileRow][0], "capacity": walls.SNAPSHOT_JOB}
    with pytest.raises(psycopg.errors.CheckViolation):
        insert_rows(owner, tables.AccessProfileRow, [profile])
