"""Apps that a school activated, and invitations in every state: none of them opens or closes anything today."""

import hashlib
from datetime import timedelta
from uuid import UUID

from server import tables
from tests.worlds.world import World


def add_invitations(world: World) -> None:
    """Both apps, and one of before; an invitation that was redeemed, one with wrong answers, and one that was ended."""
    before = activate(world, "PARENT", 400)
    world.add(
        tables.AppActivationEndRow,
        activation_id=before,
        ended_by=world.name("dpo"),
        ended_at=world.morning - timedelta(days=390),
        reason="Assessed anew before it is used.",
    )
    for app in ("PARENT", "LEARNER"):
        activate(world, app, 380)
    links = world.rows[tables.GuardianLinkRow]
    link = next(row["link_id"] for row in links if row["guardian_id"] == world.ids["pat"])
    redeemed = invite(world, "PARENT", "pat", "ann", link)
    world.add(
        tables.InvitationRedemptionRow,
        invitation_id=redeemed,
        account_id=world.new_id(),
        redeemed_at=world.morning,
    )
    mistaken = invite(world, "LEARNER", "eve", "eve")
    for number in (1, 2):
        world.add(
            tables.InvitationTryRow,
            invitation_id=mistaken,
            number=number,
            tried_at=world.morning,
            identity="eve.of.year.ten",
            email="eve@home.example",
        )
    ended = invite(world, "STAFF", "tutor", None)
    world.add(
        tables.InvitationEndRow,
        invitation_id=ended,
        ended_by=world.name("head"),
        ended_at=world.morning,
        reason="They have an account elsewhere.",
    )


def activate(world: World, app: str, days: int) -> UUID:
    """A decision of the head, that many days ago; its id."""
    key = world.new_id()
    world.add(
        tables.AppActivationRow,
        activation_id=key,
        app=app,
        assessment="Folder 12 of the office",
        declaration="Assessed and agreed by the governors.",
        decided_by=world.name("head"),
        decided_at=world.morning - timedelta(days=days),
    )
    return key


def invite(world: World, kind: str, handle: str, learner: str | None, link: UUID | None = None) -> UUID:
    """The invitation's id; its code is known to nobody."""
    key = world.new_id()
    world.add(
        tables.InvitationRow,
        invitation_id=key,
        kind=kind,
        person_id=world.name(handle),
        learner_id=None if learner is None else world.name(learner),
        link_id=link,
        delivery="MAIL",
        invited_by=world.name("data-manager"),
        invited_at=world.morning - timedelta(days=1),
        expires_at=world.morning + timedelta(days=13),
    )
    world.add(
        tables.InvitationCodeRow,
        code_digest=hashlib.sha256(key.bytes).hexdigest(),
        school_id=world.school_id,
        invitation_id=key,
    )
    return key
