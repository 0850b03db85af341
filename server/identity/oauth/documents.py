"""Trusted documents of a client: registered, ended, listed; and the mode that says what becomes of others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, LiteralString

from server.errors import BadUserInput
from server.identity.oauth.clients import Connection, find_client
from server.register.purposes import PURPOSES

MOST: Final = 1000
MOST_EVER: Final = 10_000
LONGEST: Final = 64 * 1024
"""Characters of one document."""
_GUARDED: Final = frozenset({"PARENT", "LEARNER"})

_TURN: LiteralString = """
INSERT INTO usher.client_documents AS d (client_id, mode, version) VALUES (%s, NULL, 1)
ON CONFLICT (client_id) DO UPDATE SET version = d.version + 1
"""
_MODE: LiteralString = "UPDATE usher.client_documents SET mode = %s WHERE client_id = %s"
_OF: LiteralString = "SELECT mode FROM usher.client_documents WHERE client_id = %s"
_ADD: LiteralString = """
INSERT INTO usher.trusted_document AS d (client_id, digest, name, purpose, text, registered_at)
VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (client_id, digest) DO UPDATE
SET purpose = excluded.purpose, registered_at = excluded.registered_at, ended_at = NULL
WHERE d.purpose <> excluded.purpose OR d.ended_at IS NOT NULL
"""
_COUNT: LiteralString = (
    "SELECT count(*) FILTER (WHERE ended_at IS NULL), count(*) FROM usher.trusted_document WHERE client_id = %s"
)
_END: LiteralString = (
    "UPDATE usher.trusted_document SET ended_at = %s WHERE client_id = %s AND digest = %s AND ended_at IS NULL"
)
_LIST: LiteralString = """
SELECT digest, name, purpose, text, registered_at FROM usher.trusted_document
WHERE client_id = %s AND ended_at IS NULL ORDER BY name, digest
"""
_REPORTS: LiteralString = """
SELECT digest, first_at, last_at, times FROM usher.document_report WHERE client_id = %s
ORDER BY last_at DESC, digest LIMIT 100
"""


class Mode(StrEnum):
    """What becomes of a document that is not registered."""

    OPEN = "open"
    REPORT_ONLY = "report-only"
    ENFORCED = "enforced"


def effective(mode: str | None, capacity: str) -> Mode:
    """The client's, or where nobody chose one: enforced for apps of parents and learners."""
    if mode is not None:
        return Mode(mode)
    return Mode.ENFORCED if capacity in _GUARDED else Mode.OPEN


@dataclass(frozen=True, slots=True)
class NewDocument:
    """Valid; `name` those of its operations, `digest` the SHA-256 of `text`."""

    digest: str
    name: str
    text: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Registered:
    digest: str
    name: str
    purpose: str
    text: str
    registered_at: datetime


@dataclass(frozen=True, slots=True)
class Reported:
    """A document that was answered `times` in mode report-only."""

    digest: str
    first_at: datetime
    last_at: datetime
    times: int


def check_purpose(purpose: str) -> None:
    """Raises BadUserInput."""
    if purpose not in PURPOSES:
        names = ", ".join(PURPOSES)
        raise BadUserInput(f"purpose names no registered purpose: take one of {names}.", ("purpose",))


def add_documents(connection: Connection, client_id: str, documents: Iterable[NewDocument], now: datetime) -> None:
    """All of them; one that is registered already gets the purpose given now. Raises BadUserInput."""
    _begin(connection, client_id)
    for one in documents:
        check_purpose(one.purpose)
        connection.execute(_ADD, [client_id, one.digest, one.name, one.purpose, one.text, now])
    held, ever = connection.execute(_COUNT, [client_id]).fetchone() or (0, 0)
    if held > MOST or ever > MOST_EVER:
        raise BadUserInput(
            f"A client has at most {MOST} documents, and {MOST_EVER} with those that ended.", ("documents",)
        )


def end_document(connection: Connection, client_id: str, digest: str, now: datetime) -> None:
    """From the moment that this commits it is a document like any other. Raises BadUserInput where there is none."""
    _begin(connection, client_id)
    if connection.execute(_END, [now, client_id, digest]).rowcount == 0:
        raise BadUserInput("This client has no document of that id.", ("documentId",))


def set_mode(connection: Connection, client_id: str, mode: Mode | None) -> None:
    """None: the capacity's own again. Raises BadUserInput where there is no such client."""
    _begin(connection, client_id)
    connection.execute(_MODE, [None if mode is None else mode.value, client_id])


def mode_of(connection: Connection, client_id: str) -> Mode | None:
    """What was chosen for the client."""
    found = connection.execute(_OF, [client_id]).fetchone()
    return None if found is None or found[0] is None else Mode(found[0])


def documents_of(connection: Connection, client_id: str) -> list[Registered]:
    """In order of their names."""
    return [Registered(*row) for row in connection.execute(_LIST, [client_id]).fetchall()]


def reports_of(connection: Connection, client_id: str) -> list[Reported]:
    """The last hundred."""
    return [Reported(*row) for row in connection.execute(_REPORTS, [client_id]).fetchall()]


def _begin(connection: Connection, client_id: str) -> None:
    """One change after the other; the version tells every worker that what it remembers is old."""
    if find_client(connection, client_id) is None:
        raise BadUserInput(f"There is no client {client_id!r}, or it was ended.", ("client_id",))
    connection.execute(_TURN, [client_id])
