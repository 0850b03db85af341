"""changes: what changed, since a place, in what a program may read."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from typing import Any, Final

from server.commands.feed.reckoning import Follower, reckon_feed
from server.database.pool import Pool
from server.errors import BadCursor, BadUserInput, Forbidden
from server.policies.vocabulary import Capacity
from server.queries.classes import STRUCTURE
from server.queries.feed.changes import MOST, USUAL, Change, Place, learners_of, page
from server.queries.feed.sight import KINDS, sight, sight_profile
from server.queries.ids import GlobalId
from server.queries.kinds import kind
from server.queries.noun import Argument
from server.queries.nouns import NOUNS
from server.resolvers.asked import Asked
from server.resolvers.inquiry import Inquirer, Inquiry

_NOT_YOURS: Final = "Feeds of changes are for programs of vendors: others follow subscriptions."
_NARROWER: Final = (
    "This token, or what the operation states, opens less than the school granted you, and the feed tells of all of it: "
    "ask for a token without scope."
)

CHANGE: Final = kind(
    "Change",
    "One row of which what you may read has changed.",
    ("kind", "String!", f"Its type, as __typename has it: {', '.join(KINDS)}."),
    ("id", "ID!", "Its id: ask `nodes` for what you may read of it now."),
    ("happened", "ChangeHappened!", "What happened to it."),
    ("at", "DateTime!", "When the school's feed noticed."),
)
CHANGE_FEED: Final = kind(
    "ChangeFeed",
    "Changes since a place, each row once, the oldest first.",
    ("changes", "[Change!]!", "The changes."),
    ("cursor", "String", "The place behind them: give it as `since`. Null where resyncRequired."),
    ("more", "Boolean!", "Whether there are more already."),
    (
        "resyncRequired",
        "Boolean!",
        "True: what happened since that place can't be told any more. Begin again without `since`, and forget each row "
        "that you are not told of until `more` is false.",
    ),
)


async def _prepare(pool: Pool, asked: Asked) -> None:
    if asked.principal.capacity != Capacity.CLIENT:
        raise Forbidden(_NOT_YOURS)
    profile = sight_profile(asked.planner, asked.standing.profile, asked.now)
    for name in KINDS:
        for coordinate in sight(asked.planner, profile, name).coordinates:
            if not asked.planner.plan(asked.profile, *coordinate).covers(asked.planner.plan(profile, *coordinate)):
                raise Forbidden(_NARROWER)
    await reckon_feed(pool, Follower(asked.context, asked.planner, profile), asked.now)


async def _changes(given: dict[str, Any], inquirer: Inquirer) -> Mapping[str, Any]:
    most = given.get("first")
    most = USUAL if most is None else int(most)
    if not 1 <= most <= MOST:
        raise BadUserInput(f"first is out of range: give 1 to {MOST}.", ("first",))
    bound = f"{inquirer.school_id}|{inquirer.person_id}|changes".encode()
    text = given.get("since")
    since = None if text is None else _place(text, bound, inquirer)
    found = await page(inquirer.connection, inquirer.school_id, inquirer.person_id, since, most)
    if found.changes is None:
        return {"changes": [], "cursor": None, "more": False, "resyncRequired": True}
    await _log(found.changes, inquirer)
    return {
        "changes": [_told(one) for one in found.changes],
        "cursor": inquirer.cursors.seal_place(found.place.packed(), bound),
        "more": found.more,
        "resyncRequired": False,
    }


def _place(text: str, bound: bytes, inquirer: Inquirer) -> Place:
    secret = inquirer.cursors.open_place(text, bound, ("since",))
    try:
        return Place.unpacked(secret)
    except struct.error:
        raise BadCursor("since is no cursor of this feed: start again without it.", ("since",)) from None


def _told(one: Change) -> Mapping[str, Any]:
    return {
        "kind": one.noun,
        "id": str(GlobalId(NOUNS[one.noun].prefix, one.row_id)),
        "happened": "CLOSED" if one.closed else "CHANGED",
        "at": one.changed_at,
    }


async def _log(changes: Iterable[Change], inquirer: Inquirer) -> None:
    """Whoever is told of a learner reads that there is one; the audit says so where the book asks for it."""
    told = [one for one in changes if not one.closed]
    learners = [one.row_id for one in told if one.noun == "Learner"]
    links = [one.row_id for one in told if one.noun == "Guardian"]
    of_links = await learners_of(inquirer.connection, inquirer.school_id, links) if links else []
    for element, whose in (("name", learners), ("guardian_name", of_links)):
        if whose and "log" in inquirer.asked.planner.plan(inquirer.asked.profile, element, "read").duties:
            inquirer.log(element, whose)


CHANGES: Final = Inquiry(
    "changes",
    "ChangeFeed!",
    "What changed in all that you may read of the school; for programs. Without `since`: everything there is.",
    (
        Argument("since", "String", "The cursor of the last answer; left out: from the beginning."),
        Argument("first", "Int", f"At most so many changes, 1 to {MOST}; {USUAL} where left out."),
    ),
    frozenset({(STRUCTURE, "read")}),
    _changes,
    (CHANGE, CHANGE_FEED),
    prepare=_prepare,
)
