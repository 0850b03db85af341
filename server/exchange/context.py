"""Who imports, into which school: the tenant context of a transaction, and the lock that keeps imports apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from psycopg import sql

from server.errors import BadUserInput
from server.exchange.bulk import Connection


@dataclass(frozen=True, slots=True)
class ImportContext:
    """`person_id` is a person of the school who declares that the school may give the data."""

    school_id: UUID
    person_id: UUID
    capacity: Literal["OPERATOR", "STAFF"] = "OPERATOR"


def enter(connection: Connection, context: ImportContext) -> None:
    """Set the context of the transaction that is open, and wait for another import of the same school to end."""
    # The operator of the installation brings what the school declares, as a school's own program would: it writes what
    # it need not read. OPERATOR, to the walls, is the vendor's support staff, who write nothing.
    capacity = "CLIENT" if context.capacity == "OPERATOR" else context.capacity
    settings = (("school_id", context.school_id), ("person", context.person_id), ("capacity", capacity))
    for name, value in settings:
        text = sql.SQL("SET LOCAL {} = {}").format(sql.Identifier("app", name), sql.Literal(str(value)))
        connection.execute(text)
    # A batch of an import may take longer than an answer to a person, and may wait for an import before it.
    connection.execute("SET LOCAL statement_timeout = '5min'")
    connection.execute("SET LOCAL lock_timeout = '5min'")
    connection.execute("SET LOCAL idle_in_transaction_session_timeout = '5min'")
    connection.execute("SELECT pg_advisory_xact_lock(%s)", [context.school_id.int % 2**63])


def require_declarer(connection: Connection, context: ImportContext) -> None:
    """Raises BadUserInput unless the context's person is one of the school's staff, who alone may declare (R54)."""
    found = connection.execute(
        "SELECT 1 FROM usher.staff WHERE school_id = %s AND staff_id = %s", [context.school_id, context.person_id]
    ).fetchone()
    if found is None:
        raise BadUserInput("person must be a member of staff of the school whose file it is.", ("person",))
