"""Rule books as rows: the book in force at a school, as a planner."""

from __future__ import annotations

import hashlib
from typing import Any, cast
from uuid import UUID

from psycopg import sql

from server.database.messages import send
from server.database.pool import Pool, PoolConnection
from server.database.repeating import repeatable
from server.errors import PolicyUnavailable
from server.policies.ceiling import Ceiling
from server.policies.planner import Planner
from server.policies.rule_book import RuleBook, RuleBookInvalid

_VERSION = """\
SELECT v.content, v.digest FROM usher.policy_version v WHERE v.school_id = {school} AND v.version = {version}"""
_OPEN = "BEGIN; SET LOCAL app.school_id = {school}"
_UNAVAILABLE = "The school's rule book can't be loaded: ask its data protection officer."


async def load_planner(
    pool: Pool, school_id: UUID, version: int, ceiling: Ceiling, known: dict[str, Planner]
) -> Planner:
    """The planner of a version; `known` keeps planners by digest, since many schools share a book.

    Raises PolicyUnavailable where the version is missing, is not understood, or its digest is not its content's;
    Unavailable where the database can't be reached.
    """
    found = await _version(pool, school_id, version)
    if found is None or hashlib.sha256(found[0].encode()).hexdigest() != found[1]:
        raise PolicyUnavailable(_UNAVAILABLE)
    content, digest = found
    if digest not in known:
        try:
            planner = Planner(RuleBook.from_content(content), ceiling)
        except RuleBookInvalid:
            raise PolicyUnavailable(_UNAVAILABLE) from None
        if planner.book_digest != digest:
            raise PolicyUnavailable(_UNAVAILABLE)
        known[digest] = planner
    return known[digest]


async def _version(pool: Pool, school_id: UUID, version: int) -> tuple[str, str] | None:
    """Content and digest as stored."""
    school = sql.Literal(str(school_id))
    opening = sql.SQL(_OPEN).format(school=school).as_bytes(None)
    statement = sql.SQL(_VERSION).format(school=school, version=sql.Literal(version))

    async def work(connection: PoolConnection) -> tuple[Any, ...] | None:
        await send(connection, opening)
        return await (await connection.execute(statement, prepare=False)).fetchone()

    return cast("tuple[str, str] | None", await repeatable(pool, work))
