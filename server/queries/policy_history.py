"""Statements over the life of a school's rule book: rows only, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from server.database.pool import PoolConnection
from server.queries.policy_rows import Draft, OwnExample, Submission, Version

_DRAFTS = """\
SELECT d.draft_id, d.base_version, d.author_id, d.title, d.content, d.revision, d.created_at, d.updated_at, d.closed_at
FROM usher.policy_draft AS d
WHERE d.school_id = $1::uuid AND ($2::uuid IS NULL AND d.closed_at IS NULL OR d.draft_id = $2::uuid)
ORDER BY d.updated_at DESC, d.draft_id"""
_LOCK_DRAFT = """\
SELECT d.revision FROM usher.policy_draft AS d WHERE d.school_id = $1::uuid AND d.draft_id = $2::uuid FOR UPDATE"""
# The order of the branches is the meaning of the states: an end outweighs an approval, a moved base a mere submission.
_SUBMISSIONS = """\
SELECT s.submission_id, s.draft_id, s.revision, s.restores_version, s.kind, s.base_version, s.author_id, s.title,
    s.content, s.digest, s.reason, s.widens_special, s.special_reason, s.summary, s.submitted_at,
    d.decision, d.decided_by, d.decided_at, d.reason, p.publish_at, p.scheduled_by, e.ended_by, e.ended_at, v.version,
    CASE WHEN e.outcome IS NOT NULL THEN e.outcome
        WHEN v.version = h.version THEN 'PUBLISHED'
        WHEN v.version IS NOT NULL THEN 'SUPERSEDED'
        WHEN d.decision = 'REJECTED' THEN 'REJECTED'
        WHEN s.base_version <> h.version THEN 'LAPSED'
        WHEN p.publish_at IS NOT NULL THEN 'SCHEDULED'
        WHEN d.decision = 'APPROVED' THEN 'APPROVED'
        ELSE 'SUBMITTED' END
FROM usher.policy_submission AS s
JOIN usher.policy_head AS h ON h.school_id = $1::uuid
LEFT JOIN usher.policy_decision AS d ON d.school_id = $1::uuid AND d.submission_id = s.submission_id
LEFT JOIN usher.policy_schedule AS p ON p.school_id = $1::uuid AND p.submission_id = s.submission_id
LEFT JOIN usher.policy_end AS e ON e.school_id = $1::uuid AND e.submission_id = s.submission_id
LEFT JOIN usher.policy_version AS v ON v.school_id = $1::uuid AND v.submission_id = s.submission_id
WHERE s.school_id = $1::uuid AND ($2::uuid IS NULL OR s.submission_id = $2::uuid)
    AND ($3::uuid IS NULL OR s.draft_id = $3::uuid)
ORDER BY s.submitted_at DESC, s.submission_id DESC"""
_VERSIONS = """\
SELECT v.version, v.kind, v.content, v.digest, v.previous_chain, v.chain, v.base_version, v.submission_id, v.author_id,
    v.published_by, d.decided_by, v.reason, v.special_reason, v.created_at, c.confirmed_by, c.confirmed_at,
    v.version = h.version
FROM usher.policy_version AS v
JOIN usher.policy_head AS h ON h.school_id = $1::uuid
LEFT JOIN usher.policy_decision AS d ON d.school_id = $1::uuid AND d.submission_id = v.submission_id
LEFT JOIN usher.policy_confirmation AS c ON c.school_id = $1::uuid AND c.version = v.version
WHERE v.school_id = $1::uuid AND ($2::bigint IS NULL OR v.version = $2::bigint)
    AND (NOT $3::boolean OR v.version = h.version)
ORDER BY v.version"""
_EXAMPLES = """\
SELECT x.example_id, x.name, x.capacity, x.roles, x.facts, x.relations, x.element, x.action, x.visible, x.added_by,
    x.added_at
FROM usher.policy_example AS x
LEFT JOIN usher.policy_example_end AS e ON e.school_id = $1::uuid AND e.example_id = x.example_id
WHERE x.school_id = $1::uuid AND e.example_id IS NULL ORDER BY x.added_at, x.example_id"""


async def drafts(connection: PoolConnection, school_id: UUID) -> list[Draft]:
    """Open ones, the latest changed first."""
    return [Draft(*row) for row in await _rows(connection, _DRAFTS, [school_id, None])]


async def draft(connection: PoolConnection, school_id: UUID, draft_id: UUID) -> Draft | None:
    """Closed ones too."""
    found = await _rows(connection, _DRAFTS, [school_id, draft_id])
    return Draft(*found[0]) if found else None


async def locked_draft(connection: PoolConnection, school_id: UUID, draft_id: UUID) -> Draft | None:
    """The draft, which nobody else changes until this transaction ends."""
    await _rows(connection, _LOCK_DRAFT, [school_id, draft_id])
    return await draft(connection, school_id, draft_id)


async def submissions(connection: PoolConnection, school_id: UUID) -> list[Submission]:
    """The latest first."""
    return [Submission(*row) for row in await _rows(connection, _SUBMISSIONS, [school_id, None, None])]


async def submission(connection: PoolConnection, school_id: UUID, submission_id: UUID) -> Submission | None:
    found = await _rows(connection, _SUBMISSIONS, [school_id, submission_id, None])
    return Submission(*found[0]) if found else None


async def submissions_of(connection: PoolConnection, school_id: UUID, draft_id: UUID) -> list[Submission]:
    """Those of one draft, the latest first."""
    return [Submission(*row) for row in await _rows(connection, _SUBMISSIONS, [school_id, None, draft_id])]


async def versions(connection: PoolConnection, school_id: UUID) -> list[Version]:
    """From the first on."""
    return [Version(*row) for row in await _rows(connection, _VERSIONS, [school_id, None, False])]


async def version(connection: PoolConnection, school_id: UUID, number: int) -> Version | None:
    found = await _rows(connection, _VERSIONS, [school_id, number, False])
    return Version(*found[0]) if found else None


async def head(connection: PoolConnection, school_id: UUID) -> Version:
    """The version in force."""
    [row] = await _rows(connection, _VERSIONS, [school_id, None, True])
    return Version(*row)


async def own_examples(connection: PoolConnection, school_id: UUID) -> list[OwnExample]:
    """Those that stand, in the order in which they were added."""
    return [OwnExample(*row) for row in await _rows(connection, _EXAMPLES, [school_id])]


async def _rows(connection: PoolConnection, text: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
    """Raises psycopg.Error."""
    cursor = connection.reader
    await cursor.execute(text.encode(), values)
    return await cursor.fetchall()
