"""A governed field says which element it tells of, and tells of no other."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from graphql import GraphQLObjectType, parse
from graphql.language import ObjectTypeDefinitionNode, StringValueNode
from sqlalchemy import BindParameter, Column, Date, bindparam
from sqlalchemy.sql import visitors

from server.queries.noun import Explained, Filter, Group, Leaf, Many, Noun, One, Order
from server.queries.nouns import NOUNS
from server.register.elements import ELEMENTS, GROUPS, Sensitivity
from server.resolvers.schema import graphql_schema, printed
from server.tables.row import KEY, RECORD

Told = Leaf | Filter | Order


class Today:
    """A list asked for without arguments."""

    day = bindparam("day", type_=Date())

    def value(self, _: str) -> None:
        return None


@dataclass(frozen=True, slots=True)
class Plain:
    """A row as a declaration sees it, without a statement around it."""

    noun: Noun

    @property
    def c(self) -> Any:
        return self.noun.table.c

    @property
    def parent(self) -> Any:
        return Plain(NOUNS["MarkbookRow"])

    @property
    def asked(self) -> Any:
        return Today()

    def side(self, name: str) -> Any:
        return self.noun.sides[name](self).subquery().c


def told(noun: Noun) -> Iterator[Told]:
    for field in noun.fields:
        if isinstance(field, Group):
            yield from field.leaves
        elif isinstance(field, Leaf):
            yield field
    yield from noun.filters
    yield from noun.orders


ALL = [(noun, field) for noun in NOUNS.values() for field in told(noun)]
IDS = [f"{noun.name}.{field.name}" for noun, field in ALL]
# Coordinate -> an element of its columns that it may tell of, and why.
DELIBERATE = {
    "Learner.age": {"date_of_birth"},  # the age is an element of its own, so that nobody needs the date
    "Viewer.capacity": {"account"},  # the viewer's own
    "Report.receipt": {"parent_link"},  # the viewer's own
}


def columns_of(field: Told, noun: Noun) -> set[Any]:
    """The columns of tables that the field's SQL reads, through subqueries too."""
    found: set[Any] = set()
    for part in visitors.iterate(field.sql(Plain(noun))):
        if isinstance(part, Column):
            found |= {base for base in part.base_columns if base.info}
    return found


@pytest.mark.parametrize(("noun", "field"), ALL, ids=IDS)
def test_a_field_names_elements_of_the_register(noun: Noun, field: Told) -> None:
    """Its own and those of its inputs."""
    assert {field.element, *getattr(field, "inputs", ())} <= set(ELEMENTS)


@pytest.mark.parametrize("noun", NOUNS.values(), ids=list(NOUNS))
def test_an_edge_names_elements_of_the_register(noun: Noun) -> None:
    """Where it names any: the edge's own and that of each row it leads to; a computed field's, with its inputs."""
    for field in noun.fields:
        if isinstance(field, One | Many):
            named = {field.element, getattr(field, "target_element", None)} - {None}
        elif isinstance(field, Explained):
            named = {field.element, *field.inputs}
        else:
            continue
        assert named <= set(ELEMENTS)


@pytest.mark.parametrize(("noun", "field"), ALL, ids=IDS)
def test_a_field_reads_columns_of_its_element_alone(noun: Noun, field: Told) -> None:
    """What it reads beside them joins rows, records how a row came to be, or is no fact about a person."""
    structure = {name for name, row in ELEMENTS.items() if row.sensitivity is Sensitivity.STRUCTURE}
    allowed = {field.element, *getattr(field, "inputs", ()), KEY, RECORD, *structure}
    allowed |= DELIBERATE.get(f"{noun.name}.{field.name}", set())
    allowed |= {group for group in GROUPS if field.element in GROUPS[group]} & {"special"}
    wrong = {str(column): column.info["element"] for column in columns_of(field, noun)}
    assert {column: element for column, element in wrong.items() if element not in allowed} == {}


@pytest.mark.parametrize(("noun", "field"), ALL, ids=IDS)
def test_a_special_value_is_that_of_its_element(noun: Noun, field: Told) -> None:
    """learner_special holds many elements: the SQL asks for the one that the field names."""
    if not any(column.table.name == "learner_special" for column in columns_of(field, noun)):
        return
    parts = visitors.iterate(field.sql(Plain(noun)))
    words: set[Any] = {part.value for part in parts if isinstance(part, BindParameter)}  # pyright: ignore[reportUnknownMemberType]
    assert words & set(GROUPS["special"]) == {field.element}


def data_of(text: str) -> dict[tuple[str, str], str]:
    """(type, field) -> element of its @data directive, of a schema's text."""
    return {
        (definition.name.value, field.name.value): _element(directive)
        for definition in parse(text).definitions
        if isinstance(definition, ObjectTypeDefinitionNode)
        for field in definition.fields or ()
        for directive in field.directives or ()
        if directive.name.value == "data"
    }


def _element(directive: Any) -> str:
    (value,) = [argument.value for argument in directive.arguments if argument.name.value == "element"]
    assert isinstance(value, StringValueNode)
    return value.value.lower()


def test_the_printed_schema_says_what_was_declared() -> None:
    """Each leaf carries @data with its element."""
    data = data_of(printed())
    declared: dict[tuple[str, str], str] = {}
    for noun in NOUNS.values():
        for field in noun.fields:
            if isinstance(field, Leaf):
                declared[noun.name, field.name] = field.element
            elif isinstance(field, Group):
                declared |= {(field.type, leaf.name): leaf.element for leaf in field.leaves}
    assert {place: element for place, element in declared.items() if data.get(place) != element} == {}


# What names a row, or says what the caller may see and do, from the plan alone.
PLAIN_FIELDS = {"id", "withheld", "viewerCan"}


def ungoverned() -> Iterator[str]:
    """Scalar fields of noun types without @data."""
    data = data_of(printed())
    for name, kind in graphql_schema().type_map.items():
        if name not in NOUNS or not isinstance(kind, GraphQLObjectType):
            continue
        for field_name, field in kind.fields.items():
            inner: Any = field.type
            while hasattr(inner, "of_type"):
                inner = inner.of_type
            if not isinstance(inner, GraphQLObjectType) and (name, field_name) not in data:
                yield f"{name}.{field_name}"


def test_no_coordinate_of_a_row_is_undeclared() -> None:
    """Closed by default: a scalar of a type with rows has an element, or is one of the few that tell nothing."""
    assert {each for each in ungoverned() if each.partition(".")[2] not in PLAIN_FIELDS} == set()
