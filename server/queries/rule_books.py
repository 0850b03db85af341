"""Rule books as rows: the book in force at a school, as a planner."""

from __future__ import annotations

import hashlib
from uuid import UUID

from psycopg import sql

from server.database.pool import Pool
from server.errors import PolicyUnavailable
from server.policies.ceiling import Ceiling
from server.policies.planner import Planner
from server.policies.rule_book import RuleBook, RuleBookInvalid

_VERSION = """\
SELECT v.content, v.digest FROM usher.policy_version v WHERE v.school_id = {school} AND v.version = {version}"""
_UNAVAILABLE = "The school's rule book can't be loaded: ask its data protection officer."


async def load_planner(
    pool: Pool, school_id: UUID, version: int, ceiling: Ceiling, known: dict[str, Planner]
) -> Planner:
    """The planner of a version; `known` keeps planners by digest, since many schools share a book.

    Raises PolicyUnavailable where the version is missing, is not understood, or its digest is not its content's.
    """
    school = sql.Literal(str(school_id))
    async with pool.connection() as connection:
        await connection.execute(sql.SQL("BEGIN; SET LOCAL app.school_id = {school}").format(school=school))
        try:
            cursor = await connection.execute(sql.SQL(_VERSION).format(school=school, version=sql.Literal(version)))
            found = await cursor.fetchone()
        finally:
            await connection.execute("ROLLBACK")
    if found is None or hashlib.sha256(found[0].encode()).hexdigest() != found[1]:
        raise PolicyUnavailable(_UNAVAILABLE)
    content, digest = found
    if digest not in known:
        try:
            book = RuleBook.from_content(content)
        except RuleBookInvalid:
            raise PolicyUnavailable(_UNAVAILABLE) from None
        if book.digest() != digest:
            raise PolicyUnavailable(_UNAVAILABLE)
        known[digest] = Planner(book, ceiling)
    return known[digest]
