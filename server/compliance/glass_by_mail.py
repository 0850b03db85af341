"""Broken glass in a letter to the officers: that it happened and when, never who, why or about whom."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from os import SEEK_END
from pathlib import Path
from typing import Final
from uuid import UUID

from psycopg import sql

from server.database.messages import send
from server.database.pool import Pool, PoolConnection
from server.database.repeating import repeatable
from server.settings import make_in_home

LATEST: Final = timedelta(days=1)
"""How long a letter is tried: what is older stands in `breakGlassSessions` alone."""
_OPEN: Final = """\
BEGIN;
SET LOCAL app.school_id = {school};
SET LOCAL app.capacity = 'STAFF'"""
_BROKEN: Final = """\
SELECT g.glass_id, g.started_at, g.ends_at FROM usher.break_glass AS g
WHERE g.school_id = $1::uuid AND g.started_at > $2::timestamptz ORDER BY g.started_at, g.glass_id"""
_TEXT: Final = """\
Somebody of your school has broken the glass: for an emergency, and for two hours at most, they read more than their
role gives them. Each read is logged.

School   {school}
Session  {glass}
From     {started}
Until    {ends} at the latest

Sign in to see who it was and the reason they gave (`breakGlassSessions`), and to end it (`endBreakGlass`).
"""


@dataclass(frozen=True, slots=True)
class Broken:
    school_id: UUID
    glass_id: UUID
    started_at: datetime
    ends_at: datetime


async def broken_lately(pool: Pool, school_id: UUID, now: datetime) -> list[Broken]:
    """Within the last day, the first first. Raises Unavailable."""
    opening = sql.SQL(_OPEN).format(school=sql.Literal(str(school_id))).as_bytes(None)

    async def work(connection: PoolConnection) -> list[Broken]:
        await send(connection, opening)
        await connection.reader.execute(_BROKEN.encode(), [school_id, now - LATEST])
        return [Broken(school_id, *row) for row in await connection.reader.fetchall()]

    return await repeatable(pool, work)


def letter(broken: Broken) -> tuple[str, str]:
    """Subject and text."""
    told = {
        name: f"{moment:%Y-%m-%d %H:%M} UTC"
        for name, moment in (("started", broken.started_at), ("ends", broken.ends_at))
    }
    return "Somebody has broken the glass", _TEXT.format(school=broken.school_id, glass=broken.glass_id, **told)


def mailed(folder: Path, school_id: UUID) -> set[str]:
    """The sessions that were told of by letter."""
    note = folder / f"{school_id}.glass"
    return set(note.read_text(encoding="ascii").split()) if note.exists() else set()


@contextmanager
def noting(folder: Path, broken: Broken) -> Generator[None]:
    """A letter is noted once the block has sent it.

    Room for the note is taken before: where none can be written, nothing goes, or the letter would go again each minute.
    """
    make_in_home(folder)
    line = f"{broken.glass_id}\n".encode("ascii")
    path = folder / f"{broken.school_id}.glass"
    path.touch()
    with path.open("r+b") as note:
        end = note.seek(0, SEEK_END)
        note.write(b"." * (len(line) - 1) + b"\n")
        note.flush()
        try:
            yield
        except BaseException:
            note.truncate(end)
            raise
        note.seek(end)
        note.write(line)
