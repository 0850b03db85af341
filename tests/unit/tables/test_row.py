"""The few words that tables are written in."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Column, ForeignKeyConstraint, PrimaryKeyConstraint, Text

from server.tables.row import KEY, TYPES, belongs, holds, holds_count, holds_list, holds_names, reference, tenant


def column(field: Any) -> Column[Any]:
    return field.sa_column


def targets(key: ForeignKeyConstraint) -> list[str]:
    return [element.target_fullname for element in key.elements]


@pytest.mark.parametrize("kind", TYPES)
def test_a_column_says_its_element_and_is_required_unless_told(kind: type) -> None:
    """Each Python type has one plain type of PostgreSQL."""
    made = column(holds("mark", kind))
    assert made.info == {"element": "mark"}
    assert not made.nullable
    assert type(made.type) is type(TYPES[kind])
    assert column(holds("mark", kind, optional=True)).nullable


def test_names_are_compared_byte_by_byte() -> None:
    """Ordering and uniqueness never depend on the server's collation."""
    kind = column(holds_names("name")).type
    assert isinstance(kind, Text)
    assert kind.collation == "C"


def test_lists_and_counts_say_their_element_too() -> None:
    """There is no way to a column without one."""
    assert column(holds_list("grade")).info == {"element": "grade"}
    assert column(holds_count("record")).info == {"element": "record"}


def test_a_foreign_key_goes_to_columns_of_the_same_names() -> None:
    """Unless others are written in brackets."""
    assert targets(belongs("school_id", "learner_id", to="learner")) == [
        "usher.learner.school_id",
        "usher.learner.learner_id",
    ]
    assert targets(belongs("school_id", "staff_id", to="person(school_id, person_id)")) == [
        "usher.person.school_id",
        "usher.person.person_id",
    ]


def test_a_tenant_table_begins_its_key_with_the_school() -> None:
    """A yearly one goes on with the year, and is divided by it."""
    key, options = tenant(key=("mark_id",))
    assert isinstance(key, PrimaryKeyConstraint)
    assert options == {"info": {"tenant": True, "yearly": False}}
    key, options = tenant(key=("mark_id",), yearly=True)
    assert options["postgresql_partition_by"] == "LIST (academic_year)"
    assert options["info"] == {"tenant": True, "yearly": True}


def test_reference_data_has_no_school() -> None:
    """Its key is what is written."""
    *_, options = reference(key=("code",))
    assert options == {"info": {"tenant": False, "yearly": False}}
    assert column(holds(KEY, UUID)).info == {"element": KEY}
