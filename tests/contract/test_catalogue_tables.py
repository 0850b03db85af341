"""The migrated schema is the declared one, and keeps data rules 1, 2, 3 and 8."""

from typing import Any

import pytest
from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Table, UniqueConstraint

from server.database.roles import OWNER
from server.migrations import people_wall
from server.migrations.years import wanted_years
from server.tables import metadata
from tests.contract.catalogue import (
    FOREIGN_TO_METADATA,
    REFERENCE,
    TENANT,
    YEARLY,
    Catalogue,
    Found,
    declared_type,
)

# Their rows name hats: who acts where, and in which capacity; and whom a code lets in.
BEFORE_A_SCHOOL = {
    "login_identity",
    "app_consent",
    "authorization_code",
    "invitation_code",
    "joining",
    "school_provider",
    "token_family",
}


def declared(name: str) -> Table:
    return metadata.tables[f"usher.{name}"]


def names_of(columns: Any) -> list[str]:
    return [column.name for column in columns]


def test_every_table_is_declared_and_every_declared_table_is_there(catalogue: Catalogue) -> None:
    """A table in the database alone, or in the code alone, fails the build."""
    assert set(catalogue.parents_and_plain) == {*TENANT, *REFERENCE, *FOREIGN_TO_METADATA}


def test_there_is_nothing_else_in_the_schema(catalogue: Catalogue) -> None:
    """No view, sequence, foreign table or procedure stands in the schema; seven functions with their caller's rights, five
    of which walls ask.

    And three with the owner's: one moves the history of a learner whose two records became one, one knows taken numbers,
    one lists a parent's own links at all schools.
    """
    assert {table["kind"] for table in catalogue.tables} <= {"r", "p"}
    known = {"definer": False, "settings": ["search_path=pg_catalog"], "callers": ["usher_app"]}
    holds, held_until = {"name": "holds", "answers": "boolean"}, {"name": "held_until", "answers": "date"}
    asked = [{"name": name, "answers": answers} | known for name, answers in people_wall.FUNCTIONS.items()]
    expected = [
        *asked,
        held_until | known,
        holds | known,
        {"name": "own_links", "answers": "usher.guardian_link"} | known | {"definer": True},
        {"name": "take_over", "answers": "void"} | known | {"definer": True},
        {"name": "taken_numbers", "answers": "text"} | known | {"definer": True},
    ]
    assert sorted(catalogue.functions, key=_name) == sorted(expected, key=_name)


def _name(function: Found) -> str:
    return function["name"]


def test_every_partition_is_a_wanted_year_of_a_yearly_table(catalogue: Catalogue, today: Any) -> None:
    """An undeclared partition fails the build, and so does a missing one."""
    found = {table["name"]: (table["parent"], table["bound"]) for table in catalogue.partitions}
    assert found == {
        f"{name}_{year}": (name, f"FOR VALUES IN ({year})") for name in YEARLY for year in wanted_years(today)
    }


@pytest.mark.parametrize("name", [*TENANT, *REFERENCE])
def test_columns_are_the_declared_ones(catalogue: Catalogue, name: str) -> None:
    """Name, type, nullability and collation of each column; the application makes every value itself."""
    found = {
        row["name"]: (row["kind"], row["nullable"], row["collation"], row["has_default"])
        for row in catalogue.columns
        if row["table"] == name
    }
    assert found == {
        column.name: (declared_type(column), column.nullable, getattr(column.type, "collation", None), False)
        for column in declared(name).columns
    }


@pytest.mark.parametrize("name", [*TENANT, *REFERENCE])
def test_keys_and_checks_are_the_declared_ones(catalogue: Catalogue, name: str) -> None:
    """Primary, unique and foreign keys and named checks, no more and no fewer, all of them validated."""
    table = declared(name)
    assert [row["columns"] for row in catalogue.of(name, "p")] == [names_of(table.primary_key.columns)]
    unique = [names_of(key.columns) for key in table.constraints if isinstance(key, UniqueConstraint)]
    assert sorted(row["columns"] for row in catalogue.of(name, "u")) == sorted(unique)
    foreign = [
        (names_of(key.columns), key.elements[0].column.table.name, [element.column.name for element in key.elements])
        for key in table.constraints
        if isinstance(key, ForeignKeyConstraint)
    ]
    assert sorted((row["columns"], row["target"], row["targets"]) for row in catalogue.of(name, "f")) == sorted(foreign)
    checks = {str(key.name) for key in table.constraints if isinstance(key, CheckConstraint)}
    assert {row["name"] for row in catalogue.of(name, "c")} == checks
    assert all(row["validated"] for row in catalogue.constraints if row["table"] == name)


