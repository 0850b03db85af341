"""Row-level security and grants, as the catalogues show them: nothing is open that wasn't declared."""

from typing import Any

import psycopg
import pytest

from server.database.roles import APP, AUDIT, OWNER
from server.migrations import forgetting_walls, grant_walls, invitation_walls, opt_out_walls, people_wall, walls
from tests.contract.catalogue import (
    REFERENCE,
    TENANT,
    YEARLY,
    Catalogue,
    Found,
    declared_grants,
    walls_of,
    write_walls_of,
)

_OWN_SCHOOL = f"school_id = {walls.SCHOOL}"


def as_printed(owner: psycopg.Connection[tuple[Any, ...]], table: str, condition: str) -> str:
    """How PostgreSQL prints the condition once it stands in a policy of that table."""
    with owner.transaction(force_rollback=True):
        owner.execute(f"CREATE POLICY as_printed ON usher.{table} USING ({condition})".encode())
        query = (
            "SELECT qual FROM pg_policies WHERE schemaname = 'usher' AND tablename = %s AND policyname = 'as_printed'"
        )
        (printed,) = owner.execute(query, [table]).fetchone() or ("",)
        return printed


def test_every_tenant_table_and_partition_is_closed(catalogue: Catalogue) -> None:
    """ENABLE and FORCE on each, because a partition doesn't inherit them; reference data has no rows of a school."""
    open_tables = {row["name"] for row in catalogue.tables if not (row["secured"] and row["forced"])}
    assert open_tables == {*REFERENCE, "alembic_version"}


@pytest.mark.parametrize("table", TENANT)
def test_the_tenant_policy_is_the_only_one_that_opens(
    catalogue: Catalogue, owner: psycopg.Connection[tuple[Any, ...]], table: str
) -> None:
    """For the application by school; for the owner all rows; for the auditor what is declared."""
    policies = catalogue.policies_of(table)
    opening = {name: row for name, row in policies.items() if row["permissive"] == "PERMISSIVE"}
    auditors = {"auditor"} if table in walls.AUDITED else set[str]()
    sealers = {"sealer"} if table in walls.SEALED else set[str]()
    forgetters = {"forgetter"} if table == "audit_operation" else set[str]()
    assert set(opening) == {"owner", "tenant"} | auditors | sealers | forgetters
    tenant = opening["tenant"]
    assert (tenant["command"], tenant["roles"]) == ("ALL", APP)
    assert tenant["qual"] == tenant["with_check"] == as_printed(owner, table, _OWN_SCHOOL)
    assert (opening["owner"]["roles"], opening["owner"]["qual"], opening["owner"]["with_check"]) == (
        OWNER,
        "true",
        "true",
    )
    if "auditor" in opening:
        auditor = opening["auditor"]
        assert (auditor["command"], auditor["roles"], auditor["qual"]) == ("SELECT", AUDIT, "true")
    if "sealer" in opening:
        sealer = opening["sealer"]
        assert (sealer["command"], sealer["roles"], sealer["with_check"]) == ("INSERT", AUDIT, "true")
    if "forgetter" in opening:
        forgetter = opening["forgetter"]
        assert (forgetter["command"], forgetter["roles"]) == ("UPDATE", AUDIT)
        assert forgetter["with_check"] == as_printed(owner, table, forgetting_walls.NOBODY)


@pytest.mark.parametrize("table", TENANT)
def test_walls_are_the_declared_ones(
    catalogue: Catalogue, owner: psycopg.Connection[tuple[Any, ...]], table: str
) -> None:
    """Each restrictive policy, for reading and writing, with the condition of server.migrations.walls."""
    found = {name: row for name, row in catalogue.policies_of(table).items() if row["permissive"] == "RESTRICTIVE"}
    declared, written = walls_of(table), write_walls_of(table)
    assert set(found) == {*declared, *written}
    for name, (command, using, condition) in written.items():
        expected = (command, using and as_printed(owner, table, using), as_printed(owner, table, condition), APP)
        assert tuple(found[name][key] for key in ("command", "qual", "with_check", "roles")) == expected
    for name, condition in declared.items():
        printed = as_printed(owner, table, condition)
        # Special-category values may be written by those who can't read them.
        only_read = name in ("special_wall", "audit_wall", "release_wall", "family_wall") or (table, name) == (
            "notice",
            "addressee_wall",
        )
        # The vendor's support staff read under a live session, and write never.
        narrower = {"operator_wall": walls.OPERATOR_WRITES, "snapshot_wall": walls.SNAPSHOT_WRITES}.get(name)
        if name == people_wall.NAME:
            _, narrower = people_wall.wall_of(table)
        writing = as_printed(owner, table, narrower) if narrower else printed
        command = "SELECT" if only_read else "DELETE" if name == "prune_wall" else "ALL"
        expected = (command, printed, writing if command == "ALL" else None)
        assert (found[name]["command"], found[name]["qual"], found[name]["with_check"]) == expected
        assert found[name]["roles"] == APP


def test_rows_about_learners_and_guardians_stand_behind_a_wall(catalogue: Catalogue) -> None:
    """A new table with a learner or guardian in it can't be forgotten."""
    personal = {
        row["table"]
        for row in catalogue.columns
        if row["name"] in ("learner_id", "guardian_id") and row["table"] in TENANT
    }
    assert {table for table in personal if not walls_of(table)} == set()


def test_special_category_values_stand_in_their_own_table() -> None:
    """The wall that asks for the certificate has exactly one place."""
    assert [table for table in TENANT if "special_wall" in walls_of(table)] == ["learner_special"]


