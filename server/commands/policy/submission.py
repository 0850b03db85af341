"""submitPolicy and rollBackPolicy: a book handed in for another person's approval."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from psycopg.types.json import Jsonb

from server.commands.access.notice_kinds import NoticeKind
from server.commands.actor import Actor
from server.commands.keys import new_key
from server.commands.policy.drafts import own_draft
from server.commands.policy.judging import Compared, compare, drafted_book, judge, stored_book
from server.commands.policy.outcome import PolicyOutcome
from server.commands.policy.refusals import no_such, refused, require
from server.commands.policy.texts import LONGEST_REASON, check_text
from server.commands.policy.traces import leave_trace, tell_approvers
from server.commands.statements import execute
from server.database.unit_of_work import UnitOfWork
from server.policies.permit import Permit
from server.policies.rule_book import RuleBook
from server.queries.policy_history import head, submissions, version
from server.queries.policy_rows import Draft, Version
from server.tables.rule_books import REAL_TEXT

# Nothing names the conflict, so that of two at once the later finds its row not added.
_INSERT: Final = """\
INSERT INTO usher.policy_submission (school_id, submission_id, draft_id, revision, restores_version, kind, base_version,
    author_id, title, content, digest, reason, widens_special, special_reason, summary, submitted_at)
VALUES ($1::uuid, $2::uuid, $3::uuid, $4::int, $5::int, $6::text, $7::int, $8::uuid, $9::text, $10::text, $11::text,
    $12::text, $13::boolean, $14::text, $15::jsonb, $16::timestamptz)
ON CONFLICT DO NOTHING"""
_STALE: Final = refused(
    "STALE_BASE", "Other rules have come into force since this draft was begun: start a new one from them.", "draft"
)
_SAME: Final = "This says just what is in force: there is nothing to decide."


@dataclass(frozen=True, slots=True)
class SubmitPolicy:
    """`special_reason` is asked for where the draft opens special-category data to anybody."""

    draft: UUID
    expected_revision: int
    reason: str
    special_reason: str | None = None


@dataclass(frozen=True, slots=True)
class RollBackPolicy:
    """The content of `version`, to come into force anew as a version of its own."""

    version: int
    reason: str
    special_reason: str | None = None


@dataclass(frozen=True, slots=True)
class _Handed:
    """What is handed in, from wherever it comes."""

    kind: str
    title: str
    book: RuleBook
    draft: Draft | None = None
    restores: int | None = None


async def submit_policy(
    command: SubmitPolicy, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime
) -> PolicyOutcome:
    """Hand in a draft. Raises Forbidden without ("policy", "write"), BadUserInput for texts out of bounds."""
    require(permit, "write", "Submitting rules")
    draft, errors = await own_draft(unit, command.draft, command.expected_revision)
    base = await head(unit.connection, unit.context.school_id)
    if draft is None:
        return PolicyOutcome(errors=errors)
    if draft.base_version != base.version:
        return PolicyOutcome(errors=_STALE)
    handed = _Handed("PUBLISHED", draft.title, drafted_book(draft.content), draft=draft)
    return await _hand_in(handed, base, command.reason, command.special_reason, unit, actor, now, "draft")


async def roll_back_policy(
    command: RollBackPolicy, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime
) -> PolicyOutcome:
    """Hand in an old version's content. Raises Forbidden without ("policy", "write"), BadUserInput, PolicyUnavailable."""
    require(permit, "write", "Rolling rules back")
    school_id = unit.context.school_id
    base, old = await head(unit.connection, school_id), await version(unit.connection, school_id, command.version)
    if old is None:
        return PolicyOutcome(errors=no_such("version", "version"))
    if any(
        one.restores_version == old.version and one.is_live for one in await submissions(unit.connection, school_id)
    ):
        said = "A roll-back to this version is submitted already: have it decided or withdraw it."
        return PolicyOutcome(errors=refused("ALREADY_SUBMITTED", said, "version"))
    handed = _Handed("ROLLED_BACK", f"Back to version {old.version}", stored_book(old.content), restores=old.version)
    return await _hand_in(handed, base, command.reason, command.special_reason, unit, actor, now, "version")


async def _hand_in(
    handed: _Handed,
    base: Version,
    reason: str,
    special_reason: str | None,
    unit: UnitOfWork,
    actor: Actor,
    now: datetime,
    place: str,
) -> PolicyOutcome:
    why = check_text(reason, "reason", LONGEST_REASON)
    why_special = check_text(special_reason, "specialReason", LONGEST_REASON, needed=False)
    if handed.book.digest() == base.digest:
        return PolicyOutcome(errors=refused("NOTHING_CHANGED", _SAME, place))
    judged = await judge(unit.connection, unit.context.school_id, handed.book)
    if errors := judged.errors(place):
        return PolicyOutcome(errors=errors)
    compared = await compare(stored_book(base.content), handed.book)
    if compared.widens_special and len(why_special or "") < REAL_TEXT:
        said = (
            "This opens special category data to people who could not see it: say why, and who agreed, "
            f"in {REAL_TEXT} to {LONGEST_REASON} characters."
        )
        return PolicyOutcome(errors=refused("SPECIAL_REASON_REQUIRED", said, "specialReason"))
    return await _insert(handed, base, compared, (why or "", why_special), unit, actor, now)


async def _insert(
    handed: _Handed,
    base: Version,
    compared: Compared,
    reasons: tuple[str, str | None],
    unit: UnitOfWork,
    actor: Actor,
    now: datetime,
) -> PolicyOutcome:
    context, submission_id, draft = unit.context, new_key(), handed.draft
    special = compared.widens_special
    values = [
        context.school_id, submission_id, draft and draft.draft_id, draft and draft.revision, handed.restores,
        handed.kind, base.version, context.person_id, handed.title, handed.book.content(), handed.book.digest(),
        reasons[0], special, reasons[1] if special else None, Jsonb(compared.summary()), now,
    ]  # fmt: skip
    if not await execute(unit.connection, _INSERT, values):
        said = "This revision of the draft was submitted before: change it first."
        return PolicyOutcome(errors=refused("ALREADY_SUBMITTED", said, "draft"))
    details = {"submission": str(submission_id), "base": base.version, "widensSpecial": special}
    await leave_trace(unit, actor, now, "policySubmitted", details, {"digest": handed.book.digest()})
    await tell_approvers(unit, NoticeKind.POLICY_SUBMITTED, {"submission": submission_id}, now)
    return PolicyOutcome(submission=submission_id)
