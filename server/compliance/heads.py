"""The head of each school's chain, kept outside the database: whoever cuts the chain there can't cut it here.

A file `<school>.jsonl` a school, one line a seal that was the last when it was looked at, with the newest rule book of
that moment; it holds digests and counts.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import psycopg

from server.compliance.commitments import Seal
from server.settings import make_in_home

Head = Mapping[str, Any]

_HEADS: Final = """\
SELECT DISTINCT ON (s.school_id) s.school_id, s.sequence, s.sealed_at, s.leaves, s.root, s.previous, s.digest
FROM usher.audit_seal AS s ORDER BY s.school_id, s.sequence DESC"""
_SEALED: Final = "SELECT s.digest FROM usher.audit_seal AS s WHERE s.school_id = %s AND s.sequence = %s"
_BOOKS: Final = """\
SELECT DISTINCT ON (v.school_id) v.school_id, v.version, v.digest, v.chain
FROM usher.policy_version AS v ORDER BY v.school_id, v.version DESC"""


async def current_heads(connection: psycopg.AsyncConnection[tuple[Any, ...]]) -> list[Head]:
    """The last seal of every school that has one, and its newest rule book as `book`; as usher_audit."""
    rows = await (await connection.execute(_HEADS)).fetchall()
    books = {
        school_id: {"version": version, "digest": digest, "chain": chain}
        for school_id, version, digest, chain in await (await connection.execute(_BOOKS)).fetchall()
    }
    return [{**Seal(*facts).facts(), "digest": digest, "book": books.get(facts[0])} for *facts, digest in rows]


async def sealed_digests(
    connection: psycopg.AsyncConnection[tuple[Any, ...]], heads: Mapping[str, Head]
) -> dict[str, str]:
    """By school the digest of its seal of the number that its head has, where that seal is there; as usher_audit."""
    found: dict[str, str] = {}
    for school, head in heads.items():
        row = await (await connection.execute(_SEALED, [UUID(school), head["sequence"]])).fetchone()
        if row is not None:
            found[school] = row[0]
    return found


def keep_heads(folder: Path, heads: list[Head]) -> int:
    """Append those that their files don't end with; how many. Lines are whole or not there at all."""
    make_in_home(folder)
    return sum(_keep(folder / f"{UUID(head['school'])}.jsonl", head) for head in heads)


def kept_heads(folder: Path) -> dict[str, list[Head]]:
    """What was kept, by school. Raises ValueError for a file that holds something else."""
    return {path.stem: _read(path) for path in sorted(folder.glob("*.jsonl"))}


def _keep(path: Path, head: Head) -> bool:
    with open(path, "a+b", opener=_private) as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # until the file is closed
        file.seek(0)
        lines = file.read().splitlines(keepends=True)
        if lines and not lines[-1].endswith(b"\n"):
            file.truncate(sum(map(len, lines[:-1])))  # a writer died within its line
            lines.pop()
        if lines and _place(json.loads(lines[-1])) >= _place(head):
            return False
        file.write(json.dumps(head, sort_keys=True).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
        return True


def _place(head: Head) -> tuple[int, int]:
    """Heads of before rule books were kept hold none: the next one is kept even where nothing new was sealed."""
    book = head.get("book")
    return head["sequence"], book["version"] if book else 0


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _read(path: Path) -> list[Head]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]
