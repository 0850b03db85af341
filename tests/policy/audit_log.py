"""The audit log as usher_audit reads it: what each operation added."""

from dataclasses import dataclass, field
from typing import Any, LiteralString
from uuid import UUID

import psycopg

from tests.worlds import World

_ROWS: LiteralString = (
    "SELECT audit_id, kind, person_id, capacity, policy_version, purpose, reason, operation_name, elements"
    " FROM usher.audit_operation WHERE school_id = %s AND NOT audit_id = ANY(%s)"
)
_ABOUT = ("kind", "person_id", "capacity", "policy_version", "purpose", "reason", "operation_name")


@dataclass(frozen=True)
class Line:
    """One audit row: what it says of the operation, and the handles that it names by element."""

    about: dict[str, Any]
    elements: dict[str, set[str]]


@dataclass
class AuditLog:
    """`connection` is usher_audit's, in autocommit: each look sees what has been committed since the last."""

    connection: psycopg.Connection[Any]
    _known: dict[UUID, list[UUID]] = field(default_factory=dict[UUID, list[UUID]])

    def added(self, world: World) -> list[Line]:
        """The school's rows since the last call; nobody else may write there meanwhile."""
        known = self._known.setdefault(world.school_id, [])
        rows = self.connection.execute(_ROWS, [world.school_id, known]).fetchall()
        known += [row[0] for row in rows]
        handles = {str(key): handle for handle, key in world.ids.items()}
        return [
            Line(
                dict(zip(_ABOUT, about, strict=True)),
                {element: {handles[key] for key in keys} for element, keys in elements.items()},
            )
            for _, *about, elements in rows
        ]
