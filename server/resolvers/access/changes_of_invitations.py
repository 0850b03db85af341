"""Inviting people to accounts: from GraphQL to the commands and back. Codes are told once, to whoever prints them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final

from server.commands.access.invitation_candidates import SEES
from server.commands.access.invitation_ends import end_invitation, reissue_invitation
from server.commands.access.invitation_entries import MOST, Delivery, InvitationOutcome, Invite, Invited
from server.commands.access.invitations import GRANTS, WRITE, invite
from server.commands.access.outcome import AccessOutcome
from server.commands.actor import Actor
from server.commands.marks.entries import Mode
from server.database.unit_of_work import UnitOfWork
from server.errors import BadUserInput
from server.policies.permit import Permit
from server.queries.ids import decode
from server.queries.kinds import kind
from server.queries.noun import Argument
from server.resolvers.access.fact_values import id_of
from server.resolvers.access.payloads import access_mutation
from server.resolvers.given import Given, key_of
from server.resolvers.mutation import Change, Changed, Command, Mutation

INVITATION: Final = "inv"
PREFIXES: Final[Mapping[Invited, str]] = {Invited.STAFF: "stf", Invited.PARENT: "gdn", Invited.LEARNER: "lrn"}
"""Of ids of those who are invited; a guardian is invited by a link to one learner."""

ISSUED_KIND: Final = kind(
    "IssuedInvitation",
    "An invitation as it was made.",
    ("id", "ID!", "Its id.", None),
    ("of", "ID!", "The link, learner or member of staff that was given.", None),
    ("code", "String", "What the letter on paper shows; told once, and null of what was mailed or is repeated."),
    ("confirmation", "String", "For a second letter, to those who have no e-mail address; told once, likewise."),
    ("expiresAt", "DateTime!", "Until when it can be redeemed."),
    element="account",
)
_DELIVERY: Final = "MAIL to the address on record, or PAPER: you print the code, and hand it over."
_BATCH: Final = (
    Argument("delivery", "String!", _DELIVERY),
    Argument("mode", "BatchMode! = ATOMIC", "What a refused row does to the others."),
    Argument("dryRun", "Boolean", "True: check everything and write nothing."),
    Argument("idempotencyKey", "String!", "Yours for this batch: a repeat within 7 days invites nobody again."),
)
_ISSUED: Final = ("invitations", "[IssuedInvitation!]!", "The invitations that were made, in order of the input.")
_CONSTANTS: Final = (
    _ISSUED,
    ("replayed", "Boolean!", "True: this key was used before, and nothing was written now."),
    ("wouldWrite", "Int", "For a dry run: how many would be invited."),
)


def _inviting(invited: Invited) -> Change:
    async def change(given: Given, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime) -> Changed:
        name = invited.argument
        command = Invite(
            invited,
            tuple(
                decode(one, ("input", name, place), PREFIXES[invited], yearly=False).key
                for place, one in enumerate(given[name])
            ),
            _delivery(given),
            given["idempotencyKey"],
            Mode(given["mode"]),
            bool(given.get("dryRun")),
        )
        outcome = await invite(command, unit, permit, actor, now)
        return Changed(
            constants={
                "invitations": _issued(outcome, invited),
                "replayed": outcome.replayed,
                "wouldWrite": outcome.would_write,
            },
            errors=outcome.all_errors(name),
            written=not command.dry_run,
        )

    return change


async def _reissue(given: Given, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime) -> Changed:
    key = key_of(given, "invitation", INVITATION)
    outcome = await reissue_invitation(key, _delivery(given), unit, permit, actor, now)
    return Changed(
        constants={"invitations": _issued(outcome, outcome.invited or Invited.STAFF)},
        errors=outcome.all_errors("invitation"),
        written=bool(outcome.issued),
    )


def _issued(outcome: InvitationOutcome, invited: Invited) -> list[dict[str, Any]]:
    return [
        {
            "id": id_of(INVITATION, one.key),
            "of": id_of(PREFIXES[invited], one.of),
            "code": one.code,
            "confirmation": one.confirmation,
            "expiresAt": one.expires_at,
        }
        for one in outcome.issued
    ]


def _delivery(given: Given) -> Delivery:
    try:
        return Delivery(given["delivery"])
    except ValueError:
        sentence = f"input.delivery is one of {', '.join(Delivery)}."
        raise BadUserInput(sentence, ("input", "delivery")) from None


def _mutation(name: str, invited: Invited, description: str, whom: str) -> Mutation:
    return Mutation(
        name=name,
        description=description,
        arguments=(Argument(invited.argument, "[ID!]!", f"{whom} At most {MOST}."), *_BATCH),
        constants=_CONSTANTS,
        kinds=(ISSUED_KIND,),
        coordinates=frozenset({WRITE, GRANTS, *SEES[invited]}),
        change=_inviting(invited),
    )


def _end(given: Given) -> Command[AccessOutcome]:
    return partial(end_invitation, key_of(given, "invitation", INVITATION), given["reason"])


INVITATION_CHANGES: Final = (
    _mutation(
        "inviteGuardians",
        Invited.PARENT,
        "Invite guardians to accounts, each for one child: whoever redeems it proves the child's date of birth.",
        "Guardians, as linked to the learner of whom they shall see what is theirs to see.",
    ),
    _mutation(
        "inviteLearners",
        Invited.LEARNER,
        "Invite learners to accounts of their own: whoever redeems it proves the date of birth.",
        "The learners.",
    ),
    _mutation(
        "inviteStaff", Invited.STAFF, "Invite staff to accounts, by letters to their own addresses.", "The staff."
    ),
    Mutation(
        name="reissueInvitation",
        description="The invitation counts no longer, and another takes its place: it was lost, locked, or is over.",
        arguments=(
            Argument("invitation", "ID!", "The invitation, of invitations."),
            Argument("delivery", "String!", _DELIVERY),
        ),
        constants=(_ISSUED,),
        kinds=(ISSUED_KIND,),
        coordinates=frozenset({WRITE, GRANTS, *(one for both in SEES.values() for one in both)}),
        change=_reissue,
    ),
    access_mutation(
        "endInvitation",
        "Nobody redeems the invitation from now on.",
        (
            Argument("invitation", "ID!", "The invitation, of invitations."),
            Argument("reason", "String!", "Why: 10 to 500 characters."),
        ),
        frozenset({WRITE}),
        INVITATION,
        _end,
    ),
)
