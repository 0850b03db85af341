"""The head of a school's chain in a letter to its data protection officers: digests and counts, no personal data."""

from __future__ import annotations

import json
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Final
from uuid import UUID

from psycopg import sql

from server.compliance.heads import Head
from server.database.messages import send
from server.database.pool import Pool, PoolConnection
from server.database.repeating import repeatable
from server.settings import make_in_home

_OPEN: Final = """\
BEGIN;
SET LOCAL app.school_id = {school};
SET LOCAL app.capacity = 'STAFF'"""
_OFFICERS: Final = """\
SELECT DISTINCT s.email FROM usher.staff AS s
JOIN usher.role_assignment AS r ON r.school_id = s.school_id AND r.person_id = s.staff_id
WHERE s.school_id = $1::uuid AND r.school_id = $1::uuid AND r.role = ANY($3::text[]) AND s.email IS NOT NULL
  AND r.valid_from <= $2::date AND (r.valid_to IS NULL OR r.valid_to > $2::date)
ORDER BY s.email"""
_TEXT: Final = """\
The audit log of your school is sealed every minute. This is the end of its chain of seals.

School       {school}
Seals        {sequence}
Last sealed  {sealed_at}
Digest       {digest}
Rule book    {rule_book}

Please keep this message; nothing else is needed. If somebody with power over the database changes the log later,
or cuts its end off, the log no longer fits this digest; a rule book that is changed later no longer fits its own.
`usher audit verify` compares both with what was kept on the server. To compare them with this message instead, save
the next line as a file, and give that file to the program tools/verify_audit.py after --heads, together with an export
of the log.

{line}
"""


def letter(head: Head) -> tuple[str, str]:
    """Subject and text."""
    line, book = json.dumps(head, sort_keys=True), head.get("book")
    rule_book = f"version {book['version']}, digest {book['digest']}" if book else "none"
    return f"Audit log: {head['sequence']} seals", _TEXT.format(**head, line=line, rule_book=rule_book)


def was_mailed(folder: Path, school_id: UUID, today: date) -> bool:
    note = folder / f"{school_id}.mailed"
    return note.exists() and note.read_text(encoding="ascii") == today.isoformat()


@contextmanager
def noting(folder: Path, school_id: UUID, today: date) -> Generator[None]:
    """The day is noted once the block has sent the letter, in room that is taken before: or it would go again and again."""
    make_in_home(folder)
    path = folder / f"{school_id}.mailed"
    path.touch()
    with path.open("r+b") as note:
        if not note.read(1):
            note.write(b"." * len(today.isoformat()))
            note.flush()
        yield
        note.seek(0)
        note.write(today.isoformat().encode("ascii"))
        note.truncate()


async def officers(pool: Pool, school_id: UUID, today: date, roles: Sequence[str] = ("dpo",)) -> list[str]:
    """Addresses of the school's data protection officers, or of who holds one of `roles`. Raises Unavailable."""
    opening = sql.SQL(_OPEN).format(school=sql.Literal(str(school_id))).as_bytes(None)

    async def work(connection: PoolConnection) -> list[str]:
        await send(connection, opening)
        await connection.reader.execute(_OFFICERS.encode(), [school_id, today, list(roles)])
        return [address for (address,) in await connection.reader.fetchall()]

    return await repeatable(pool, work)
