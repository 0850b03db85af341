"""The walls of the audit and of what families are told of it, without any compiled predicate."""

from typing import Any

import psycopg
import pytest

from server import tables
from tests.contract.see import See
from tests.worlds import World, insert_rows

AUDIT = ("audit_operation", "audit_subject")


@pytest.fixture(scope="module")
def subjects(school: World, other_school: World, owner_url: str) -> None:
    """Both schools' audit rows name somebody, as the sealer would have written it."""
    with psycopg.connect(owner_url) as connection:
        for world in (school, other_school):
            [row] = world.rows[tables.AuditOperationRow]
            subject = {"school_id": world.school_id, "subject_id": world.ids["ann"], "audit_id": row["audit_id"]}
            insert_rows(connection, tables.AuditSubjectRow, [subject])


@pytest.mark.parametrize("table", AUDIT)
def test_the_officer_reads_the_audit_of_the_own_school(
    see: See, subjects: None, owner: psycopg.Connection[tuple[Any, ...]], table: str
) -> None:
    """Of the one school alone, though the table holds more."""
    with see.as_("STAFF", "dpo") as connection:
        rows = connection.execute(f"SELECT DISTINCT school_id FROM usher.{table}".encode()).fetchall()
    assert rows == [(see.world.school_id,)]
    (schools,) = owner.execute(f"SELECT count(DISTINCT school_id) FROM usher.{table}".encode()).fetchone() or (0,)
    assert schools >= 2


@pytest.mark.parametrize("table", AUDIT)
@pytest.mark.parametrize(
    ("capacity", "person"),
    [
        ("STAFF", "head"), ("STAFF", "teacher"), ("STAFF", "data-manager"), ("PARENT", "pat"), ("LEARNER", "ann"),
        ("CLIENT", "mis"), ("OPERATOR", "support"), ("PARENT", "dpo"), ("CLIENT", "dpo"), ("OPERATOR", "dpo"),
        ("", "dpo"),
    ],
)  # fmt: skip
def test_nobody_else_reads_it(see: See, subjects: None, capacity: str, person: str, table: str) -> None:
    """Not the head, not an officer in another capacity."""
    assert see.count(capacity, person, table) == 0


@pytest.mark.parametrize("from_now", [False, True])
def test_a_former_or_coming_officer_reads_none_of_it(see: See, from_now: bool) -> None:
    """The assignment must be in force today."""
    counted = b"SELECT count(*) FROM usher.audit_operation"
    officer = {"school_id": see.world.school_id, "person_id": see.world.ids["dpo"], "role": "dpo", "source": "manual"}
    with see.as_("STAFF", "dpo") as connection:
        assert connection.execute(counted).fetchone() != (0,)
        connection.execute(f"SET LOCAL app.person = '{see.world.ids['head']}'".encode())
        connection.execute("UPDATE usher.role_assignment SET valid_to = current_date WHERE role = 'dpo'")
        begins = see.world.days(0 if from_now else 1)
        given = officer | {"role_assignment_id": see.world.new_id(), "valid_from": begins}
        insert_rows(connection, tables.RoleAssignmentRow, [given])
        connection.execute(f"SET LOCAL app.person = '{see.world.ids['dpo']}'".encode())
        assert (connection.execute(counted).fetchone() != (0,)) is from_now


def test_whoever_writes_the_audit_may_not_see_what_they_write(see: See) -> None:
    """A plain INSERT passes for a teacher; with RETURNING it is refused."""
    [row] = see.world.rows[tables.AuditOperationRow]
    with see.as_("STAFF", "teacher") as connection:
        insert_rows(connection, tables.AuditOperationRow, [{**row, "audit_id": see.world.new_id()}])
        assert connection.execute("SELECT count(*) FROM usher.audit_operation").fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(
                "INSERT INTO usher.audit_operation (school_id, audit_id, occurred_at, capacity, roles, facts, "
                "profile_version, policy_version, guardrail_digest, kind, document_digest, footprint, elements, salt) "
                "VALUES (%s, %s, now(), 'STAFF', '{}', '{}', 1, 1, '', 'read', '', '{}', '{}', %s) RETURNING kind",
                [see.world.school_id, see.world.new_id(), see.world.new_id()],
            )


def test_summaries_stay_hidden_until_they_are_released(see: See) -> None:
    """Of both a parent and a learner; staff are held by rules alone."""
    counted = "SELECT count(*) FROM usher.access_summary"
    for capacity, person in (("PARENT", "pat"), ("LEARNER", "ann")):
        with see.as_(capacity, person) as connection:
            assert connection.execute(counted.encode()).fetchone() == (1,)
            connection.execute("SET LOCAL app.capacity = 'STAFF'")
            connection.execute("UPDATE usher.access_summary_release SET withdrawn_at = now()")
            assert connection.execute(counted.encode()).fetchone() == (2,)
            connection.execute(f"SET LOCAL app.capacity = '{capacity}'".encode())
            assert connection.execute(counted.encode()).fetchone() == (0,)
