"""What one request brings to a compiled statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from server.queries.cursors import Cursors


# Made anew for each request, and a frozen one takes three times as long to make.
@dataclass(slots=True, eq=False)
class Run:
    """`variables` are coerced; `roles` and `capabilities` are JSON texts; `keys` are rows that a command has touched."""

    school: UUID
    viewer: UUID
    capacity: str
    today: date
    variables: Mapping[str, Any]
    roles: str
    capabilities: str
    cursors: Cursors
    keys: Mapping[str, Sequence[Any]] = field(default_factory=dict[str, Sequence[Any]])

    @property
    def holder(self) -> str:
        """To whom a cursor is bound."""
        return f"{self.school}|{self.viewer}|{self.capacity}"
