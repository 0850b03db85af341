"""The mutations of a rule book's life, from GraphQL to their commands and back."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from server.commands.actor import Actor
from server.commands.input_error import InputError
from server.commands.policy.decision import DecidePolicy, WithdrawPolicy, decide_policy, withdraw_policy
from server.commands.policy.drafts import EditPolicyDraft, edit_policy_draft
from server.commands.policy.publication import PublishPolicy, publish_policy
from server.commands.policy.refusals import COORDINATES, require
from server.commands.policy.submission import (
    RollBackPolicy,
    SubmissionOutcome,
    SubmitPolicy,
    roll_back_policy,
    submit_policy,
)
from server.database.unit_of_work import UnitOfWork
from server.errors import BadUserInput
from server.policies.permit import Permit
from server.queries.ids import decode
from server.queries.noun import Argument
from server.queries.policy_history import draft, submission, version
from server.resolvers.mutation import Changed, Mutation
from server.resolvers.policy_edits import EDIT_INPUTS, read_edits
from server.resolvers.policy_kinds import POLICY_KINDS
from server.resolvers.policy_values import Teller

DRAFT: Final = ("draft", "PolicyDraft", "The draft as it is now.")
SUBMISSION: Final = ("submission", "PolicySubmission", "The submission as it is now.")
VERSION: Final = ("version", "PolicyVersion", "The version that is now in force.")


async def told(
    unit: UnitOfWork,
    now: datetime,
    names: tuple[str, ...],
    *,
    drafted: UUID | None = None,
    submitted: UUID | None = None,
    numbered: int | None = None,
    errors: tuple[InputError, ...] = (),
    recheck: bool = True,
) -> Changed:
    """What was changed, read back within the same transaction; a refusal writes nothing."""
    school_id = unit.context.school_id
    teller = Teller(unit.connection, school_id, now)
    rows: dict[str, Any] = dict.fromkeys(names)
    if drafted is not None and (of_draft := await draft(unit.connection, school_id, drafted)):
        rows["draft"] = await teller.draft(of_draft)
    if submitted is not None and (handed := await submission(unit.connection, school_id, submitted)):
        rows["submission"] = await teller.submission(handed)
    if numbered is not None and (in_force := await version(unit.connection, school_id, numbered)):
        rows["version"] = await teller.version(in_force)
    constants = {name: rows[name] for name in names}
    return Changed(constants=constants, errors=errors, written=not errors, recheck=recheck)


def key_of(given: dict[str, Any], name: str, prefix: str) -> UUID | None:
    """The key of an id that may be left out. Raises BadUserInput."""
    text = given.get(name)
    return None if text is None else decode(text, ("input", name), prefix, yearly=False).key


def the_key(given: dict[str, Any], name: str, prefix: str) -> UUID:
    return decode(given[name], ("input", name), prefix, yearly=False).key


async def _edit(given: dict[str, Any], unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime) -> Changed:
    require(permit, "write", "Drafting rules")
    edits, errors = read_edits(given["edits"])
    if errors:
        return await told(unit, now, ("draft",), errors=errors)
    command = EditPolicyDraft(
        edits=edits,
        draft=key_of(given, "draft", "pdr"),
        from_version=given.get("fromVersion"),
        from_draft=key_of(given, "fromDraft", "pdr"),
        title=given.get("title"),
        expected_revision=given.get("expectedRevision"),
    )
    outcome = await edit_policy_draft(command, unit, permit, actor, now)
    return await told(unit, now, ("draft",), drafted=outcome.draft, errors=outcome.errors)


async def _submit(given: dict[str, Any], unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime) -> Changed:
    command = SubmitPolicy(
        the_key(given, "draft", "pdr"), given["expectedRevision"], given["reason"], given.get("specialReason")
    )
    return await _submitted(unit, now, await submit_policy(command, unit, permit, actor, now))


async def _roll_back(given: dict[str, Any], unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime) -> Changed:
    command = RollBackPolicy(given["version"], given["reason"], given.get("specialReason"))
    return await _submitted(unit, now, await roll_back_policy(command, unit, permit, actor, now))


async def _submitted(unit: UnitOfWork, now: datetime, outcome: SubmissionOutcome) -> Changed:
    return await told(unit, now, ("submission",), submitted=outcome.submission, errors=outcome.errors)


async def _approve(given: dict[str, Any], unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime) -> Changed:
    command = DecidePolicy(the_key(given, "submission", "psb"), approve=True, reason=given.get("reason"))
    outcome = await decide_policy(command, unit, permit, actor, now)
    return await told(unit, now, ("submission",), submitted=outcome.submission, errors=outcome.errors)


async def _reject(given: dict[str, Any], unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime) -> Changed:
    command = DecidePolicy(the_key(given, "submission", "psb"), approve=False, reason=given["reason"])
    outcome = await decide_policy(command, unit, permit, actor, now)
    return await told(unit, now, ("submission",), submitted=outcome.submission, errors=outcome.errors)


async def _withdraw(given: dict[str, Any], unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime) -> Changed:
    drafted, submitted = key_of(given, "draft", "pdr"), key_of(given, "submission", "psb")
    if (drafted is None) == (submitted is None):
        raise BadUserInput("Give either input.draft or input.submission.", ("input", "draft"))
    outcome = await withdraw_policy(WithdrawPolicy(drafted, submitted, given.get("reason")), unit, permit, actor, now)
    names = ("draft", "submission")
    return await told(unit, now, names, drafted=outcome.draft, submitted=outcome.submission, errors=outcome.errors)


async def _publish(given: dict[str, Any], unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime) -> Changed:
    command = PublishPolicy(the_key(given, "submission", "psb"), given.get("at"))
    outcome = await publish_policy(command, unit, permit, actor, now)
    return await told(
        unit, now, ("submission", "version"), submitted=outcome.submission, numbered=outcome.version,
        errors=outcome.errors, recheck=outcome.version is None,
    )  # fmt: skip


_SUBMISSION_ID: Final = Argument("submission", "ID!", "The submission.")
_REASON: Final = Argument("reason", "String!", "Why, in 1 to 500 characters.")
_SPECIAL: Final = Argument(
    "specialReason", "String", "Why special category data is opened, and who agreed: 20 to 500 characters."
)

EDIT_POLICY_DRAFT: Final = Mutation(
    name="editPolicyDraft",
    description="Begin a draft of the school's rules, or change one of your own: all edits are made, or none.",
    inputs=(
        *EDIT_INPUTS,
        (
            "EditPolicyDraftInput",
            "Which draft, and its edits.",
            (
                Argument("draft", "ID", "The draft; one is begun where left out."),
                Argument("fromVersion", "Int", "Of a new draft: the version whose content it begins with."),
                Argument(
                    "fromDraft", "ID", "Of a new draft: the draft whose changes it begins with, on today's rules."
                ),
                Argument("title", "String", "What it is called."),
                Argument("expectedRevision", "Int", "The revision that you read; needed with draft."),
                Argument("edits", "[PolicyEdit!]!", "In the order in which they are made; none begins a draft alone."),
            ),
        ),
    ),
    payload="EditPolicyDraftPayload",
    rows={},
    constants=(DRAFT,),
    coordinates=COORDINATES,
    change=_edit,
    kinds=POLICY_KINDS,
)
SUBMIT_POLICY: Final = Mutation(
    name="submitPolicy",
    description="Hand in your draft for another person's approval: it is checked, and every example is run.",
    inputs=(
        (
            "SubmitPolicyInput",
            "Which draft, and why.",
            (
                Argument("draft", "ID!", "The draft."),
                Argument("expectedRevision", "Int!", "The revision that you read."),
                _REASON,
                _SPECIAL,
            ),
        ),
    ),
    payload="SubmitPolicyPayload",
    rows={},
    constants=(SUBMISSION,),
    coordinates=COORDINATES,
    change=_submit,
)
APPROVE_POLICY: Final = Mutation(
    name="approvePolicy",
    description="Agree to what another person submitted.",
    inputs=(
        (
            "ApprovePolicyInput",
            "Which submission.",
            (_SUBMISSION_ID, Argument("reason", "String", "What you want to say with it.")),
        ),
    ),
    payload="ApprovePolicyPayload",
    rows={},
    constants=(SUBMISSION,),
    coordinates=COORDINATES,
    change=_approve,
)
REJECT_POLICY: Final = Mutation(
    name="rejectPolicy",
    description="Refuse what another person submitted.",
    inputs=(("RejectPolicyInput", "Which submission, and why.", (_SUBMISSION_ID, _REASON)),),
    payload="RejectPolicyPayload",
    rows={},
    constants=(SUBMISSION,),
    coordinates=COORDINATES,
    change=_reject,
)
WITHDRAW_POLICY: Final = Mutation(
    name="withdrawPolicy",
    description="Stop a draft, or a submission that is not yet in force, approved and scheduled ones too.",
    inputs=(
        (
            "WithdrawPolicyInput",
            "Either a draft or a submission.",
            (
                Argument("draft", "ID", "The draft, which is closed with what was submitted of it."),
                Argument("submission", "ID", "The submission; its draft stays open."),
                Argument("reason", "String", "Why."),
            ),
        ),
    ),
    payload="WithdrawPolicyPayload",
    rows={},
    constants=(DRAFT, SUBMISSION),
    coordinates=COORDINATES,
    change=_withdraw,
)
PUBLISH_POLICY: Final = Mutation(
    name="publishPolicy",
    description="Put an approved submission in force, for the very next operation of everybody.",
    inputs=(
        (
            "PublishPolicyInput",
            "Which submission, and when.",
            (
                _SUBMISSION_ID,
                Argument("at", "DateTime", "When; now where left out. It lapses if other rules come first."),
            ),
        ),
    ),
    payload="PublishPolicyPayload",
    rows={},
    constants=(SUBMISSION, VERSION),
    coordinates=COORDINATES,
    change=_publish,
)
ROLL_BACK_POLICY: Final = Mutation(
    name="rollBackPolicy",
    description="Hand in an old version's content, to come into force anew: another person approves it as any other.",
    inputs=(
        (
            "RollBackPolicyInput",
            "Which version, and why.",
            (Argument("version", "Int!", "The version to go back to."), _REASON, _SPECIAL),
        ),
    ),
    payload="RollBackPolicyPayload",
    rows={},
    constants=(SUBMISSION,),
    coordinates=COORDINATES,
    change=_roll_back,
)
POLICY_CHANGES: Final = (
    EDIT_POLICY_DRAFT, SUBMIT_POLICY, APPROVE_POLICY, REJECT_POLICY, WITHDRAW_POLICY, PUBLISH_POLICY, ROLL_BACK_POLICY,
)  # fmt: skip
