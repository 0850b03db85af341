"""What is followed that no noun tells: new versions of the rules, and notices of one's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from server.queries.events import OutboxEvent
from server.resolvers.access.changes import NOTICE
from server.resolvers.access.fact_kinds import NOTICE_KIND, SUBJECT_KIND
from server.resolvers.access.fact_values import id_of
from server.resolvers.access.inquiries_of_facts import own_notices
from server.resolvers.inquiry import Inquirer
from server.resolvers.live.subscription import Subscription


async def _versions(events: Sequence[OutboxEvent], _: Inquirer) -> Mapping[int, Mapping[str, Any]]:
    return {event.sequence: {"version": event.payload["version"]} for event in events}


async def _notices(events: Sequence[OutboxEvent], inquirer: Inquirer) -> Mapping[int, Mapping[str, Any]]:
    """Those that address the asker: the wall of the table shows no other."""
    own = {one["id"]: one for one in await own_notices({}, inquirer)}
    named = {event.sequence: id_of(NOTICE, UUID(event.payload["notice"])) for event in events}
    return {sequence: {"notice": own[id_]} for sequence, id_ in named.items() if id_ in own}


POLICY_PUBLISHED: Final = Subscription(
    name="policyPublished",
    description="New versions of the school's rule book, for those who may read it.",
    tells=_versions,
    members=(("version", "Int!", "The version that is in force from now on."),),
    coordinates=frozenset({("policy", "read")}),
)
NOTICE_POSTED: Final = Subscription(
    name="noticePosted",
    description="Notices to you, each time one is posted.",
    tells=_notices,
    members=(("notice", "Notice!", "The notice."),),
    kinds=(NOTICE_KIND, SUBJECT_KIND),
    mine=lambda payload, asked: payload["person"] == str(asked.principal.person_id),
)
