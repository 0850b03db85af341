"""The input of a mutation as its resolver has it: by its members' names; what was left out is missing."""

from __future__ import annotations

from typing import Any, TypeAlias
from uuid import UUID

from server.queries.ids import decode

Given: TypeAlias = dict[str, Any]


def key_of(given: Given, name: str, *prefixes: str) -> UUID:
    """The key of an id of one of these types. Raises BadUserInput for an id of another."""
    path = ("input", name)
    found = decode(given[name], path)
    return decode(given[name], path, found.prefix if found.prefix in prefixes else prefixes[0], yearly=False).key


def key_if_given(given: Given, name: str, *prefixes: str) -> UUID | None:
    """None where it was left out, or is null."""
    return None if given.get(name) is None else key_of(given, name, *prefixes)
