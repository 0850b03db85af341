"""Keys that make a write repeatable: taken before the work, kept with what came of it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from server.commands.statements import execute, fetch
from server.database.pool import PoolConnection
from server.errors import BadUserInput, IdempotencyConflict, Unavailable

_FORM = re.compile(r"[\x21-\x7e]{1,200}")

# A racing twin waits here on the unique key until the first has committed or rolled back. A key older than seven days
# is taken over as if it had never been.
_TAKE = """\
INSERT INTO usher.idempotency_record AS r
    (school_id, person_id, idempotency_key, parameters_digest, outcome, created_at)
VALUES ($1::uuid, $2::uuid, $3::text, $4::text, NULL, $5::timestamptz)
ON CONFLICT (school_id, person_id, idempotency_key) DO UPDATE
    SET parameters_digest = excluded.parameters_digest, outcome = NULL, created_at = excluded.created_at
    WHERE r.school_id = excluded.school_id AND r.created_at < excluded.created_at - interval '7 days'
RETURNING true"""
_LOOK = """\
SELECT r.parameters_digest, r.outcome FROM usher.idempotency_record AS r
WHERE r.school_id = $1::uuid AND r.person_id = $2::uuid AND r.idempotency_key = $3::text"""
_KEEP = """\
UPDATE usher.idempotency_record AS r SET outcome = $4::jsonb
WHERE r.school_id = $1::uuid AND r.person_id = $2::uuid AND r.idempotency_key = $3::text"""
_RELEASE = """\
DELETE FROM usher.idempotency_record AS r
WHERE r.school_id = $1::uuid AND r.person_id = $2::uuid AND r.idempotency_key = $3::text"""


@dataclass(frozen=True, slots=True)
class TakenKey:
    """A key that this transaction holds: `keep` what came of it, or `release` it when nothing was written."""

    connection: PoolConnection
    school_id: UUID
    person_id: UUID
    key: str

    async def keep(self, outcome: Mapping[str, object]) -> None:
        """`outcome` holds ids and codes only."""
        await execute(self.connection, _KEEP, [self.school_id, self.person_id, self.key, Jsonb(dict(outcome))])

    async def release(self) -> None:
        await execute(self.connection, _RELEASE, [self.school_id, self.person_id, self.key])


@dataclass(frozen=True, slots=True)
class Repeated:
    """The same key and parameters came before."""

    outcome: Mapping[str, Any]


def parameters_digest(operation: str, parameters: object) -> str:
    """sha256 of the operation and its parameters, which are JSON-ready but for what str() tells apart."""
    text = json.dumps([operation, parameters], sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def check_key(key: str) -> None:
    """Raises BadUserInput unless the key is 1 to 200 visible ASCII characters."""
    if not _FORM.fullmatch(key):
        raise BadUserInput(
            "input.idempotencyKey must be 1 to 200 visible ASCII characters: a UUID will do.",
            ("input", "idempotencyKey"),
        )


async def take_key(
    connection: PoolConnection, school_id: UUID, person_id: UUID, key: str, digest: str, now: datetime
) -> TakenKey | Repeated:
    """Take the key, or find what it was used for. Raises IdempotencyConflict when that had other parameters."""
    if await fetch(connection, _TAKE, [school_id, person_id, key, digest, now]):
        return TakenKey(connection, school_id, person_id, key)
    found = await fetch(connection, _LOOK, [school_id, person_id, key])
    known, outcome = found[0] if found else (digest, None)
    if known != digest:
        raise IdempotencyConflict(
            "input.idempotencyKey was used before with other content: give each change a key of its own.",
            ("input", "idempotencyKey"),
        )
    if outcome is None:
        raise Unavailable("The same request is being worked on. Try again.")
    return Repeated(outcome)
