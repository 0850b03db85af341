"""invitations and invitationMismatches: who was invited by whom, what became of it, and who didn't know the answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from server.errors import Forbidden
from server.policies.vocabulary import Capacity, relations
from server.queries.access.invitations import invitations, mismatches
from server.queries.kinds import kind
from server.queries.noun import Argument
from server.resolvers.access.changes_of_invitations import INVITATION
from server.resolvers.access.fact_values import StaffNames, id_of
from server.resolvers.inquiry import Inquirer, Inquiry

_READ: Final = ("account", "read")
_LINKS: Final = ("parent_link", "read")

INVITATION_KIND: Final = kind(
    "Invitation",
    "An invitation to an account; its code is told to nobody again.",
    ("id", "ID!", "Its id.", None),
    ("kind", "String!", "STAFF, PARENT or LEARNER."),
    ("person", "ID!", "Who is invited, a person."),
    ("learner", "ID", "Of whom, where you may read the link.", "parent_link"),
    ("link", "ID", "The guardian's link, where you may read it.", "parent_link"),
    ("delivery", "String!", "MAIL or PAPER."),
    ("status", "String!", "SENT, OPENED, REDEEMED, EXPIRED, LOCKED or ENDED."),
    ("invitedBy", "ID!", "Who invited them."),
    ("invitedByName", "String", "Their name, where you may read it.", "staff_name"),
    ("invitedAt", "DateTime!", "When."),
    ("expiresAt", "DateTime!", "Until when it can be redeemed."),
    ("redeemedAt", "DateTime", "When it was."),
    ("endedAt", "DateTime", "When somebody ended it, or another took its place."),
    ("tries", "Int!", "How often a wrong date of birth was given."),
    element="account",
)
MISMATCH_KIND: Final = kind(
    "InvitationMismatch",
    "A wrong date of birth, given with the right code: that it was wrong, and never what it was.",
    ("invitation", "ID!", "The invitation: reissue it, or end it.", None),
    ("kind", "String!", "PARENT or LEARNER."),
    ("person", "ID!", "Who had been invited, a person."),
    ("number", "Int!", "The how manieth of five."),
    ("triedAt", "DateTime!", "When."),
    ("signInName", "String", "How whoever gave it wanted to sign in."),
    ("email", "String", "The address that they gave."),
    element="account",
)


async def _invitations(given: dict[str, Any], inquirer: Inquirer) -> Iterable[dict[str, Any]]:
    _require(inquirer, "invitations")
    names, wanted = StaffNames(inquirer), given.get("status")
    if not inquirer.permit.plan(*_READ).visible(relations()):
        return ()
    asked = inquirer.asked
    link = asked.planner.plan(asked.profile, *_LINKS)
    today = inquirer.now.date()
    rows = await invitations(inquirer.connection, inquirer.school_id, inquirer.person_id, today, link)
    if "log" in link.duties and any(row.link_id is not None for row in rows):
        inquirer.log("parent_link", [row.learner_id for row in rows if row.link_id and row.learner_id])
    return [
        {
            "id": id_of(INVITATION, row.key),
            "kind": row.kind,
            "person": id_of("per", row.person_id),
            "learner": None if row.learner_id is None else id_of("lrn", row.learner_id),
            "link": None if row.link_id is None else id_of("gdn", row.link_id),
            "delivery": row.delivery,
            "status": row.status(inquirer.now),
            "invitedBy": id_of("per", row.invited_by),
            "invitedByName": names.of(row.invited_by, row.inviter),
            "invitedAt": row.invited_at,
            "expiresAt": row.expires_at,
            "redeemedAt": row.redeemed_at,
            "endedAt": row.ended_at,
            "tries": row.tries,
        }
        for row in rows
        if wanted is None or row.status(inquirer.now) == wanted
    ]


async def _mismatches(_: dict[str, Any], inquirer: Inquirer) -> Iterable[dict[str, Any]]:
    _require(inquirer, "invitationMismatches")
    if not inquirer.permit.plan(*_READ).visible(relations()):
        return ()
    return [
        {
            "invitation": id_of(INVITATION, row.invitation),
            "kind": row.kind,
            "person": id_of("per", row.person_id),
            "number": row.number,
            "triedAt": row.tried_at,
            "signInName": row.identity,
            "email": row.email,
        }
        for row in await mismatches(inquirer.connection, inquirer.school_id)
    ]


def _require(inquirer: Inquirer, field: str) -> None:
    if inquirer.asked.profile.capacity is not Capacity.STAFF:
        raise Forbidden(f"{field} is for the school's staff.", (field,))


INVITATION_INQUIRIES: Final = (
    Inquiry(
        "invitations", "[Invitation!]!", "Who was invited; at most 1,000, newest first.",
        (Argument("status", "String", "Those of this status alone."),), frozenset({_READ}), _invitations,
        (INVITATION_KIND,),
    ),
    Inquiry(
        "invitationMismatches", "[InvitationMismatch!]!",
        "Wrong dates of birth that nobody has looked at yet; at most 1,000, newest first.",
        (), frozenset({_READ}), _mismatches, (MISMATCH_KIND,),
    ),
)  # fmt: skip
