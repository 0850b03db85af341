"""Rule books as rows: the book in force at a school, as a planner."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import sql

from server.database.messages import send
from server.database.pool import Pool, PoolConnection
from server.database.repeating import repeatable
from server.errors import PolicyUnavailable
from server.policies.ceiling import Ceiling
from server.policies.chain import Link
from server.policies.planner import Planner
from server.policies.rule_book import RuleBook, RuleBookInvalid

_VERSION = """\
SELECT v.content, v.chain, v.previous_version, p.chain,
    v.version, v.kind, v.digest, v.created_at, v.previous_chain, v.base_version, v.submission_id, v.author_id,
    v.published_by, v.reason, v.special_reason
FROM usher.policy_version v
LEFT JOIN usher.policy_version p ON p.school_id = {school} AND p.version = v.previous_version
WHERE v.school_id = {school} AND v.version = {version}"""
_SCHOOLS = "SELECT DISTINCT l.school_id FROM usher.login_identity AS l ORDER BY l.school_id"
_HEAD = "SELECT h.version FROM usher.policy_head AS h WHERE h.school_id = {school}"
_OPEN = "BEGIN; SET LOCAL app.school_id = {school}"
_UNAVAILABLE = "The school's rule book can't be loaded: ask its data protection officer."


async def load_planner(
    pool: Pool, school_id: UUID, version: int, ceiling: Ceiling, known: dict[str, Planner]
) -> Planner:
    """The planner of a version; `known` keeps planners by digest, since many schools share a book.

    Raises PolicyUnavailable where the version is missing, is not understood, its digest is not its content's, or its
    link is not what it says upon the version before; Unavailable where the database can't be reached.
    """
    found = await _version(pool, school_id, version)
    if found is None or not _holds(found):
        raise PolicyUnavailable(_UNAVAILABLE)
    content, digest = found.content, found.link.digest
    if digest not in known:
        try:
            planner = Planner(RuleBook.from_content(content), ceiling)
        except RuleBookInvalid:
            raise PolicyUnavailable(_UNAVAILABLE) from None
        if planner.book_digest != digest:
            raise PolicyUnavailable(_UNAVAILABLE)
        known[digest] = planner
    return known[digest]


async def current_versions(pool: Pool) -> list[tuple[UUID, int]]:
    """Each school and the version in force there. Raises Unavailable."""

    async def schools(connection: PoolConnection) -> list[UUID]:
        return [school_id for (school_id,) in await (await connection.execute(_SCHOOLS)).fetchall()]

    return [(school_id, await _current(pool, school_id)) for school_id in await repeatable(pool, schools)]


async def _current(pool: Pool, school_id: UUID) -> int:
    """0 where no version is in force."""
    school = sql.Literal(str(school_id))
    opening, statement = sql.SQL(_OPEN).format(school=school), sql.SQL(_HEAD).format(school=school)

    async def work(connection: PoolConnection) -> int:
        await send(connection, opening.as_bytes(None))
        row = await (await connection.execute(statement, prepare=False)).fetchone()
        return 0 if row is None else row[0]

    return await repeatable(pool, work)


@dataclass(frozen=True, slots=True)
class _Stored:
    """As stored; `before` is the chain of the version that `previous_version` names, None where there is none."""

    content: str
    chain: str
    previous_version: int | None
    before: str | None
    link: Link


def _holds(found: _Stored) -> bool:
    link = found.link
    if hashlib.sha256(found.content.encode()).hexdigest() != link.digest or link.chain() != found.chain:
        return False
    # What the table's constraints ask too; whoever owns it can take them away.
    if link.kind == "FOUNDED":
        follows = link.version == 1 and found.previous_version is None
    else:
        # An adopted version may follow any before it, or begin the chain.
        follows = link.kind == "ADOPTED" or found.previous_version == link.version - 1
    return follows and link.previous_chain == found.before


async def _version(pool: Pool, school_id: UUID, version: int) -> _Stored | None:
    school = sql.Literal(str(school_id))
    opening = sql.SQL(_OPEN).format(school=school).as_bytes(None)
    statement = sql.SQL(_VERSION).format(school=school, version=sql.Literal(version))

    async def work(connection: PoolConnection) -> tuple[Any, ...] | None:
        await send(connection, opening)
        return await (await connection.execute(statement, prepare=False)).fetchone()

    found = await repeatable(pool, work)
    if found is None:
        return None
    content, chain, previous_version, before, *said = found
    return _Stored(content, chain, previous_version, before, Link(*said))
