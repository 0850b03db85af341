"""A row on its way into an answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from graphql import FieldNode

from tests.oracle.rows import Values

OWN_ROW = "learner_id"


@dataclass(frozen=True)
class Thing:
    """`above` is the row it was reached from, `day` the day that dated edges below it look at, `arguments` those of
    the field that led here; `nodes` are the fields of the document that select from it."""

    type: str
    row: Values
    day: date
    above: Thing | None = None
    arguments: dict[str, Any] = field(default_factory=dict[str, Any])
    nodes: tuple[FieldNode, ...] = ()

    @property
    def learner_id(self) -> UUID:
        """Whose row it is; a cell of a markbook belongs to its line's learner."""
        if self.type == "MarkbookCell":
            assert self.above is not None
            return self.above.row[OWN_ROW]
        return self.row[OWN_ROW]
