"""Keys that make a write repeatable: taken before the work, kept with what came of it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from psycopg.types.json import Jsonb

from server.commands.statements import execute, fetch
from server.database.pool import PoolConnection
from server.database.unit_of_work import UnitOfWork
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


class Repeatable(Protocol):
    """A command that comes with a key of its sender's; its digest is of all parameters but the key."""

    @property
    def idempotency_key(self) -> str: ...
    @property
    def dry_run(self) -> bool: ...
    def digest(self) -> str: ...


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


async def take_key(command: Repeatable, unit: UnitOfWork, now: datetime) -> TakenKey | Repeated | None:
    """Take the key, or find what it was used for; None for a dry run, which takes none.

    Raises IdempotencyConflict when that had other parameters.
    """
    if command.dry_run:
        return None
    connection, digest = unit.connection, command.digest()
    held = (unit.context.school_id, unit.context.person_id, command.idempotency_key)
    if await fetch(connection, _TAKE, [*held, digest, now]):
        return TakenKey(connection, *held)
    found = await fetch(connection, _LOOK, [*held])
    known, outcome = found[0] if found else (digest, None)
    if known != digest:
        raise IdempotencyConflict(
            "input.idempotencyKey was used before with other content: give each change a key of its own.",
            ("input", "idempotencyKey"),
        )
    if outcome is None:
        raise Unavailable("The same request is being worked on. Try again.")
    return Repeated(outcome)
