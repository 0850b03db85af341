"""Sealing: a school's new audit rows become one more block of its chain, in one transaction, or not at all.

It runs as usher_audit, which reads the audit and adds seals, and can take nothing back. Sealing isn't part of a read:
a chain in the write path would have every reader of a school wait for the one before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import psycopg

from server.compliance.audit_rows import AuditRow, audit_row
from server.compliance.commitments import Seal, merkle_root
from server.database.school_by_school import school_by_school

Connection = psycopg.AsyncConnection[tuple[Any, ...]]

LATE: Final = timedelta(hours=1)
"""How long after it was dated a row may be committed: a large import is dated at its start."""
MOST_LEAVES: Final = 5000

_SCHOOLS: Final = "SELECT DISTINCT v.school_id FROM usher.policy_version AS v ORDER BY v.school_id"
# One sealer a school at a time; the keys of the tables would refuse a fork in any case.
_LOCK: Final = "SELECT pg_advisory_xact_lock(%s)"
_LOCK_OF_SEALING: Final = 0x5EA1 << 48
_LAST: Final = """\
SELECT s.sequence, s.digest, s.sealed_at FROM usher.audit_seal AS s WHERE s.school_id = %s
ORDER BY s.sequence DESC LIMIT 1"""
_WAITING: Final = """\
SELECT a.audit_id, a.occurred_at, a.person_id, a.client_id, a.ip_address, a.salt, a.user_salt, a.capacity, a.roles,
    a.facts, a.profile_version, a.policy_version, a.guardrail_digest, a.kind, a.operation_name, a.document_digest,
    a.footprint, a.purpose, a.reason, a.elements, a.details
FROM usher.audit_operation AS a
WHERE a.school_id = %(school)s AND a.occurred_at >= %(since)s AND NOT EXISTS (
    SELECT 1 FROM usher.audit_leaf AS l WHERE l.school_id = %(school)s AND l.audit_id = a.audit_id)
ORDER BY a.occurred_at, a.audit_id LIMIT %(most)s"""
_SEAL: Final = """\
INSERT INTO usher.audit_seal (school_id, sequence, sealed_at, leaves, root, previous_sequence, previous, digest)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"""
_LEAVES: Final = """\
INSERT INTO usher.audit_leaf (school_id, sequence, position, audit_id, user_digest, commitment)
SELECT %s::uuid, %s::bigint, given.place - 1, given.audit_id, given.user_digest, given.commitment
FROM unnest(%s::uuid[], %s::text[], %s::text[]) WITH ORDINALITY AS given(audit_id, user_digest, commitment, place)"""
_SUBJECTS: Final = """\
INSERT INTO usher.audit_subject (school_id, subject_id, audit_id)
SELECT %s::uuid, given.subject_id, given.audit_id FROM unnest(%s::uuid[], %s::uuid[]) AS given(subject_id, audit_id)"""


@dataclass(frozen=True, slots=True)
class Leaf:
    audit_id: UUID
    user_digest: str
    commitment: str


async def seal_all(connection: Connection, now: datetime) -> dict[UUID, int]:
    """Seal what waits, in every school; how many rows in each that had any. `connection` commits by itself.

    What is wrong at a school is raised after all have had their turn.
    """

    async def work(school_id: UUID) -> int:
        return await seal_school(connection, school_id, now)

    schools = await (await connection.execute(_SCHOOLS)).fetchall()
    sealed = await school_by_school([school_id for (school_id,) in schools], work)
    return {school_id: count for school_id, count in sealed.items() if count}


async def seal_school(connection: Connection, school_id: UUID, now: datetime, most: int = MOST_LEAVES) -> int:
    """How many rows were sealed, in blocks of at most `most`. Rows committed late come into a later block."""
    sealed = 0
    while (count := await _seal_block(connection, school_id, now, most)) > 0:
        sealed += count
        if count < most:
            break
    return sealed


async def _seal_block(connection: Connection, school_id: UUID, now: datetime, most: int) -> int:
    async with connection.transaction():
        await connection.execute(_LOCK, [_LOCK_OF_SEALING ^ (school_id.int % 2**62)])
        last = await (await connection.execute(_LAST, [school_id])).fetchone()
        since = datetime.min.replace(tzinfo=now.tzinfo) if last is None else last[2] - LATE
        found = await connection.execute(_WAITING, {"school": school_id, "since": since, "most": most})
        rows = [audit_row(values) for values in await found.fetchall()]
        if not rows:
            return 0
        leaves = [_leaf(row) for row in rows]
        sequence, previous = (1, None) if last is None else (last[0] + 1, last[1])
        # Of a backlog a full block is dated so that the rows after it are not too late for the next one.
        moment = min(now, rows[-1].occurred_at + LATE) if len(rows) == most else now
        # A clock that was put back must not reopen the time that is sealed.
        sealed_at = moment if last is None else max(moment, last[2])
        root = merkle_root([leaf.commitment for leaf in leaves])
        seal = Seal(school_id, sequence, sealed_at, len(leaves), root, previous)
        await _store(connection, seal, leaves, rows)
        return len(rows)


def _leaf(row: AuditRow) -> Leaf:
    user = row.user_digest() or ""
    return Leaf(row.audit_id, user, row.commitment(user))


async def _store(connection: Connection, seal: Seal, leaves: Sequence[Leaf], rows: Sequence[AuditRow]) -> None:
    before = None if seal.previous is None else seal.sequence - 1
    facts = [seal.school_id, seal.sequence, seal.sealed_at, seal.leaves, seal.root, before, seal.previous]
    await connection.execute(_SEAL, [*facts, seal.digest()])
    columns = [[leaf.audit_id for leaf in leaves], [leaf.user_digest for leaf in leaves]]
    await connection.execute(_LEAVES, [seal.school_id, seal.sequence, *columns, [leaf.commitment for leaf in leaves]])
    pairs = [(subject, row.audit_id) for row in rows for subject in row.subjects()]
    if pairs:
        subjects, audits = zip(*pairs, strict=True)
        await connection.execute(_SUBJECTS, [seal.school_id, list(subjects), list(audits)])
