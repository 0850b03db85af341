"""The mutations of a rule book's life, from GraphQL to their commands and back."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Final

from server.commands.actor import Actor
from server.commands.policy.decision import DecidePolicy, WithdrawPolicy, decide_policy, withdraw_policy
from server.commands.policy.drafts import EditPolicyDraft, edit_policy_draft
from server.commands.policy.outcome import PolicyOutcome
from server.commands.policy.publication import PublishPolicy, publish_policy
from server.commands.policy.refusals import require
from server.commands.policy.submission import RollBackPolicy, SubmitPolicy, roll_back_policy, submit_policy
from server.database.unit_of_work import UnitOfWork
from server.errors import BadUserInput
from server.policies.permit import Permit
from server.queries.noun import Argument
from server.resolvers.given import Given, key_if_given, key_of
from server.resolvers.mutation import Command
from server.resolvers.policy.edits import EDIT_INPUTS, read_edits
from server.resolvers.policy.kinds import POLICY_KINDS
from server.resolvers.policy.payloads import DRAFT, SUBMISSION, VERSION, policy_mutation

_SUBMISSION_ID: Final = Argument("submission", "ID!", "The submission.")
_REASON: Final = Argument("reason", "String!", "Why, in 1 to 500 characters.")
_SPECIAL: Final = Argument(
    "specialReason", "String", "Why special category data is opened, and who agreed: 20 to 500 characters."
)


def _edit(given: Given) -> Command[PolicyOutcome]:
    async def edit(unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime) -> PolicyOutcome:
        require(permit, "write", "Drafting rules")
        edits, errors = read_edits(given["edits"])
        if errors:
            return PolicyOutcome(errors=errors)
        command = EditPolicyDraft(
            edits=edits,
            draft=key_if_given(given, "draft", "pdr"),
            from_version=given.get("fromVersion"),
            from_draft=key_if_given(given, "fromDraft", "pdr"),
            title=given.get("title"),
            expected_revision=given.get("expectedRevision"),
        )
        return await edit_policy_draft(command, unit, permit, actor, now)

    return edit


def _submit(given: Given) -> Command[PolicyOutcome]:
    draft = key_of(given, "draft", "pdr")
    command = SubmitPolicy(draft, given["expectedRevision"], given["reason"], given.get("specialReason"))
    return partial(submit_policy, command)


def _decide(given: Given, *, approve: bool) -> Command[PolicyOutcome]:
    return partial(decide_policy, DecidePolicy(key_of(given, "submission", "psb"), approve, given.get("reason")))


def _withdraw(given: Given) -> Command[PolicyOutcome]:
    draft, submission = key_if_given(given, "draft", "pdr"), key_if_given(given, "submission", "psb")
    if (draft is None) == (submission is None):
        raise BadUserInput("Give either input.draft or input.submission.", ("input", "draft"))
    return partial(withdraw_policy, WithdrawPolicy(draft, submission, given.get("reason")))


POLICY_CHANGES: Final = (
    policy_mutation(
        "editPolicyDraft",
        "Begin a draft of the school's rules, or change one of your own: all edits are made, or none.",
        "Which draft, and its edits.",
        (
            Argument("draft", "ID", "The draft; one is begun where left out."),
            Argument("fromVersion", "Int", "Of a new draft: the version whose content it begins with."),
            Argument("fromDraft", "ID", "Of a new draft: the draft whose changes it begins with, on today's rules."),
            Argument("title", "String", "What it is called."),
            Argument("expectedRevision", "Int", "The revision that you read; needed with draft."),
            Argument("edits", "[PolicyEdit!]!", "In the order in which they are made; none begins a draft alone."),
        ),
        (DRAFT,),
        _edit,
        inputs=EDIT_INPUTS,
        kinds=POLICY_KINDS,
    ),
    policy_mutation(
        "submitPolicy",
        "Hand in your draft for another person's approval: it is checked, and every example is run.",
        "Which draft, and why.",
        (
            Argument("draft", "ID!", "The draft."),
            Argument("expectedRevision", "Int!", "The revision that you read."),
            _REASON,
            _SPECIAL,
        ),
        (SUBMISSION,),
        _submit,
    ),
    policy_mutation(
        "approvePolicy",
        "Agree to what another person submitted.",
        "Which submission.",
        (_SUBMISSION_ID, Argument("reason", "String", "What you want to say with it.")),
        (SUBMISSION,),
        partial(_decide, approve=True),
    ),
    policy_mutation(
        "rejectPolicy",
        "Refuse what another person submitted.",
        "Which submission, and why.",
        (_SUBMISSION_ID, _REASON),
        (SUBMISSION,),
        partial(_decide, approve=False),
    ),
    policy_mutation(
        "withdrawPolicy",
        "Stop a draft, or a submission that is not yet in force, approved and scheduled ones too.",
        "Either a draft or a submission.",
        (
            Argument("draft", "ID", "The draft, which is closed with what was submitted of it."),
            Argument("submission", "ID", "The submission; its draft stays open."),
            Argument("reason", "String", "Why."),
        ),
        (DRAFT, SUBMISSION),
        _withdraw,
    ),
    policy_mutation(
        "publishPolicy",
        "Put an approved submission in force, for the very next operation of everybody.",
        "Which submission, and when.",
        (_SUBMISSION_ID, Argument("at", "DateTime", "When; now where left out. It lapses if other rules come first.")),
        (SUBMISSION, VERSION),
        lambda given: partial(publish_policy, PublishPolicy(key_of(given, "submission", "psb"), given.get("at"))),
    ),
    policy_mutation(
        "rollBackPolicy",
        "Hand in an old version's content, to come into force anew: another person approves it as any other.",
        "Which version, and why.",
        (Argument("version", "Int!", "The version to go back to."), _REASON, _SPECIAL),
        (SUBMISSION,),
        lambda given: partial(
            roll_back_policy, RollBackPolicy(given["version"], given["reason"], given.get("specialReason"))
        ),
    ),
)
