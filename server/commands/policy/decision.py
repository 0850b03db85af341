"""approvePolicy, rejectPolicy and withdrawPolicy: what becomes of a submission, by whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from server.commands.access.notice_kinds import NoticeKind
from server.commands.access.notices import post_notices
from server.commands.actor import Actor
from server.commands.input_error import InputError
from server.commands.policy.outcome import PolicyOutcome
from server.commands.policy.refusals import no_such, refused, require, unpublishable
from server.commands.policy.texts import LONGEST_REASON, check_text
from server.commands.policy.traces import leave_trace
from server.commands.policy.versions import locked_head
from server.commands.statements import execute
from server.database.unit_of_work import UnitOfWork
from server.errors import Forbidden
from server.policies.permit import Permit
from server.queries.policy_history import locked_draft, submission, submissions_of
from server.queries.policy_rows import Submission

_DECIDE: Final = """\
INSERT INTO usher.policy_decision (school_id, submission_id, decision, author_id, base_version, decided_by, reason,
    decided_at)
VALUES ($1::uuid, $2::uuid, $3::text, $4::uuid, $5::int, $6::uuid, $7::text, $8::timestamptz)
ON CONFLICT DO NOTHING"""
_END: Final = """\
INSERT INTO usher.policy_end (school_id, submission_id, outcome, ended_by, reason, ended_at)
VALUES ($1::uuid, $2::uuid, $3::text, $4::uuid, $5::text, $6::timestamptz)
ON CONFLICT DO NOTHING"""
CLOSE_DRAFT: Final = """\
UPDATE usher.policy_draft AS d SET closed_at = $3::timestamptz
WHERE d.school_id = $1::uuid AND d.draft_id = $2::uuid AND d.closed_at IS NULL"""
_OWN: Final = refused(
    "SELF_APPROVAL", "You wrote this yourself: another person, who may approve rules, has to decide it.", "submission"
)


@dataclass(frozen=True, slots=True)
class DecidePolicy:
    """A rejection says why."""

    submission: UUID
    approve: bool
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class WithdrawPolicy:
    """Either a draft, which is closed with what was submitted of it, or a submission, whose draft stays open."""

    draft: UUID | None = None
    submission: UUID | None = None
    reason: str | None = None


async def decide_policy(
    command: DecidePolicy, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime
) -> PolicyOutcome:
    """Approve or reject, once. Raises Forbidden without ("policy", "export"), BadUserInput for a reason out of bounds,
    and GuardFailed where another version came into force meanwhile.
    """
    require(permit, "export", "Approving rules")
    context = unit.context
    reason = check_text(command.reason, "reason", LONGEST_REASON, needed=not command.approve)
    await locked_head(unit)
    found = await submission(unit.connection, context.school_id, command.submission)
    if found is None:
        return PolicyOutcome(errors=no_such("submission", "submission"))
    if found.author_id == context.person_id:
        return PolicyOutcome(errors=_OWN)
    if found.state != "SUBMITTED":
        return PolicyOutcome(errors=unpublishable(found.state, "submission"))
    word = "APPROVED" if command.approve else "REJECTED"
    values = [
        context.school_id, found.submission_id, word, found.author_id, found.base_version, context.person_id, reason,
        now,
    ]  # fmt: skip
    if not await execute(unit.connection, _DECIDE, values):
        # Another person was faster by a moment, and has committed: the next statement sees it.
        faster = await submission(unit.connection, context.school_id, found.submission_id)
        return PolicyOutcome(errors=unpublishable(faster.state if faster else "REJECTED", "submission"))
    details = {"submission": str(found.submission_id), "decision": word}
    await leave_trace(unit, actor, now, "policyDecided", details, {"digest": found.digest})
    await post_notices(unit, [found.author_id], NoticeKind.POLICY_DECIDED, {"submission": found.submission_id}, now)
    return PolicyOutcome(submission=found.submission_id)


async def withdraw_policy(
    command: WithdrawPolicy, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime
) -> PolicyOutcome:
    """Stop what may still come into force: by its author, or by whoever may approve.

    Raises Forbidden, BadUserInput, and GuardFailed where another version came into force meanwhile.
    """
    if all(permit.plan("policy", action).nothing for action in ("write", "export")):
        raise Forbidden("Withdrawing rules is not for you: ask your school's data protection officer.")
    check_text(command.reason, "reason", LONGEST_REASON, needed=False)
    if command.draft is not None:
        require(permit, "write", "Withdrawing a draft")
    # Publishing holds the head from before it looks at the submission until its COMMIT: so does whatever ends one.
    await locked_head(unit)
    if command.draft is not None:
        return await _withdraw_draft(command, unit, actor, now)
    assert command.submission is not None
    found = await submission(unit.connection, unit.context.school_id, command.submission)
    if found is None:
        return PolicyOutcome(errors=no_such("submission", "submission"))
    if found.author_id != unit.context.person_id and permit.plan("policy", "export").nothing:
        return PolicyOutcome(errors=_not_author("submission"))
    if not found.is_live:
        return PolicyOutcome(errors=unpublishable(found.state, "submission"))
    await end_submission(found, "WITHDRAWN", command.reason, unit, actor, now)
    return PolicyOutcome(submission=found.submission_id)


async def end_submission(
    found: Submission, outcome: str, reason: str | None, unit: UnitOfWork, actor: Actor, now: datetime
) -> bool:
    """Whether it was this that ended it: WITHDRAWN by the caller, or LAPSED by nobody. The caller has the head locked."""
    context = unit.context
    by = context.person_id if outcome == "WITHDRAWN" else None
    if not await execute(unit.connection, _END, [context.school_id, found.submission_id, outcome, by, reason, now]):
        return False
    kind = NoticeKind.POLICY_WITHDRAWN if outcome == "WITHDRAWN" else NoticeKind.POLICY_LAPSED
    await leave_trace(unit, actor, now, kind.value, {"submission": str(found.submission_id)})
    told = {found.author_id, found.scheduled_by or found.author_id} - {by}
    await post_notices(unit, sorted(told), kind, {"submission": found.submission_id}, now)
    return True


async def _withdraw_draft(command: WithdrawPolicy, unit: UnitOfWork, actor: Actor, now: datetime) -> PolicyOutcome:
    assert command.draft is not None
    school_id = unit.context.school_id
    draft = await locked_draft(unit.connection, school_id, command.draft)
    if draft is None:
        return PolicyOutcome(errors=no_such("draft", "draft"))
    if draft.author_id != unit.context.person_id:
        return PolicyOutcome(errors=_not_author("draft"))
    if draft.closed_at is not None:
        return PolicyOutcome(errors=refused("DRAFT_CLOSED", "This draft is closed already.", "draft"))
    for one in await submissions_of(unit.connection, school_id, draft.draft_id):
        if one.is_live:
            await end_submission(one, "WITHDRAWN", command.reason, unit, actor, now)
    await execute(unit.connection, CLOSE_DRAFT, [school_id, draft.draft_id, now])
    await leave_trace(unit, actor, now, "policyDraftClosed", {"draft": str(draft.draft_id)})
    return PolicyOutcome(draft=draft.draft_id)


def _not_author(place: str) -> tuple[InputError, ...]:
    return refused("NOT_AUTHOR", f"This is another person's {place}: its author withdraws it.", place)