@pytest.mark.parametrize("name", [*TENANT, *REFERENCE])
def test_indexes_are_the_declared_ones(catalogue: Catalogue, name: str) -> None:
    """Those that no key brings along."""
    keys = {row["name"] for row in catalogue.constraints if row["table"] == name}
    found = {row["name"]: row["columns"] for row in catalogue.indexes if row["table"] == name}
    assert {index: columns for index, columns in found.items() if index not in keys} == {
        str(index.name): names_of(index.columns) for index in declared(name).indexes
    }


@pytest.mark.parametrize("name", TENANT)
def test_the_school_comes_first_in_every_key(catalogue: Catalogue, name: str) -> None:
    """Rule 1: school_id is not null and the first column of primary key, unique keys and indexes."""
    (school,) = [row for row in catalogue.columns if (row["table"], row["name"]) == (name, "school_id")]
    assert (school["kind"], school["nullable"]) == ("uuid", False)
    keys = [*catalogue.of(name, "p"), *catalogue.of(name, "u")]
    assert keys
    assert [key["columns"][0] for key in keys] == ["school_id"] * len(keys)
    assert {index["columns"][0] for index in catalogue.indexes if index["table"] == name} == {"school_id"}


@pytest.mark.parametrize("name", TENANT)
def test_foreign_keys_stay_in_the_school_or_go_to_reference_data(catalogue: Catalogue, name: str) -> None:
    """Rule 3: to a tenant table by school_id first, on both sides, or to reference data without it."""
    keys = catalogue.of(name, "f")
    # The school itself and rule book versions, which exist before anything refers to them, are the roots.
    assert keys or name in ("school", "policy_version")
    for key in keys:
        if key["target"] in TENANT:
            assert (key["columns"][0], key["targets"][0]) == ("school_id", "school_id")
        else:
            assert key["target"] in REFERENCE
            assert "school_id" not in key["columns"]


@pytest.mark.parametrize("name", REFERENCE)
def test_reference_data_refers_to_reference_data_alone(catalogue: Catalogue, name: str) -> None:
    """Rule 3, from the other side; what is read before a school is known names it without a foreign key (rule 4)."""
    assert {key["target"] for key in catalogue.of(name, "f")} <= set(REFERENCE)
    columns = {row["name"] for row in catalogue.columns if row["table"] == name}
    assert "school_id" not in columns or name in BEFORE_A_SCHOOL


@pytest.mark.parametrize("name", YEARLY)
def test_yearly_tables_are_divided_by_academic_year(catalogue: Catalogue, name: str) -> None:
    """Rule 2: partitioned by LIST (academic_year), which is in the primary key and every unique key."""
    (table,) = [row for row in catalogue.tables if row["name"] == name]
    assert table["partition_key"] == "LIST (academic_year)"
    for key in catalogue.of(name, "p"):
        assert key["columns"][:2] == ["school_id", "academic_year"]
    for key in catalogue.of(name, "u"):
        assert key["columns"][0] == "school_id"
        assert "academic_year" in key["columns"]


def test_only_yearly_tables_are_divided(catalogue: Catalogue) -> None:
    """Rule 2, from the other side."""
    assert sorted(table["name"] for table in catalogue.tables if table["kind"] == "p") == YEARLY


def test_nothing_happens_behind_the_application(catalogue: Catalogue) -> None:
    """Rule 8: no trigger and no rewrite rule, on parents or partitions."""
    assert catalogue.triggers == []


def test_text_that_orders_or_joins_is_compared_byte_by_byte(catalogue: Catalogue) -> None:
    """Columns of text inside a key or index never depend on the server's collation, identities of sign-in apart."""
    keyed = {
        (row["table"], column)
        for row in (*catalogue.constraints, *catalogue.indexes)
        for column in row["columns"]
        if row.get("kind") != "c"
    }
    loose = {
        (row["table"], row["name"])
        for row in catalogue.columns
        if row["kind"] == "text" and row["collation"] != "C" and (row["table"], row["name"]) in keyed
    }
    assert {table for table, _ in loose} <= {"access_profile", "boundary_set", "login_identity", "specification"}


def test_the_owner_owns_everything(catalogue: Catalogue, database_server: Any) -> None:
    """The application's and the auditor's roles own nothing; on one's own server the owner may have another name."""
    owners = {table["owner"] for table in catalogue.tables}
    assert len(owners) == 1
    assert not owners & {"usher_app", "usher_audit"}
    assert owners == {OWNER} or database_server.database("usher").owner_url.startswith(f"postgresql://{owners.pop()}")
