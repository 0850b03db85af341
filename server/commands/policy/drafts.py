"""editPolicyDraft: a draft begun from a version, and changed edit by edit by its author."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from server.commands.actor import Actor
from server.commands.input_error import InputError
from server.commands.keys import new_key
from server.commands.policy.judging import drafted_book, stored_book
from server.commands.policy.refusals import found, no_such, refused, require
from server.commands.policy.texts import LONGEST_TITLE, check_text
from server.commands.policy.traces import leave_trace
from server.commands.statements import execute
from server.database.unit_of_work import UnitOfWork
from server.errors import BadUserInput
from server.policies.edits import Edit, EditsRefused, apply
from server.policies.permit import Permit
from server.policies.rule_book import RuleBook
from server.queries.policy_history import head, locked_draft, submissions_of, version
from server.queries.policy_rows import Draft

_INSERT = """\
INSERT INTO usher.policy_draft (school_id, draft_id, base_version, author_id, title, content, revision, created_at,
    updated_at)
VALUES ($1::uuid, $2::uuid, $3::int, $4::uuid, $5::text, $6::text, 1, $7::timestamptz, $7::timestamptz)"""
_UPDATE = """\
UPDATE usher.policy_draft AS d SET title = $3::text, content = $4::text, revision = d.revision + 1,
    updated_at = $5::timestamptz
WHERE d.school_id = $1::uuid AND d.draft_id = $2::uuid"""


@dataclass(frozen=True, slots=True)
class EditPolicyDraft:
    """Without `draft`, one is begun upon the version in force, with the content of `from_version` or else of that.

    `expected_revision` goes with `draft`, `from_version` without.
    """

    edits: Sequence[Edit]
    draft: UUID | None = None
    from_version: int | None = None
    title: str | None = None
    expected_revision: int | None = None


@dataclass(frozen=True, slots=True)
class DraftOutcome:
    draft: UUID | None = None
    errors: tuple[InputError, ...] = ()


async def edit_policy_draft(
    command: EditPolicyDraft, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime
) -> DraftOutcome:
    """All edits or none. Raises Forbidden without ("policy", "write"), and BadUserInput for a title out of bounds."""
    require(permit, "write", "Drafting rules")
    check_text(command.title, "title", LONGEST_TITLE, needed=False)
    if command.draft is None:
        return await _begin(command, unit, actor, now)
    if command.from_version is not None:
        raise BadUserInput(
            "input.fromVersion is for a new draft: leave it out, or leave out draft.", ("input", "fromVersion")
        )
    draft, errors = await own_draft(unit, command.draft, command.expected_revision)
    if draft is None:
        return DraftOutcome(errors=errors)
    book = _edited(drafted_book(draft.content), command.edits)
    if not isinstance(book, RuleBook):
        return DraftOutcome(errors=book)
    title = check_text(command.title, "title", LONGEST_TITLE, needed=False) or draft.title
    await execute(unit.connection, _UPDATE, [unit.context.school_id, draft.draft_id, title, book.content(), now])
    await _trace(unit, actor, now, draft.draft_id, draft.revision + 1)
    return DraftOutcome(draft.draft_id)


async def own_draft(
    unit: UnitOfWork, draft_id: UUID, expected_revision: int | None
) -> tuple[Draft | None, tuple[InputError, ...]]:
    """The caller's open draft, locked, of that revision, with nothing of it submitted; or why not."""
    school_id = unit.context.school_id
    draft = await locked_draft(unit.connection, school_id, draft_id)
    if draft is None:
        return None, no_such("draft", "draft")
    if draft.author_id != unit.context.person_id:
        return None, refused("NOT_AUTHOR", "This is another person's draft: begin one of your own.", "draft")
    if draft.closed_at is not None:
        return None, refused("DRAFT_CLOSED", "This draft is closed: begin a new one.", "draft")
    if any(one.is_live for one in await submissions_of(unit.connection, school_id, draft_id)):
        said = "This draft is submitted: withdraw the submission first."
        return None, refused("ALREADY_SUBMITTED", said, "draft")
    if draft.revision != expected_revision:
        said = "The draft has changed, or expectedRevision was left out: read it again and give its revision."
        return None, refused("REVISION_CONFLICT", said, "expectedRevision")
    return draft, ()


async def _begin(command: EditPolicyDraft, unit: UnitOfWork, actor: Actor, now: datetime) -> DraftOutcome:
    school_id = unit.context.school_id
    base = await head(unit.connection, school_id)
    start = base
    if command.from_version is not None:
        chosen = await version(unit.connection, school_id, command.from_version)
        if chosen is None:
            return DraftOutcome(errors=no_such("version", "fromVersion"))
        start = chosen
    book = _edited(stored_book(start.content), command.edits)
    if not isinstance(book, RuleBook):
        return DraftOutcome(errors=book)
    draft_id, title = new_key(), check_text(command.title, "title", LONGEST_TITLE, needed=False)
    title = title or f"Changes to version {start.version}"
    values = [school_id, draft_id, base.version, unit.context.person_id, title, book.content(), now]
    await execute(unit.connection, _INSERT, values)
    await _trace(unit, actor, now, draft_id, 1)
    return DraftOutcome(draft_id)


def _edited(book: RuleBook, edits: Sequence[Edit]) -> RuleBook | tuple[InputError, ...]:
    try:
        return apply(book, edits)
    except EditsRefused as wrong:
        return found(wrong.findings, "edits", wrong.position)


async def _trace(unit: UnitOfWork, actor: Actor, now: datetime, draft_id: UUID, revision: int) -> None:
    await leave_trace(unit, actor, now, "policyDrafted", {"draft": str(draft_id), "revision": revision})
