"""By what right a stream began, and whether all of it still holds.

A stream ends as soon as anything that it began with is gone: a role, a fact such as a certificate, a grant or broken
glass, an element that its document reads, the learner, class or course that it names, a child of the parent. Whoever
still may follow something begins anew; what they are told then is what the rules of now let them read.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any, Final

from server.errors import Forbidden, PermissionEnded
from server.policies.permit import Coordinate
from server.policies.vocabulary import Capacity
from server.resolvers.asked import Asked
from server.resolvers.live.following import Following

_NAMED: Final = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
_SOMEBODY: Final = "{ learners(first: 1) { nodes { id } } }"
_CHILDREN: Final = "{ learners(first: 50) { nodes { id } } }"
_FAMILY: Final = frozenset({Capacity.PARENT, Capacity.LEARNER})
_ENDED: Final = "Something that this stream began with is not open to you any more: follow anew what you still may."


@dataclass(frozen=True, slots=True)
class Rights:
    """`opened` are the coordinates that were open, `subjects` the ids that were visible, when the stream began."""

    following: Following
    asked: Asked
    opened: frozenset[Coordinate]
    subjects: frozenset[str]

    async def check(self) -> Asked:
        """Where the asker stands now. Raises PermissionEnded, and Unauthenticated for an account that is not active."""
        asked = await _stands(self.following)
        before, now = self.asked.profile, asked.profile
        if not (
            before.roles <= now.roles and before.facts <= now.facts and self.opened <= _open(self.following, asked)
        ):
            raise PermissionEnded(_ENDED)
        if not self.subjects <= await _subjects(self.following):
            raise PermissionEnded(_ENDED)
        return asked


async def rights(following: Following) -> Rights:
    """Raises Forbidden where nothing of the kind is open to the asker, alike for what is hidden and what isn't there."""
    name = following.subscription.name
    asked = await _stands(following)
    opened = _open(following, asked)
    subjects = await _subjects(following) if following.subscription.coordinates <= opened else frozenset[str]()
    if not following.subscription.coordinates <= opened or not subjects:
        raise Forbidden(f"{name} is not for you, or of nothing that you may know of.", (name,))
    if not frozenset(following.narrowing.ids) <= subjects:
        raise Forbidden(f"{name} is not for you, or of nothing that you may know of.", (name,))
    return Rights(following, asked, opened, subjects)


async def _stands(following: Following) -> Asked:
    request, execution = following.sent.request, following.execution
    now = execution.now()
    return await execution.standings.of(request.principal, now, request.purpose, request.reason, fresh=True)


def _open(following: Following, asked: Asked) -> frozenset[Coordinate]:
    permit = asked.planner.permit(asked.profile, following.coordinates)
    return frozenset(one for one in following.coordinates if not permit.plan(*one).nothing)


async def _subjects(following: Following) -> frozenset[str]:
    """What the stream names, as far as the asker may know of it; without a name a family's learners, or that there is any."""
    ids = list(following.narrowing.ids)
    if ids:
        data = await _asked_for(following, _NAMED, {"ids": ids})
        return frozenset(one["id"] for one in data.get("nodes") or () if one)
    family = following.sent.request.principal.capacity in _FAMILY
    data = await _asked_for(following, _CHILDREN if family else _SOMEBODY, {})
    found = [one["id"] for one in (data.get("learners") or {"nodes": ()})["nodes"]]
    return frozenset(found) if family else frozenset(["somebody"] if found else [])


async def _asked_for(following: Following, document: str, variables: dict[str, Any]) -> dict[str, Any]:
    """The compiled, governed answer; empty where it is refused."""
    request = replace(following.sent.request, document=document, operation_name=None, variables=variables)
    answer = await following.execution.run(request)
    return json.loads(answer.body).get("data") or {}
