"""Of a value that Python made, what the document selects, as JSON-ready values by response key."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, cast
from uuid import UUID

from graphql import SelectionSetNode

from server.queries.kinds import Kind, named
from server.queries.selection import Document

Later = Callable[[], Awaitable[Any]]
Below = tuple[SelectionSetNode, ...]


class Projection:
    """One operation's: it knows the document and every kind by its name."""

    def __init__(self, document: Document, kinds: Mapping[str, Kind]) -> None:
        self._document = document
        self._kinds = kinds

    async def of(self, kind: str, value: Any, below: Below) -> Any:
        """`value` as a field of type `kind` (GraphQL's notation). KeyError where a declared member is missing."""
        if callable(value):
            value = await cast(Later, value)()
        if value is None:
            return None
        if kind.removesuffix("!").startswith("["):
            inner = kind.removesuffix("!")[1:-1]
            return [await self.of(inner, one, below) for one in cast(Sequence[Any], value)]
        found = self._kinds.get(named(kind))
        return await self._object(found, cast(Mapping[str, Any], value), below) if found else written(value)

    async def _object(self, kind: Kind, value: Mapping[str, Any], below: Below) -> dict[str, Any]:
        shown: dict[str, Any] = {}
        for one in self._document.select(below, frozenset((kind.name,))):
            if one.name == "__typename":
                shown[one.key] = kind.name
            else:
                shown[one.key] = await self.of(kind.member(one.name).type, value[one.name], one.below)
        return shown


def written(value: Any) -> Any:
    """A scalar as JSON has it: moments in UTC as rows have them, decimals and keys as text, enums by their names."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal | UUID):
        return str(value)
    return value.name if isinstance(value, Enum) else value
