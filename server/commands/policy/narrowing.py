"""narrowPolicy and confirmPolicy: an officer takes access away at once, and another person stands by it within a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from server.commands.access.notice_kinds import NoticeKind
from server.commands.actor import Actor
from server.commands.input_error import InputError
from server.commands.policy.judging import compare, stored_book
from server.commands.policy.outcome import PolicyOutcome
from server.commands.policy.refusals import found, no_such, refused, require
from server.commands.policy.texts import LONGEST_REASON, check_text
from server.commands.policy.traces import leave_trace, tell_keepers
from server.commands.policy.versions import NewVersion, locked_head, put_in_force
from server.commands.statements import execute
from server.database.unit_of_work import UnitOfWork
from server.errors import BadUserInput
from server.policies.edits import Edit, EditsRefused, apply
from server.policies.permit import Permit
from server.policies.rule_book import RuleBook
from server.policies.shipped import shipped_ceiling
from server.policies.validate import validate
from server.queries.policy_history import version, versions
from server.queries.policy_rows import Version

_CONFIRM: Final = """\
INSERT INTO usher.policy_confirmation (school_id, version, kind, author_id, confirmed_by, confirmed_at)
VALUES ($1::uuid, $2::int, 'NARROWED', $3::uuid, $4::uuid, $5::timestamptz)
ON CONFLICT DO NOTHING"""
# What a denial in a hurry leaves behind, or an older book promised in vain: the next draft has to tidy it up.
_UNTIDY: Final = frozenset({"duplicate", "dead_rule", "shadowed_rule", "notify_without_glass", "never_holds"})
_UNCONFIRMED: Final = "Another person has to confirm your narrowing of before: until then you can't narrow again."
_CONFIRMED: Final = refused("ALREADY_CONFIRMED", "This narrowing is confirmed already.", "version")


@dataclass(frozen=True, slots=True)
class NarrowPolicy:
    """Either `edits` upon the version in force, or the content of `to_version`."""

    reason: str
    edits: Sequence[Edit] = ()
    to_version: int | None = None


@dataclass(frozen=True, slots=True)
class ConfirmPolicy:
    version: int


async def narrow_policy(
    command: NarrowPolicy, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime
) -> PolicyOutcome:
    """In force at the COMMIT, which takes no recheck. Refused unless nobody whatsoever gains anything.

    Examples aren't run: one that says what somebody must see would stop taking it away. Raises Forbidden without
    ("policy", "write"), BadUserInput, and GuardFailed where another version came into force meanwhile.
    """
    require(permit, "write", "Narrowing rules")
    reason = check_text(command.reason, "reason", LONGEST_REASON)
    if bool(command.edits) == (command.to_version is not None):
        raise BadUserInput("Give either input.edits or input.toVersion.", ("input", "edits"))
    before = await locked_head(unit)
    past = await versions(unit.connection, unit.context.school_id)
    own = [one for one in past if one.kind == "NARROWED" and one.author_id == unit.context.person_id]
    if any(one.confirmed_at is None for one in own):
        return PolicyOutcome(errors=refused("UNCONFIRMED", _UNCONFIRMED))
    book = _narrowed(command, before, past)
    if not isinstance(book, RuleBook):
        return PolicyOutcome(errors=book)
    place = "edits" if command.to_version is None else "toVersion"
    if errors := await _refusals(stored_book(before.content), book, place):
        return PolicyOutcome(errors=errors)
    person_id, last = unit.context.person_id, own[-1].version if own else None
    new = NewVersion("NARROWED", book, person_id, person_id, reason or "", narrowed_after=last)
    number = await put_in_force(new, before, unit, actor, now)
    await tell_keepers(unit, NoticeKind.POLICY_NARROWED, {"author": person_id}, now)
    return PolicyOutcome(version=number, in_force=True)


def _narrowed(command: NarrowPolicy, before: Version, past: Sequence[Version]) -> RuleBook | tuple[InputError, ...]:
    if command.to_version is not None:
        chosen = next((one for one in past if one.version == command.to_version), None)
        return stored_book(chosen.content) if chosen else no_such("version", "toVersion")
    try:
        return apply(stored_book(before.content), command.edits)
    except EditsRefused as wrong:
        return found(wrong.findings, "edits", wrong.position)


async def _refusals(before: RuleBook, book: RuleBook, place: str) -> tuple[InputError, ...]:
    if book.digest() == before.digest():
        return refused("NOTHING_CHANGED", "This says just what is in force.", place)
    if findings := [one for one in validate(book, shipped_ceiling()) if one.code not in _UNTIDY]:
        return found(findings, place)
    compared = await compare(before, book)
    if compared.widens:
        gains = " ".join(compared.gains()[:3])
        said = f"Somebody would gain by this, so another person has to approve it: submit a draft. {gains}"
        return refused("WIDENS", said, place)
    return ()


async def confirm_policy(
    command: ConfirmPolicy, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime
) -> PolicyOutcome:
    """Stand by another person's narrowing, also after its time. Raises Forbidden without ("policy", "export")."""
    require(permit, "export", "Confirming rules")
    context = unit.context
    one = await version(unit.connection, context.school_id, command.version)
    if one is None:
        return PolicyOutcome(errors=no_such("version", "version"))
    if one.kind != "NARROWED" or one.author_id is None:
        return PolicyOutcome(errors=refused("NOT_NARROWED", "Only a narrowing needs confirming.", "version"))
    if one.author_id == context.person_id:
        said = "You narrowed the rules yourself: another person has to confirm it."
        return PolicyOutcome(errors=refused("SELF_CONFIRMATION", said, "version"))
    values = [context.school_id, one.version, one.author_id, context.person_id, now]
    if one.confirmed_at is not None or not await execute(unit.connection, _CONFIRM, values):
        return PolicyOutcome(errors=_CONFIRMED)
    book = {"digest": one.digest, "chain": one.chain}
    await leave_trace(unit, actor, now, "policyConfirmed", {"version": one.version}, book)
    return PolicyOutcome(version=one.version)