def test_partitions_carry_the_policies_of_their_parent(catalogue: Catalogue) -> None:
    """The same names, commands, roles and conditions, partition by partition."""

    def shape(table: str) -> dict[str, Found]:
        return {
            name: {key: value for key, value in row.items() if key != "table"}
            for name, row in catalogue.policies_of(table).items()
        }

    assert len(catalogue.partitions) >= len(YEARLY)
    for partition in catalogue.partitions:
        assert shape(partition["name"]) == shape(partition["parent"])


def test_reference_data_has_no_policies(catalogue: Catalogue) -> None:
    """Nothing pretends to guard rows that every school reads."""
    assert {row["table"] for row in catalogue.policies} & set(REFERENCE) == set()


def test_the_application_is_granted_what_is_declared(catalogue: Catalogue) -> None:
    """Table by table, and nothing on partitions."""
    assert catalogue.granted_to(APP) == declared_grants()


def test_append_only_tables_are_append_only(catalogue: Catalogue) -> None:
    """History, audit, rule book versions, special values and events: no UPDATE; DELETE nearly nowhere."""
    granted = catalogue.granted_to(APP)
    for table in (
        "audit_operation",
        "app_activation",
        "app_activation_end",
        "break_glass",
        "break_glass_end",
        "invitation",
        "invitation_end",
        "invitation_redemption",
        "invitation_try",
        "link_restriction",
        "link_restriction_end",
        "notice",
        "notice_read",
        "support_decision",
        "support_end",
        "support_request",
        "audit_seal",
        "audit_subject",
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
    ):
        assert not granted[table] & {"UPDATE", "DELETE", "TRUNCATE"}
    assert {table for table, privileges in granted.items() if "DELETE" in privileges} == {
        "authorization_code",
        "browser_session",
        "dpop_proof",
        "pushed_request",
        "refresh_token",
        "feed_row",
        "ended_token",
        "federated_identity",
        "idempotency_record",
        "joining",
        "letter",
        "known_browser",
        "mailed_link",
        "oauth_assertion",
        "one_time_secret",
        "outbox_event",
        "passkey",
        "passkey_challenge",
        "recovery_code",
        "school_sign_in",
        "sign_in_attempt",
        "token_family",
        "vendor_token",
        *walls.SNAPSHOTS,
    }
    every = set[str]().union(*granted.values())
    assert every == {"SELECT", "INSERT", "UPDATE", "DELETE"}


def test_the_application_reads_the_audit_behind_its_wall(catalogue: Catalogue) -> None:
    """It adds to the audit and never to what seals it; the commitments it doesn't even read."""
    granted = catalogue.granted_to(APP)
    assert granted["audit_operation"] == {"SELECT", "INSERT"}
    assert granted["audit_seal"] == granted["audit_subject"] == {"SELECT"}
    assert "audit_leaf" not in granted
    assert all("audit_wall" in catalogue.policies_of(table) for table in walls.BEHIND_THE_AUDIT)


def test_the_auditor_reads_its_tables_and_seals(catalogue: Catalogue) -> None:
    """It adds seals, which it can't take back; of other columns see `nobody_else_is_granted_anything`."""
    sealing = {table: {"SELECT", "INSERT"} for table in walls.SEALED}
    assert catalogue.granted_to(AUDIT) == {table: {"SELECT"} for table in walls.AUDITED} | sealing


def test_nobody_else_is_granted_anything(catalogue: Catalogue) -> None:
    """Not PUBLIC, and nobody may pass a grant on.

    By column only the ends of roles and grants, whether an invitation was opened, and who is forgotten.
    """
    owner = catalogue.tables[0]["owner"]
    assert {row["role"] for row in catalogue.grants} == {owner, APP, AUDIT}
    assert not [row for row in catalogue.grants if row["grantable"] and row["role"] != owner]
    granted = [tuple(row.values()) for row in catalogue.column_grants]
    forgets = [("audit_operation", name, AUDIT, "UPDATE", False) for name in forgetting_walls.FORGOTTEN]
    ends = [("role_assignment", "valid_to"), *(("client_grant", name) for name in grant_walls.CHANGED)]
    ends += [(opt_out_walls.TABLE, name) for name in opt_out_walls.CHANGED]
    ends.append(invitation_walls.OPENED)
    assert sorted(granted) == sorted([*forgets, *((*end, APP, "UPDATE", False) for end in ends)])


def test_the_roles_of_serving_have_no_powers(catalogue: Catalogue) -> None:
    """No superuser, BYPASSRLS, CREATEROLE, CREATEDB or replication, and member of no other role."""
    serving = [role for role in catalogue.roles if role["name"] in (APP, AUDIT)]
    assert [role["name"] for role in serving] == [APP, AUDIT]
    assert not any(role["powerful"] or role["member_of"] for role in serving)


def test_a_new_table_of_people_gets_what_those_of_before_have(
    catalogue: Catalogue, owner: psycopg.Connection[tuple[Any, ...]]
) -> None:
    """As a later version would make it: the policies that such a table carries today, and no other."""
    with owner.transaction(force_rollback=True):
        owner.execute("DROP TABLE usher.report_receipt CASCADE")
        owner.execute("CREATE TABLE usher.report_receipt (school_id uuid, learner_id uuid)")
        for statement in people_wall.of_new(("report_receipt",)):
            owner.execute(statement.encode())
        made = owner.execute("SELECT policyname, qual, with_check FROM pg_policies WHERE tablename = 'report_receipt'")
        assert sorted(made) == sorted(
            (name, row["qual"], row["with_check"]) for name, row in catalogue.policies_of("report_receipt").items()
        )
