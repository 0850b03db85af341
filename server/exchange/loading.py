"""Loads a folder of demo files: each school in one transaction, so that an interrupted load leaves whole schools only.

A later load goes on with the schools that are missing; the database is marked ready when all are there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final
from uuid import UUID

import psycopg

from server.errors import BadUserInput, Unavailable
from server.exchange import bulk
from server.exchange.accounts import add_accounts, add_client, add_operator, let_families_in
from server.exchange.bulk import Connection
from server.exchange.context import ImportContext
from server.exchange.founding import found_school
from server.exchange.manifest import School, read_manifest
from server.exchange.mark_parts import import_mark_parts
from server.exchange.marks import import_marks
from server.exchange.outcome import Commit, ImportOutcome
from server.exchange.progress import Progress, silent
from server.exchange.records_of_import import Declaration
from server.exchange.references import import_pack, store_codes
from server.exchange.roster import import_roster

# Facts of the installation, which are only ever added: begun, and whole. Tokens are given out once it is whole.
BEGUN: Final = "demo_loading"
WHOLE: Final = "demo"
_SCHOOL: Final = "demo_school:"
_LOCK: Final = 8300846184628701
_DECLARED: Final = Declaration("Invented people of a demo: there is nobody whose data could be misused.")


def load_demo(
    app_url: str,
    folder: Path,
    packs: Sequence[Path],
    progress: Progress = silent,
    *,
    today: date | None = None,
    after_import: Callable[[UUID], None] | None = None,
) -> list[UUID]:
    """Bring in the folder's schools as the application's role, and return their ids; those already there stay.

    `packs` are the boundary packs that the courses name. `after_import` is called with each new school once it is
    committed. Raises BadUserInput when a file has a fault or the database is in use without being a demo.
    """
    schools = read_manifest(folder)
    today = today or datetime.now(UTC).date()
    with psycopg.connect(app_url, autocommit=True) as connection:
        _take_turns(connection)
        _mark_demo(connection)
        for pack in packs:
            import_pack(connection, pack, datetime.now(UTC))
            progress(description="Importing grade boundaries", advance=1, total=len(packs))
        found = [_load_once(connection, school, today, progress, after_import) for school in schools]
        _mark(connection, WHOLE, "true")
        return found


def _take_turns(connection: Connection) -> None:
    try:
        connection.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
    except psycopg.errors.LockNotAvailable:
        raise Unavailable("The demo is being imported by another program: wait for it to end.") from None


def demo_is_whole(app_url: str) -> bool:
    """Whether a demo was loaded to its end."""
    with psycopg.connect(app_url, autocommit=True) as connection:
        return _marked(connection, WHOLE) == "true"


def _mark_demo(connection: Connection) -> None:
    """A database that holds other schools never becomes a demo, in which tokens are given away."""
    with connection.transaction():
        if _marked(connection, BEGUN) is None:
            if connection.execute("SELECT 1 FROM usher.login_identity LIMIT 1").fetchone():
                raise BadUserInput("The database has schools of its own: load the demo into an empty one.", ("folder",))
            _mark(connection, BEGUN, "true")
        store_codes(connection)


def _load_once(
    connection: Connection,
    school: School,
    today: date,
    progress: Progress,
    after_import: Callable[[UUID], None] | None,
) -> UUID:
    before = _marked(connection, _SCHOOL + school.urn)
    if before is not None:
        return UUID(before)
    with connection.transaction():
        school_id = _load(connection, school, today, progress)
        _mark(connection, _SCHOOL + school.urn, str(school_id))
    if after_import is not None:
        after_import(school_id)
    return school_id


def _load(connection: Connection, school: School, today: date, progress: Progress) -> UUID:
    now = datetime.now(UTC)
    context = found_school(
        connection,
        name=school.name,
        academic_year=school.academic_year,
        first=school.first,
        now=now,
        since=school.first_since,
        urn=school.urn,
        laestab=school.laestab,
    )
    _kept(import_roster(
        connection, school.roster.read_bytes(), context, _DECLARED, commit=Commit.ALL_OR_NOTHING, today=today,
        progress=_of(progress, school),
    ))  # fmt: skip
    for path in school.marks:
        _kept(import_marks(
            connection, path.read_bytes(), context, _DECLARED, commit=Commit.ALL_OR_NOTHING, today=today,
            progress=_of(progress, school),
        ))  # fmt: skip
    for path in school.parts:
        _kept(import_mark_parts(
            connection, path.read_bytes(), context, _DECLARED, commit=Commit.ALL_OR_NOTHING, today=today,
            progress=_of(progress, school),
        ))  # fmt: skip
    _add_people(connection, context, school, now)
    return context.school_id


def _add_people(connection: Connection, context: ImportContext, school: School, now: datetime) -> None:
    let_families_in(connection, context, school.accounts, _DECLARED.statement, now)
    add_accounts(connection, context, school.name, school.accounts)
    for client in school.clients:
        add_client(
            connection, context, school.name, identity=client.identity, scopes=client.scopes, purpose=client.purpose,
            since=school.since, now=now,
        )  # fmt: skip
    for identity in school.operators:
        add_operator(connection, context, school.name, identity=identity, since=school.since, now=now)


def _of(progress: Progress, school: School) -> Progress:
    def named(*, description: str, advance: int, total: int) -> None:
        progress(description=f"{school.name}: {description.lower()}", advance=advance, total=total)

    return named


def _kept(outcome: ImportOutcome) -> None:
    if not outcome.committed:
        first = outcome.problems[0]
        where = f"{first.sheet or 'file'}, row {first.row}"
        raise BadUserInput(
            f"A demo file has {len(outcome.problems)} faults, the first in {where}: {first.message}", ("folder",)
        )


def _marked(connection: Connection, name: str) -> str | None:
    row = connection.execute("SELECT value FROM usher.installation WHERE name = %s", [name]).fetchone()
    return row[0] if row else None


def _mark(connection: Connection, name: str, value: str) -> None:
    if _marked(connection, name) is None:
        bulk.insert(connection, "installation", None, [{"name": name, "value": value}])
