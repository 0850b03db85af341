"""The printed data map."""

from itertools import pairwise

import pytest

from server.register.data_map import data_map
from server.register.elements import ELEMENTS, GROUPS
from server.register.existence import EXISTENCE
from server.register.purposes import ACTIVITIES
from server.register.retention import RETENTION

COLUMNS = {
    "learner": {"learner_id": "key", "family_name": "name", "upn": "identifier", "version": "record"},
    "learner_special": {"value": "special"},
    "mark": {"score": "mark"},
}
PRINTED = data_map(COLUMNS)


def section(title: str) -> str:
    return PRINTED.partition(f"## {title}\n")[2].partition("\n## ")[0]


@pytest.mark.parametrize("name", ELEMENTS)
def test_the_map_prints_the_element(name: str) -> None:
    """Purpose, handling, training and retention of each element can be read in it."""
    row = ELEMENTS[name]
    for text in (f"`{name}`", row.purpose, row.retention, row.lawful_basis.value, row.training or ""):
        assert text in section("Elements")
    assert row.handling in section("Handling")
    assert f"| `{name}` |" in section("Where each element is stored")


def test_the_map_prints_all_tables() -> None:
    """Groups, existence, retention and activities are whole."""
    assert all(f"| {name} | {', '.join(names)} |" in section("Groups") for name, names in GROUPS.items())
    assert all(f"| {noun} |" in section("Which rows exist") for noun in EXISTENCE)
    assert all(f"| {name} |" in section("Retention") for name in RETENTION)
    assert all(f"| {row.title} |" in section("Processing activities") for row in ACTIVITIES.values())
    assert "WBRI White British" in section("Code sets")


def test_the_map_says_where_an_element_is_stored() -> None:
    """Columns stand with their element; a group's column stands with each of its elements; keys stand nowhere."""
    places = section("Where each element is stored")
    assert "| `name` | `learner.family_name` |" in places
    assert "| `identifier` | `learner.upn` |" in places
    for name in GROUPS["special"]:
        assert f"| `{name}` | `learner_special.value` |" in places
    assert "| `photo` | – |" in places
    assert "learner_id" not in places
    assert "version" not in places


def test_the_map_is_deterministic() -> None:
    """Tables are printed in the order of their names, so that the committed file changes only with its content."""
    assert data_map(dict(reversed(COLUMNS.items()))) == PRINTED


def test_an_undeclared_column_fails() -> None:
    """A column of an element that the register lacks is named and refused."""
    with pytest.raises(ValueError, match=r"learner\.shoe names 'shoe_size', which the register lacks"):
        data_map({"learner": {"shoe": "shoe_size"}})


def test_every_table_is_rectangular() -> None:
    """No cell breaks its table: each row has as many cells as the row above it."""
    rows = [line.replace("\\|", "").count("|") if line.startswith("|") else 0 for line in PRINTED.splitlines()]
    assert rows.count(0) < len(rows)
    assert all(one == other for one, other in pairwise(rows) if one and other)
