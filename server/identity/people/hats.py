"""Hats: where, and in which capacity, an account's person may act. One at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import LiteralString
from uuid import UUID

from server.database.blocking_pool import BlockingConnection as Connection

# Programs sign nobody in: they prove themselves as clients.
_HATS: LiteralString = (
    "SELECT school_id, school_name, person_id, capacity FROM usher.login_identity "
    "WHERE identity = %s AND capacity <> 'CLIENT' ORDER BY school_name, capacity, school_id"
)


@dataclass(frozen=True, slots=True)
class Hat:
    school_id: UUID
    school_name: str
    person_id: UUID
    capacity: str


def hats(connection: Connection, identity: str) -> list[Hat]:
    """By school and capacity. Whether one may act so today is looked up with every question that a token brings."""
    return [Hat(*row) for row in connection.execute(_HATS, [identity]).fetchall()]
