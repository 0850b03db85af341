"""Nothing that can be asked is left out of the matrix, and nothing governed is left unchanged without a reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date

import pytest

from server import tables
from server.queries.comparisons import OPERATIONS
from server.queries.noun import Group, Leaf, Many, Noun, Tally
from server.queries.nouns import NOUNS
from server.queries.roots import LOOKUPS, ROOTS
from server.register.elements import ELEMENTS, Sensitivity
from server.tables import metadata
from server.tables.row import KEY, RECORD, SCHEMA
from tests.leaks.asking import half, packed, sample
from tests.leaks.changes import CHANGES, KEPT, SPECIAL
from tests.leaks.hidden import alike
from tests.leaks.matrix import POSITIONS, Probe, probes
from tests.worlds.wide_school import wide_school

# Governed, and not about one learner, guardian or member of staff; the small rooms of viewers and schools.
STRUCTURE = {name for name, one in ELEMENTS.items() if one.sensitivity is Sensitivity.STRUCTURE}
CHANGED_TABLES = {vars(of.table)["__tablename__"] for of in CHANGES} | {"learner_special"}


@pytest.fixture(scope="module")
def every() -> list[Probe]:
    return probes(wide_school("complete", date(2026, 9, 21)))


def coordinates(noun: Noun) -> Iterator[str]:
    """Values, edges with their arguments, filters and orders of a type."""
    for field in noun.fields:
        if isinstance(field, Group):
            yield from (f"{field.type}.{leaf.name}" for leaf in field.leaves)
        else:
            yield f"{noun.name}.{field.name}"
        if isinstance(field, Many | Tally):
            yield from (f"{noun.name}.{field.name}({argument.name})" for argument in field.arguments)


def listed(noun: Noun) -> Iterator[str]:
    """What a connection of the type takes."""
    yield from (f"{noun.name}.filter.{one.name}" for one in noun.filters)
    yield from (f"{noun.name}.order.{one.name}" for one in noun.orders)


def paged() -> set[str]:
    edges = [root.edge for root in ROOTS.values()]
    edges += [field for noun in NOUNS.values() for field in noun.fields if isinstance(field, Many)]
    return {edge.target for edge in edges if isinstance(edge, Many) and edge.paged}


@pytest.mark.parametrize("name", NOUNS)
def test_all_that_is_declared_is_asked(every: list[Probe], name: str) -> None:
    """A new field, edge, argument, filter or order of a type is in the matrix as soon as it is declared."""
    asked = {probe.coordinate for probe in every}
    wanted = {*coordinates(NOUNS[name]), *(listed(NOUNS[name]) if name in paged() else ())}
    assert wanted - asked == set()


def test_each_filter_is_asked_by_each_operation_and_each_list_in_each_way(every: list[Probe]) -> None:
    asked = {(probe.coordinate, probe.position) for probe in every}
    for name in paged():
        for one in NOUNS[name].filters:
            ways = {POSITIONS[operation] for operation in OPERATIONS[one.kind]} | {"alternative", "count"}
            assert {(f"{name}.filter.{one.name}", way) for way in ways} <= asked
        for one in NOUNS[name].orders:
            assert {(f"{name}.order.{one.name}", way) for way in ("order", "page")} <= asked
    for lookup in (name for name, (_, element) in LOOKUPS.items() if element):
        assert (f"Learner.by.{lookup}", "lookup") in asked
    assert {kind for noun in NOUNS.values() for kind in (one.kind for one in noun.filters)} <= set(OPERATIONS)
    assert {operation for several in OPERATIONS.values() for operation in several} == set(POSITIONS)


def test_every_filter_is_asked_by_a_value_before_and_after(every: list[Probe]) -> None:
    """By one value the answer could stay the same by chance."""
    for coordinate in {probe.coordinate for probe in every if ".filter." in probe.coordinate}:
        texts = {probe.text for probe in every if probe.coordinate == coordinate and probe.position == "count"}
        assert len(texts) > 1, coordinate


def test_every_root_list_is_asked(every: list[Probe]) -> None:
    asked = {probe.coordinate for probe in every}
    assert {f"Query.{name}" for name, root in ROOTS.items() if isinstance(root.edge, Many)} <= asked


def test_every_governed_column_is_changed_or_kept_for_a_reason() -> None:
    """Of the tables that tell of learners, guardians and staff."""
    changed = {f"{vars(of.table)['__tablename__']}.{column}" for of in CHANGES for column in of.columns}
    governed = {
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.c
        if table.name in CHANGED_TABLES | of_nouns() and column.info["element"] not in {KEY, RECORD, *STRUCTURE}
    }
    assert governed - changed - set(KEPT) == set()
    assert set(KEPT) & changed == set()
    known = {f"{table.name}.{column.name}" for table in metadata.tables.values() for column in table.c}
    assert set(KEPT) <= known


def of_nouns() -> set[str]:
    return {noun.table.name for noun in NOUNS.values() if noun.owner is not None or noun.name == "Staff"}


def test_every_governed_element_has_a_change() -> None:
    declared = {field.element for noun in NOUNS.values() for field in noun.filters} | {
        leaf.element
        for noun in NOUNS.values()
        for field in noun.fields
        for leaf in (field.leaves if isinstance(field, Group) else (field,) if isinstance(field, Leaf) else ())
    }
    changed = {of.element for of in CHANGES} | set(SPECIAL)
    derived = {"age"}  # follows from the date of birth, which is changed within the age
    assert declared - STRUCTURE - {"reference"} - derived <= changed


def test_a_change_names_columns_of_its_element() -> None:
    for of in CHANGES:
        columns = metadata.tables[f"{SCHEMA}.{vars(of.table)['__tablename__']}"].c
        elements = {columns[name].info["element"] for name in of.columns}
        assert elements == {of.element} or of.table is tables.ReportLineRow, (of.table, elements)


def test_the_sample_has_every_position_for_several_accounts(every: list[Probe]) -> None:
    """And not the same probes for all."""
    profiles = alike(wide_school("complete", date(2026, 9, 21)))
    asked = [sample(half(every, str(one[0])), str(one[0]), lambda probe: probe.position) for one in profiles]
    times = Counter(position for drawn in asked for position in {probe.position for probe in drawn})
    assert set(times) == {probe.position for probe in every}
    assert min(times.values()) > len(profiles) / 4
    assert len({probe.name for drawn in asked for probe in drawn}) > 150
    assert sum(len(operation.probes) for operation in packed(every)) == len(every)
