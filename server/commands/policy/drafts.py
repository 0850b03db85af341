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
from server.commands.policy.outcome import PolicyOutcome
from server.commands.policy.refusals import found, no_such, refused, require
from server.commands.policy.texts import LONGEST_TITLE, check_text
from server.commands.policy.traces import leave_trace
from server.commands.statements import execute
from server.database.unit_of_work import UnitOfWork
from server.errors import BadUserInput
from server.policies.difference import differences
from server.policies.edits import Add, Change, Edit, EditsRefused, Lower, Raise, Remove, apply
from server.policies.permit import Permit
from server.policies.rule_book import RuleBook
from server.queries.policy_history import draft, head, locked_draft, submissions_of, version
from server.queries.policy_rows import Draft, Version

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

    `from_draft` brings another draft's changes to what is in force, whoever began it and upon whatever.
    `expected_revision` goes with `draft`, `from_version` and `from_draft` without.
    """

    edits: Sequence[Edit]
    draft: UUID | None = None
    from_version: int | None = None
    from_draft: UUID | None = None
    title: str | None = None
    expected_revision: int | None = None


async def edit_policy_draft(
    command: EditPolicyDraft, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime
) -> PolicyOutcome:
    """All edits or none. Raises Forbidden without ("policy", "write"), and BadUserInput for a title out of bounds."""
    require(permit, "write", "Drafting rules")
    check_text(command.title, "title", LONGEST_TITLE, needed=False)
    if command.draft is None:
        return await _begin(command, unit, actor, now)
    if command.from_version is not None or command.from_draft is not None:
        raise BadUserInput(
            "input.fromVersion and input.fromDraft are for a new draft: leave them out, or leave out draft.",
            ("input", "draft"),
        )
    own, errors = await own_draft(unit, command.draft, command.expected_revision)
    if own is None:
        return PolicyOutcome(errors=errors)
    book = _edited(drafted_book(own.content), command.edits)
    if not isinstance(book, RuleBook):
        return PolicyOutcome(errors=book)
    title = check_text(command.title, "title", LONGEST_TITLE, needed=False) or own.title
    await execute(unit.connection, _UPDATE, [unit.context.school_id, own.draft_id, title, book.content(), now])
    await _trace(unit, actor, now, own.draft_id, own.revision + 1)
    return PolicyOutcome(draft=own.draft_id)


async def own_draft(
    unit: UnitOfWork, draft_id: UUID, expected_revision: int | None
) -> tuple[Draft | None, tuple[InputError, ...]]:
    """The caller's open draft, locked, of that revision, with nothing of it submitted; or why not."""
    school_id = unit.context.school_id
    found_draft = await locked_draft(unit.connection, school_id, draft_id)
    if found_draft is None:
        return None, no_such("draft", "draft")
    if found_draft.author_id != unit.context.person_id:
        return None, refused("NOT_AUTHOR", "This is another person's draft: begin one of your own.", "draft")
    if found_draft.closed_at is not None:
        return None, refused("DRAFT_CLOSED", "This draft is closed: begin a new one.", "draft")
    if any(one.is_live for one in await submissions_of(unit.connection, school_id, draft_id)):
        said = "This draft is submitted: withdraw the submission first."
        return None, refused("ALREADY_SUBMITTED", said, "draft")
    if found_draft.revision != expected_revision:
        said = "The draft has changed, or expectedRevision was left out: read it again and give its revision."
        return None, refused("REVISION_CONFLICT", said, "expectedRevision")
    return found_draft, ()


async def _begin(command: EditPolicyDraft, unit: UnitOfWork, actor: Actor, now: datetime) -> PolicyOutcome:
    school_id = unit.context.school_id
    base = await head(unit.connection, school_id)
    start = await _start(command, unit, base)
    if not isinstance(start, _Start):
        return PolicyOutcome(errors=start)
    book = _edited(start.book, command.edits)
    if not isinstance(book, RuleBook):
        return PolicyOutcome(errors=book)
    draft_id, title = new_key(), check_text(command.title, "title", LONGEST_TITLE, needed=False) or start.title
    values = [school_id, draft_id, base.version, unit.context.person_id, title, book.content(), now]
    await execute(unit.connection, _INSERT, values)
    await _trace(unit, actor, now, draft_id, 1)
    return PolicyOutcome(draft=draft_id)


@dataclass(frozen=True, slots=True)
class _Start:
    """What a new draft begins with."""

    book: RuleBook
    title: str


async def _start(command: EditPolicyDraft, unit: UnitOfWork, base: Version) -> _Start | tuple[InputError, ...]:
    connection, school_id = unit.connection, unit.context.school_id
    if command.from_draft is not None:
        other = await draft(connection, school_id, command.from_draft)
        if other is None:
            return no_such("draft", "fromDraft")
        begun = await version(connection, school_id, other.base_version)
        assert begun is not None, "a foreign key names the base"
        changes = edits_between(stored_book(begun.content), drafted_book(other.content))
        try:
            return _Start(apply(stored_book(base.content), changes), other.title)
        except EditsRefused as wrong:
            return found(wrong.findings, "fromDraft")
    chosen = base if command.from_version is None else await version(connection, school_id, command.from_version)
    if chosen is None:
        return no_such("version", "fromVersion")
    return _Start(stored_book(chosen.content), f"Changes to version {chosen.version}")


def edits_between(old: RuleBook, new: RuleBook) -> list[Edit]:
    """What makes `new` of `old`, to be made of another book."""
    told = differences(old, new)
    return [
        *(Lower(one.element) for one in told.lowered),
        *(Raise(one.element, one.course) for one in told.raised),
        *(Remove(one.rule.id) for one in told.removed),
        *(Change(one.after.rule) for one in told.changed),
        *(Add(one.rule) for one in told.added),
    ]


def _edited(book: RuleBook, edits: Sequence[Edit]) -> RuleBook | tuple[InputError, ...]:
    try:
        return apply(book, edits)
    except EditsRefused as wrong:
        return found(wrong.findings, "edits", wrong.position)


async def _trace(unit: UnitOfWork, actor: Actor, now: datetime, draft_id: UUID, revision: int) -> None:
    await leave_trace(unit, actor, now, "policyDrafted", {"draft": str(draft_id), "revision": revision})
