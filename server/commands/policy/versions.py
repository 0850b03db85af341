"""A new version in force: one row more, the head upon it, and the news of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from server.commands.actor import Actor
from server.commands.policy.traces import announce, leave_trace
from server.commands.statements import execute, fetch
from server.database.failures import GuardFailed
from server.database.unit_of_work import UnitOfWork
from server.policies.chain import Link
from server.policies.rule_book import RuleBook
from server.queries.policy_history import head
from server.queries.policy_rows import Version

_HOLD_OWN: Final = """\
SELECT a.profile_version FROM usher.access_profile AS a
WHERE a.school_id = $1::uuid AND a.person_id = $2::uuid AND a.capacity = $3::text FOR SHARE"""
_LOCK: Final = "SELECT h.version FROM usher.policy_head AS h WHERE h.school_id = $1::uuid FOR UPDATE"
_INSERT: Final = """\
INSERT INTO usher.policy_version (school_id, version, content, digest, author_id, reason, created_at, kind,
    previous_version, previous_chain, chain, submission_id, decision, base_version, widens_special, special_reason,
    published_by, narrowed_after)
VALUES ($1::uuid, $2::int, $3::text, $4::text, $5::uuid, $6::text, $7::timestamptz, $8::text, $9::int, $10::text,
    $11::text, $12::uuid, $13::text, $9::int, $14::boolean, $15::text, $16::uuid, $17::int)"""
_MOVE: Final = """\
UPDATE usher.policy_head AS h SET version = $2::int WHERE h.school_id = $1::uuid"""


@dataclass(frozen=True, slots=True)
class NewVersion:
    """`submission_id` of an approved one; without it, a narrowing that follows the confirmed one `narrowed_after`."""

    kind: str
    book: RuleBook
    author_id: UUID
    published_by: UUID
    reason: str
    submission_id: UUID | None = None
    widens_special: bool = False
    special_reason: str | None = None
    narrowed_after: int | None = None


async def locked_head(unit: UnitOfWork) -> Version:
    """The version in force, which nobody else replaces until this transaction ends.

    Raises GuardFailed where it is no longer the one that this operation was planned under.
    """
    school_id = unit.context.school_id
    [[number]] = await fetch(unit.connection, _LOCK, [school_id])
    if number != unit.context.policy_version:
        raise GuardFailed
    return await head(unit.connection, school_id)


async def put_in_force(new: NewVersion, before: Version, unit: UnitOfWork, actor: Actor, now: datetime) -> int:
    """Add the version after `before`, which is locked, and move the head. The caller commits without a recheck.

    Raises GuardFailed where what the person of the transaction may do has changed meanwhile; from here on it can't.
    """
    await _hold_own_profile(unit)
    school_id, number = unit.context.school_id, before.version + 1
    link = Link(
        version=number, kind=new.kind, digest=new.book.digest(), created_at=now, previous_chain=before.chain,
        base_version=before.version, submission_id=new.submission_id, author_id=new.author_id,
        published_by=new.published_by, reason=new.reason, special_reason=new.special_reason,
    )  # fmt: skip
    values = [
        school_id, number, new.book.content(), link.digest, new.author_id, new.reason, now, new.kind, before.version,
        before.chain, link.chain(), new.submission_id, "APPROVED" if new.submission_id else None, new.widens_special,
        new.special_reason, new.published_by, new.narrowed_after,
    ]  # fmt: skip
    await execute(unit.connection, _INSERT, values)
    await execute(unit.connection, _MOVE, [school_id, number])
    details: dict[str, object] = {"version": number, "kind": new.kind}
    if new.submission_id is not None:
        details["submission"] = str(new.submission_id)
    book = {"digest": link.digest, "chain": link.chain()}
    await leave_trace(unit, actor, now, "policyPublished", details, book)
    await announce(unit.connection, school_id, number)
    return number


async def _hold_own_profile(unit: UnitOfWork) -> None:
    """In place of COMMIT's guard, which would refuse the moved head."""
    context = unit.context
    found = await fetch(unit.connection, _HOLD_OWN, [context.school_id, context.person_id, context.capacity])
    if found != [(context.profile_version,)]:
        raise GuardFailed
