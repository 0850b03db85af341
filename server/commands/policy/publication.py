"""publishPolicy: an approved submission into force, now or at a given moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from psycopg.errors import InsufficientPrivilege

from server.commands.access.notice_kinds import NoticeKind
from server.commands.actor import Actor
from server.commands.input_error import InputError
from server.commands.policy.decision import CLOSE_DRAFT
from server.commands.policy.judging import judge, stored_book
from server.commands.policy.outcome import PolicyOutcome
from server.commands.policy.refusals import no_such, refused, require, unpublishable
from server.commands.policy.traces import leave_trace, tell_keepers
from server.commands.policy.versions import NewVersion, locked_head, put_in_force
from server.commands.statements import execute
from server.database.unit_of_work import UnitOfWork
from server.policies.permit import Permit
from server.queries.policy_history import submission
from server.queries.policy_rows import Submission

FURTHEST: Final = timedelta(days=366)
_SCHEDULE: Final = """\
INSERT INTO usher.policy_schedule (school_id, submission_id, decision, publish_at, scheduled_by, scheduled_at)
VALUES ($1::uuid, $2::uuid, 'APPROVED', $3::timestamptz, $4::uuid, $5::timestamptz)
ON CONFLICT DO NOTHING"""
_SCHEDULED: Final = refused(
    "ALREADY_SCHEDULED", "This submission is scheduled already: withdraw it, or publish it now.", "at"
)


@dataclass(frozen=True, slots=True)
class PublishPolicy:
    """`at` None: now."""

    submission: UUID
    at: datetime | None = None


async def publish_policy(
    command: PublishPolicy, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime
) -> PolicyOutcome:
    """Publish or schedule in `unit`, which the caller commits, where a version came of it without a recheck.

    Raises Forbidden without ("policy", "write"), and GuardFailed where another version came into force meanwhile.
    """
    require(permit, "write", "Publishing rules")
    if command.at is not None:
        return await _schedule(command, command.at, unit, actor, now)
    before = await locked_head(unit)
    found, errors = await _approved(unit, command.submission)
    if found is None:
        return PolicyOutcome(errors=errors)
    book = stored_book(found.content)
    # What the school or the program asks of a book may have grown since it was handed in.
    judged = await judge(unit.connection, unit.context.school_id, book)
    if errors := judged.errors("submission"):
        return PolicyOutcome(errors=errors)
    new = NewVersion(
        found.kind, book, found.author_id, unit.context.person_id, found.reason, found.submission_id,
        found.widens_special, found.special_reason,
    )  # fmt: skip
    try:
        async with unit.connection.transaction():
            version = await put_in_force(new, before, unit, actor, now)
    except InsufficientPrivilege:
        # The wall of what is ended: by something that doesn't wait for the head.
        ended = await submission(unit.connection, unit.context.school_id, command.submission)
        if ended is None or ended.is_live:
            raise
        return PolicyOutcome(errors=unpublishable(ended.state, "submission"))
    if found.widens_special:
        await tell_keepers(unit, NoticeKind.POLICY_WIDENED, {"submission": found.submission_id}, now)
    if found.draft_id is not None:
        await execute(unit.connection, CLOSE_DRAFT, [unit.context.school_id, found.draft_id, now])
    return PolicyOutcome(submission=found.submission_id, version=version, in_force=True)


async def _approved(unit: UnitOfWork, submission_id: UUID) -> tuple[Submission | None, tuple[InputError, ...]]:
    found = await submission(unit.connection, unit.context.school_id, submission_id)
    if found is None:
        return None, no_such("submission", "submission")
    if found.state not in ("APPROVED", "SCHEDULED"):
        return None, unpublishable(found.state, "submission")
    return found, ()


async def _schedule(
    command: PublishPolicy, at: datetime, unit: UnitOfWork, actor: Actor, now: datetime
) -> PolicyOutcome:
    await locked_head(unit)
    found, errors = await _approved(unit, command.submission)
    if found is None:
        return PolicyOutcome(errors=errors)
    if not now < at <= now + FURTHEST:
        said = f"input.at must lie ahead, and by no more than {FURTHEST.days} days."
        return PolicyOutcome(errors=refused("SCHEDULE_OUT_OF_BOUNDS", said, "at"))
    context = unit.context
    values = [context.school_id, found.submission_id, at, context.person_id, now]
    if not await execute(unit.connection, _SCHEDULE, values):
        return PolicyOutcome(errors=_SCHEDULED)
    await leave_trace(unit, actor, now, "policyScheduled", {"submission": str(found.submission_id)})
    return PolicyOutcome(submission=found.submission_id)
