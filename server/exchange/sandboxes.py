"""A school of invented people for a vendor's program to be tried at: one a program, and nobody else comes in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import psycopg

from server.errors import BadUserInput
from server.exchange import bulk
from server.exchange.accounts import add_client
from server.exchange.bulk import Connection
from server.exchange.founding import FirstPerson, found_school
from server.exchange.marks import import_marks
from server.exchange.outcome import Commit, ImportOutcome
from server.exchange.progress import Progress, silent
from server.exchange.records_of_import import Declaration
from server.exchange.references import store_codes
from server.exchange.roster import import_roster
from server.identity.oauth.clients import find_client
from server.identity.oauth.grant_list import SANDBOX
from server.policies.vocabulary import CLIENT_SCOPES

PURPOSE: Final = "Try the program with invented people"
_DECLARED: Final = Declaration("Invented people of a sandbox: there is nobody whose data could be misused.")
_LOCK: Final = 8300846184628702


@dataclass(frozen=True, slots=True)
class SandboxFiles:
    """`first` are the facts of who declares for the school, as FirstPerson takes them, and `since` its first day."""

    name: str
    urn: str
    laestab: str
    academic_year: int
    first: FirstPerson
    since: date
    roster: Path
    marks: Path


def load_sandbox(app_url: str, client_id: str, files: SandboxFiles, today: date, progress: Progress = silent) -> UUID:
    """Make the school and grant all scopes of it to the program; its id. All of it or nothing.

    Raises BadUserInput where there is no such program, or it has a sandbox.
    """
    with psycopg.connect(app_url) as connection, connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        if find_client(connection, client_id) is None:
            raise BadUserInput(f"There is no client {client_id!r}, or it was ended.", ("CLIENT",))
        if connection.execute("SELECT 1 FROM usher.installation WHERE name = %s", [SANDBOX + client_id]).fetchone():
            raise BadUserInput(f"The client {client_id!r} has a sandbox already: /oauth/grants lists it.", ("CLIENT",))
        store_codes(connection)
        school_id = _load(connection, client_id, files, today, progress)
        mark: Mapping[str, Any] = {"name": SANDBOX + client_id, "value": str(school_id)}
        bulk.insert(connection, "installation", None, [mark])
    return school_id


def _load(connection: Connection, client_id: str, files: SandboxFiles, today: date, progress: Progress) -> UUID:
    now = datetime.now(UTC)
    context = found_school(
        connection, name=files.name, academic_year=files.academic_year, first=files.first, now=now, since=files.since,
        urn=files.urn, laestab=files.laestab,
    )  # fmt: skip
    for load, path in ((import_roster, files.roster), (import_marks, files.marks)):
        _kept(load(
            connection, path.read_bytes(), context, _DECLARED, commit=Commit.ALL_OR_NOTHING, today=today,
            progress=progress,
        ))  # fmt: skip
    scopes: Sequence[str] = list(CLIENT_SCOPES)
    add_client(
        connection, context, files.name, identity=client_id, scopes=scopes, purpose=PURPOSE, since=today, now=now
    )
    return context.school_id


def _kept(outcome: ImportOutcome) -> None:
    """The files are ours: a fault in one is a defect."""
    if not outcome.committed:
        raise RuntimeError(f"a sandbox's file has {len(outcome.problems)} faults: {outcome.problems[0].message}")
