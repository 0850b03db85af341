"""A school's audit, its seals and commitments as records, from one moment of the database; as usher_audit.

{"format": "usher-audit-1", "exported_at": ...}          first, once a file
{"school": id, "books": [{version, kind, ...}, ...]}       then for each school, with its rule books as digests:
{"seal": {school, sequence, ..., digest}}                  a block, or {"missing": sequence} for leaves without one
{"leaf": {sequence, position, audit_id, user_digest, commitment}, "row": {...} or null, "subjects": [...]}
{"waiting": {...}}                                         a row that no block holds
{"end": {"seals": n, "leaves": n, "waiting": n}}         last, once a file
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import psycopg

from server.compliance.audit_rows import COLUMNS, AuditRow, audit_row
from server.compliance.commitments import Seal, moment
from server.errors import Unavailable

Connection = psycopg.Connection[tuple[Any, ...]]
Record = dict[str, Any]

FORMAT: Final = "usher-audit-1"
_BATCH: Final = 500

_SCHOOLS: Final = """\
SELECT v.school_id FROM usher.policy_version AS v UNION SELECT s.school_id FROM usher.audit_seal AS s
UNION SELECT a.school_id FROM usher.audit_operation AS a UNION SELECT l.school_id FROM usher.audit_leaf AS l
ORDER BY 1"""
_BOOKS: Final = """\
SELECT v.version, v.kind, v.digest, encode(sha256(convert_to(v.content, 'UTF8')), 'hex'), v.chain
FROM usher.policy_version AS v WHERE v.school_id = %(school)s ORDER BY v.version"""
_BOOK: Final = ("version", "kind", "digest", "content_digest", "chain")
_SEALS: Final = """\
SELECT s.sequence, s.sealed_at, s.leaves, s.root, s.previous, s.digest FROM usher.audit_seal AS s
WHERE s.school_id = %(school)s
UNION ALL
SELECT DISTINCT l.sequence, NULL::timestamptz, NULL::int, NULL, NULL, NULL FROM usher.audit_leaf AS l
WHERE l.school_id = %(school)s AND NOT EXISTS (
    SELECT 1 FROM usher.audit_seal AS s WHERE s.school_id = %(school)s AND s.sequence = l.sequence)
ORDER BY 1"""
_LEAVES: Final = """\
SELECT l.position, l.audit_id, l.user_digest, l.commitment,
    (SELECT array_agg(j.subject_id ORDER BY j.subject_id) FROM usher.audit_subject AS j
        WHERE j.school_id = %(school)s AND j.audit_id = l.audit_id),
    a.audit_id, a.occurred_at, a.person_id, a.client_id, a.ip_address, a.salt, a.user_salt, a.capacity, a.roles,
    a.facts, a.profile_version, a.policy_version, a.guardrail_digest, a.kind, a.operation_name, a.document_digest,
    a.footprint, a.purpose, a.reason, a.elements, a.details
FROM usher.audit_leaf AS l
LEFT JOIN usher.audit_operation AS a ON a.school_id = %(school)s AND a.audit_id = l.audit_id
WHERE l.school_id = %(school)s AND l.sequence = %(sequence)s ORDER BY l.position"""
_WAITING: Final = """\
SELECT a.audit_id, a.occurred_at, a.person_id, a.client_id, a.ip_address, a.salt, a.user_salt, a.capacity, a.roles,
    a.facts, a.profile_version, a.policy_version, a.guardrail_digest, a.kind, a.operation_name, a.document_digest,
    a.footprint, a.purpose, a.reason, a.elements, a.details
FROM usher.audit_operation AS a
WHERE a.school_id = %(school)s AND NOT EXISTS (
    SELECT 1 FROM usher.audit_leaf AS l WHERE l.school_id = %(school)s AND l.audit_id = a.audit_id)
ORDER BY a.occurred_at, a.audit_id"""


@contextmanager
def audit_connection(url: str) -> Generator[Connection]:
    """As usher_audit, seeing one moment of the database. Raises Unavailable."""
    try:
        connection = psycopg.connect(url, client_encoding="utf8", application_name="usher audit")
    except psycopg.OperationalError:
        raise Unavailable("The database doesn't answer at USHER_AUDIT_DATABASE_URL.") from None
    with connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        yield connection


def schools(connection: Connection) -> list[UUID]:
    return [school_id for (school_id,) in connection.execute(_SCHOOLS).fetchall()]


def exported(connection: Connection, wanted: Iterable[UUID], now: datetime) -> Iterator[Record]:
    """The records of a whole file."""
    counts = {"seals": 0, "leaves": 0, "waiting": 0}
    yield {"format": FORMAT, "exported_at": moment(now)}
    for school_id in wanted:
        for record in of_school(connection, school_id):
            for name, kind in (("seals", "seal"), ("leaves", "leaf"), ("waiting", "waiting")):
                counts[name] += kind in record
            yield record
    yield {"end": counts}


def of_school(connection: Connection, school_id: UUID) -> Iterator[Record]:
    """The records of one school, read as they are asked for."""
    books = connection.execute(_BOOKS, {"school": school_id}).fetchall()
    yield {"school": str(school_id), "books": [dict(zip(_BOOK, book, strict=True)) for book in books]}
    for sequence, sealed_at, leaves, root, previous, digest in connection.execute(_SEALS, {"school": school_id}):
        if digest is None:
            yield {"missing": sequence}
        else:
            seal = Seal(school_id, sequence, sealed_at, leaves, root, previous)
            yield {"seal": {**seal.facts(), "digest": digest}}
        yield from _leaves(connection, school_id, sequence)
    with connection.cursor(name="waiting") as waiting:
        waiting.itersize = _BATCH
        for values in waiting.execute(_WAITING, {"school": school_id}):
            yield {"waiting": audit_row(values).record()}


def _leaves(connection: Connection, school_id: UUID, sequence: int) -> Iterator[Record]:
    with connection.cursor(name="leaves") as found:
        found.itersize = _BATCH
        for position, audit_id, user, committed, subjects, *row in found.execute(
            _LEAVES, {"school": school_id, "sequence": sequence}
        ):
            leaf = {"sequence": sequence, "position": position, "audit_id": str(audit_id)}
            yield {
                "leaf": {**leaf, "user_digest": user, "commitment": committed},
                "row": _row(row).record() if row[0] is not None else None,
                "subjects": [str(one) for one in subjects or ()],
            }


def _row(values: list[Any]) -> AuditRow:
    assert len(values) == len(COLUMNS)
    return audit_row(tuple(values))
