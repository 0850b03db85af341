"""One document for each analysis that asks for every field of its answer, with all its arguments as variables."""

from __future__ import annotations

from typing import Any, Final

from graphql import GraphQLObjectType, get_named_type

from server.resolvers.schema import graphql_schema

ANALYSES: Final = (
    "questionAnalysis", "gradeDistribution", "marksToNext", "compareGroups", "compareSnapshots", "valueAdded",
)  # fmt: skip
_named: Final[Any] = get_named_type


def document(name: str) -> str:
    query: Any = graphql_schema().query_type
    field = query.fields[name]
    declared = ", ".join(f"${one}: {argument.type}" for one, argument in field.args.items())
    given = ", ".join(f"{one}: ${one}" for one in field.args)
    return f"query ({declared}) {{ {name}({given}) {_selected(_named(field.type))} }}"


def _selected(kind: Any) -> str:
    if not isinstance(kind, GraphQLObjectType):
        return ""
    fields: dict[str, Any] = kind.fields
    return f"{{ {' '.join(f'{name} {_selected(_named(field.type))}' for name, field in fields.items())} }}"


def plain(answer: dict[str, Any] | None) -> dict[str, Any] | None:
    """The same answer whatever the order of what has none of its own."""
    if answer is not None and "toWindow" in answer:
        return {**answer, "cells": sorted(answer["cells"], key=repr)}
    return answer
