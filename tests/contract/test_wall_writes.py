"""What walls and grants refuse to writers, whatever statement they send."""

import pytest
from psycopg.errors import CheckViolation, ForeignKeyViolation, InsufficientPrivilege

from server import tables
from server.migrations import walls
from tests.contract.catalogue import TENANT
from tests.contract.see import See
from tests.worlds import World, insert_rows


def test_rows_of_another_school_are_not_taken_in(see: See, other_school: World) -> None:
    """WITH CHECK refuses a foreign school_id, on INSERT and on UPDATE alike."""
    person = {"school_id": other_school.school_id, "person_id": see.world.new_id(), "created_at": see.world.morning}
    with see.as_("STAFF", "head") as connection, pytest.raises(InsufficientPrivilege, match="row-level security"):
        insert_rows(connection, tables.PersonRow, [person])
    with see.as_("STAFF", "head") as connection, pytest.raises(InsufficientPrivilege, match="row-level security"):
        connection.execute("UPDATE usher.class SET school_id = %s", [other_school.school_id])


def test_rows_of_another_school_are_not_changed(see: See, other_school: World) -> None:
    """An UPDATE without a predicate reaches the own school only."""
    with see.as_("STAFF", "head") as connection:
        changed = connection.execute("UPDATE usher.class SET name = name || ' again'").rowcount
        assert changed == len(see.world.rows[tables.ClassRow])
        connection.execute(f"SET LOCAL app.school_id = '{other_school.school_id}'".encode())
        assert connection.execute("SELECT count(*) FROM usher.class WHERE name LIKE '%% again'").fetchone() == (0,)


def test_no_row_refers_to_another_school(see: See, other_school: World) -> None:
    """Foreign keys hold the school too: a learner of another school can't be enrolled."""
    with see.as_("STAFF", "head") as connection, pytest.raises(ForeignKeyViolation):
        connection.execute("UPDATE usher.enrolment SET learner_id = %s", [other_school.ids["ann"]])


@pytest.mark.parametrize(("capacity", "person"), [("PARENT", "pat"), ("LEARNER", "ann")])
def test_families_write_no_attainment(see: See, capacity: str, person: str) -> None:
    """WITH CHECK of the attainment wall refuses a target for one's own child and for oneself."""
    target = {
        "school_id": see.world.school_id,
        "academic_year": see.world.year,
        "target_id": see.world.new_id(),
        "learner_id": see.world.ids["ann"],
        "course_id": see.world.ids["maths-11"],
        "value": "9",
        "third": 0,
        "version": 1,
        "set_on": see.world.today,
    }
    with see.as_(capacity, person) as connection, pytest.raises(InsufficientPrivilege, match="row-level security"):
        insert_rows(connection, tables.TargetRow, [target])
    with see.as_("STAFF", "maths-lead") as connection:
        insert_rows(connection, tables.TargetRow, [target])


@pytest.mark.parametrize(("capacity", "person"), [("PARENT", "pat"), ("LEARNER", "bob")])
def test_families_write_about_nobody_else(see: See, capacity: str, person: str) -> None:
    """WITH CHECK of the family walls refuses contact of a learner who is no child of theirs, or not themselves."""
    with see.as_(capacity, person) as connection:
        for learner in ("cat", "dan", "eve"):
            changed = connection.execute(
                "UPDATE usher.learner_contact SET phone = '1' WHERE learner_id = %s", [see.world.ids[learner]]
            )
            assert changed.rowcount == 0
    own = see.world.ids["ann" if capacity == "PARENT" else "bob"]
    with see.as_(capacity, person) as connection, pytest.raises(InsufficientPrivilege, match="row-level security"):
        connection.execute(
            "UPDATE usher.learner_contact SET learner_id = %s WHERE learner_id = %s",
            [see.world.ids["fay"], own],
        )


def test_a_parent_claims_no_child(see: See) -> None:
    """WITH CHECK of the guardian wall refuses a link in another guardian's name."""
    link = {**see.world.rows[tables.GuardianLinkRow][0], "link_id": see.world.new_id()}
    link["guardian_id"] = see.world.ids["quinn"]
    with see.as_("PARENT", "pat") as connection, pytest.raises(InsufficientPrivilege, match="row-level security"):
        insert_rows(connection, tables.GuardianLinkRow, [link])


APPEND_ONLY = (
    "audit_operation",
    *walls.SEALED,
    "import_batch",
    "learner_special",
    "mark_version",
    "policy_confirmation",
    "policy_decision",
    "policy_end",
    "policy_example",
    "policy_example_end",
    "policy_schedule",
    "policy_submission",
    "policy_version",
    "report",
    "report_line",
)


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize(
    "change", ["UPDATE usher.{} SET school_id = school_id", "DELETE FROM usher.{}", "TRUNCATE usher.{}"]
)
def test_append_only_tables_refuse_change(see: See, table: str, change: str) -> None:
    """History, audit and special-category values are added to, and nothing else."""
    with see.as_("STAFF", "head") as connection, pytest.raises(InsufficientPrivilege, match="permission denied"):
        connection.execute(change.format(table).encode())


@pytest.mark.parametrize("table", [name for name in TENANT if name not in (*walls.DELETED, *walls.DELETED_LATER)])
def test_nothing_else_is_deleted(see: See, table: str) -> None:
    """Rows end by their dates; erasure is the owner's."""
    with see.as_("STAFF", "head") as connection, pytest.raises(InsufficientPrivilege, match="permission denied"):
        connection.execute(f"DELETE FROM usher.{table}".encode())


@pytest.mark.parametrize("table", walls.SEALED)
def test_the_application_seals_nothing(see: See, table: str) -> None:
    """Seals, commitments and the index of whom they are about are the sealer's."""
    with see.as_("STAFF", "dpo") as connection, pytest.raises(InsufficientPrivilege, match="permission denied"):
        connection.execute(f"INSERT INTO usher.{table} (school_id) VALUES (%s)".encode(), [see.world.school_id])


def test_a_mark_keeps_its_state(see: See) -> None:
    """The database refuses an absent learner with a score, and a score below zero."""
    for change in ("state = 'ABSENT'", "score = NULL", "score = -1", "state = 'LATE'"):
        with see.as_("STAFF", "teacher") as connection, pytest.raises(CheckViolation):
            connection.execute(f"UPDATE usher.mark SET {change} WHERE state = 'SCORED'".encode())
