"""Who imports, into which school: the tenant context of a transaction, and the lock that keeps imports apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from psycopg import sql

from server.exchange.bulk import Connection


@dataclass(frozen=True, slots=True)
class ImportContext:
    """`person_id` is a person of the school who declares that the school may give the data."""

    school_id: UUID
    person_id: UUID
    capacity: Literal["OPERATOR", "STAFF"] = "OPERATOR"


def enter(connection: Connection, context: ImportContext) -> None:
    """Set the context of the transaction that is open, and wait for another import of the same school to end."""
    settings = (("school_id", context.school_id), ("person", context.person_id), ("capacity", context.capacity))
    for name, value in settings:
        text = sql.SQL("SET LOCAL {} = {}").format(sql.Identifier("app", name), sql.Literal(str(value)))
        connection.execute(text)
    connection.execute("SELECT pg_advisory_xact_lock(%s)", [context.school_id.int % 2**63])
