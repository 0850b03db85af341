"""Every column says which data element it holds, and the register knows it."""

import psycopg
import pytest
from sqlalchemy import Table

from server.register.data_map import data_map
from server.register.elements import ELEMENTS, GROUPS
from server.tables import metadata
from server.tables.row import KEY, RECORD

TABLES = sorted(metadata.tables.values(), key=lambda table: table.name)
WORDS = {KEY, RECORD}


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_column_names_a_known_element(table: Table) -> None:
    """An undeclared column, or an element that isn't in the register, fails the build.

    A group is known only where the row's own column `element` says which of its elements it holds.
    """
    known = {*ELEMENTS, *WORDS, *(GROUPS if "element" in table.columns else ())}
    assert {column.name: column.info.get("element") for column in table.columns} == {
        column.name: column.info["element"] for column in table.columns if column.info.get("element") in known
    }


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_keys_are_keys(table: Table) -> None:
    """Columns that identify rows hold no fact about a person: each id is a key, an actor, or governed as a fact."""
    for column in table.columns:
        if column.name in ("school_id", "learner_id", "staff_id", "guardian_id"):
            assert column.info["element"] == KEY


def test_special_category_is_stored_in_one_place() -> None:
    """No other table's column holds an element that needs a certificate, but for decisions about sharing."""
    guarded = {
        (table.name, column.name)
        for table in TABLES
        for column in table.columns
        if any(ELEMENTS[name].guarded for name in held(column.info["element"]))
    }
    assert guarded == {("learner_special", "value"), *ELSEWHERE}


# A flag narrows who may see a learner, and a caseload tells that there is a need: both are read by scopes alone.
ELSEWHERE = {("learner_flag", name) for name in ("kind", "valid_from", "valid_to", "decided_by")} | {
    ("learner_assignment", name) for name in ("kind", "valid_from", "valid_to")
}


def test_what_the_wall_reads_is_what_the_register_says(owner_url: str) -> None:
    """Each stored element stands with the register's course, and none of the special ones is missing."""
    with psycopg.connect(owner_url) as connection:
        found = dict(connection.execute("SELECT element, course FROM usher.special_element").fetchall())
    assert found == {name: ELEMENTS[name].training for name in GROUPS["special"] if name not in STORED_OTHERWISE}
    assert all(ELEMENTS[name].guarded for name in found)


# A concern stands in learner_flag; whether there is a need at all is told from sen_provision.
STORED_OTHERWISE = {"safeguarding", "sen_flag"}


def held(word: str) -> tuple[str, ...]:
    """The elements that a column's word names."""
    return (word,) if word in ELEMENTS else GROUPS.get(word, ())


def test_the_data_map_can_be_printed() -> None:
    """Every word of every column is one that the map can print."""
    words = {table.name: {column.name: column.info["element"] for column in table.columns} for table in TABLES}
    assert "`learner_special.value`" in data_map(words)
