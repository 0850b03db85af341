"""The next version of a school's rule book by plain SQL: draft, submission, decision and version, as the tables want it."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg

from server.policies.chain import Link

Connection = psycopg.Connection[Any]

_LAST = "SELECT version, chain FROM usher.policy_version WHERE school_id = %s ORDER BY version DESC LIMIT 1"
_PEOPLE = "SELECT person_id FROM usher.person WHERE school_id = %s ORDER BY person_id LIMIT 2"
_PERSON = "INSERT INTO usher.person (school_id, person_id, created_at) VALUES (%s, %s, %s)"
_DRAFT = (
    "INSERT INTO usher.policy_draft (school_id, draft_id, base_version, author_id, title, content, revision,"
    " created_at, updated_at) VALUES (%s, %s, %s, %s, 'By SQL', %s, 1, %s, %s)"
)
_SUBMISSION = (
    "INSERT INTO usher.policy_submission (school_id, submission_id, draft_id, revision, kind, base_version, author_id,"
    " title, content, digest, reason, widens_special, summary, submitted_at)"
    " VALUES (%s, %s, %s, 1, 'PUBLISHED', %s, %s, 'By SQL', %s, %s, 'By SQL', false, '{}', %s)"
)
_DECISION = (
    "INSERT INTO usher.policy_decision (school_id, submission_id, decision, author_id, base_version, decided_by,"
    " decided_at) VALUES (%s, %s, 'APPROVED', %s, %s, %s, %s)"
)
_VERSION = (
    "INSERT INTO usher.policy_version (school_id, version, content, digest, author_id, reason, created_at, kind,"
    " previous_version, previous_chain, chain, submission_id, decision, base_version, widens_special, published_by)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, false, %s)"
)
_HEAD = "UPDATE usher.policy_head SET version = %s WHERE school_id = %s"


def found_version(connection: Connection, school_id: UUID, content: str, digest: str | None = None) -> None:
    """Version 1 and the head, by the owner; ADOPTED where the digest is not the content's."""
    _add_version(connection, school_id, content, digest, None, None, None)
    connection.execute("INSERT INTO usher.policy_head (school_id, version) VALUES (%s, 1)", [school_id])


def publish_version(connection: Connection, school_id: UUID, content: str, digest: str | None = None) -> int:
    """The next version, in force at the connection's COMMIT; its number. The connection is the owner's.

    A digest that is not the content's, which no road of the application can write, is ADOPTED.
    """
    [(last, chain)] = connection.execute(_LAST, [school_id]).fetchall()
    submitted = None if _is_wrong(content, digest) else submit(connection, school_id, content, last)
    version = _add_version(connection, school_id, content, digest, last, chain, submitted)
    connection.execute(_HEAD, [version, school_id])
    return version


def submit(connection: Connection, school_id: UUID, content: str, base: int) -> tuple[UUID, UUID]:
    """An approved submission upon that base; its id and its author's."""
    now, draft, submission = datetime.now(UTC), uuid4(), uuid4()
    author, approver = _two_people(connection, school_id, now)
    connection.execute(_DRAFT, [school_id, draft, base, author, content, now, now])
    values = [school_id, submission, draft, base, author, content, _sha256(content), now]
    connection.execute(_SUBMISSION, values)
    connection.execute(_DECISION, [school_id, submission, author, base, approver, now])
    return submission, author


def _add_version(
    connection: Connection,
    school_id: UUID,
    content: str,
    digest: str | None,
    last: int | None,
    chain: str | None,
    submitted: tuple[UUID, UUID] | None,
) -> int:
    version, now = (last or 0) + 1, datetime.now(UTC)
    submission, author = submitted or (None, None)
    kind = "PUBLISHED" if submitted else "ADOPTED" if _is_wrong(content, digest) or version > 1 else "FOUNDED"
    base, reason = (last, "By SQL") if submitted else (None, None)
    link = Link(
        version, kind, _sha256(content) if digest is None else digest, now, chain, base, submission, author, author,
        reason,
    )  # fmt: skip
    connection.execute(
        _VERSION,
        [
            school_id, version, content, link.digest, author, reason, now, kind, last, chain, link.chain(), submission,
            "APPROVED" if submitted else None, base, author,
        ],
    )  # fmt: skip
    return version


def _two_people(connection: Connection, school_id: UUID, now: datetime) -> tuple[UUID, UUID]:
    found = [row[0] for row in connection.execute(_PEOPLE, [school_id]).fetchall()]
    while len(found) < 2:
        found.append(uuid4())
        connection.execute(_PERSON, [school_id, found[-1], now])
    return found[0], found[1]


def _is_wrong(content: str, digest: str | None) -> bool:
    return digest is not None and digest != _sha256(content)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
