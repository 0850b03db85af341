"""Strawberry types made from declarations, and how the executor reads an answer that the statement has already made."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Mapping
from typing import Any

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.schema_directive import Location
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from server.queries.noun import Argument
from server.queries.reading import TYPE_KEY
from server.register.elements import ELEMENTS

# Every type by its GraphQL name; annotations are looked up here when the schema is built.
TYPES: dict[str, Any] = {"list": list, "Optional": None}


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION], name="data", description="The data element that governs a field."
)
class Data:
    element: str
    sensitivity: str


class AnsweredField(StrawberryField):
    """A field whose value stands in the parent object under its response key."""

    @property
    def is_basic_field(self) -> bool:
        return False

    def get_result(self, source: Any, info: Any, args: list[Any], kwargs: Any) -> Any:  # noqa: ARG002
        return source[info.path.key]


def annotation(kind: str) -> StrawberryAnnotation:
    """`kind` in GraphQL's notation, such as "[String!]" or "Learner!"."""
    return StrawberryAnnotation(_python(kind), namespace=TYPES)


def _python(kind: str) -> str:
    if kind.endswith("!"):
        return _strict(kind[:-1])
    return f"{_strict(kind)} | None"


def _strict(kind: str) -> str:
    return f"list[{_python(kind[1:-1])}]" if kind.startswith("[") else kind


def answered(
    name: str,
    kind: str,
    description: str,
    arguments: Iterable[Argument] = (),
    element: str | None = None,
    field_class: type[StrawberryField] = AnsweredField,
) -> StrawberryField:
    directives = [Data(element=element.upper(), sensitivity=ELEMENTS[element].sensitivity.name)] if element else []
    field = field_class(
        python_name=_attribute(name),
        graphql_name=name,
        type_annotation=annotation(kind),
        description=description,
        directives=directives,
    )
    field.arguments = [argument(one) for one in arguments]
    return field


def _attribute(name: str) -> str:
    return f"{name}_" if keyword.iskeyword(name) else name


def argument(declared: Argument) -> StrawberryArgument:
    kind, _, default = declared.type.partition(" = ")
    extra: dict[str, Any] = {"default": TYPES[kind.rstrip("!")][default]} if default else {}
    return StrawberryArgument(
        python_name=declared.name,
        graphql_name=declared.name,
        type_annotation=annotation(kind),
        description=declared.description,
        **extra,
    )


def object_type(name: str, description: str, fields: Iterable[StrawberryField], *, node: bool = False) -> Any:
    """A Strawberry object type, registered by its name."""
    members = {field.python_name: field for field in fields}
    written = _written(members)
    bases = (TYPES["Node"],) if node else ()
    made = type(name, bases, {**members, "__annotations__": dict.fromkeys(members, Any), "__module__": __name__})
    if node:
        made.is_type_of = classmethod(lambda cls, value, _: value.get(TYPE_KEY, cls.__name__) == cls.__name__)  # type: ignore[attr-defined]
    return _registered(strawberry.type(made, name=name, description=description), name, written)


def interface_type(name: str, description: str, fields: Iterable[StrawberryField]) -> Any:
    members = {field.python_name: field for field in fields}
    written = _written(members)
    made = type(name, (), {**members, "__annotations__": dict.fromkeys(members, Any), "__module__": __name__})
    return _registered(strawberry.interface(made, name=name, description=description), name, written)


def _written(members: Mapping[str, Any]) -> dict[str, Any]:
    """The annotations as written: Strawberry forgets one that it can't yet look up."""
    return {name: field.type_annotation.annotation for name, field in members.items()}


def _registered(made: Any, name: str, members: dict[str, Any]) -> Any:
    """Strawberry looks annotations up in the class's module: point them at TYPES instead."""
    for field in made.__strawberry_definition__.fields:
        if field.python_name in members:
            field.type_annotation = StrawberryAnnotation(members[field.python_name], namespace=TYPES)
    TYPES[name] = made
    return made


def input_type(name: str, description: str, fields: Iterable[Argument], *, one_of: bool = False) -> Any:
    """A Strawberry input type; every optional field may be left out."""
    members: dict[str, Any] = {}
    for field in fields:
        kind, _, default = field.type.partition(" = ")
        value = TYPES[kind.rstrip("!")][default] if default else strawberry.UNSET
        made = strawberry.field(name=field.name, description=field.description, default=value)
        made.type_annotation = annotation(kind)
        if kind.endswith("!") and not default:
            made = StrawberryField(
                python_name=field.name,
                graphql_name=field.name,
                type_annotation=annotation(kind),
                description=field.description,
            )
        members[_attribute(field.name)] = made
    written = _written(members)
    ordered = dict(sorted(members.items(), key=lambda item: item[1].default is strawberry.UNSET))
    made_type = type(name, (), {**ordered, "__annotations__": dict.fromkeys(ordered, Any), "__module__": __name__})
    return _registered(
        strawberry.input(made_type, name=name, description=description, one_of=one_of or None), name, written
    )
