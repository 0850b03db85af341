"""By what right a stream began, and whether all of it still holds.

A stream ends as soon as anything that it began with is gone: a role, a fact such as a certificate, a grant or broken
glass, an element that its document reads, the learner, class or course that it names, a child of the parent. Whoever
still may follow something begins anew; what they are told then is what the rules of now let them read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from server.errors import Forbidden, PermissionEnded
from server.policies.permit import Coordinate
from server.resolvers.asked import Asked
from server.resolvers.live.following import Following
from server.resolvers.live.probing import subjects

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
        if not (asked.profile.keeps(self.asked.profile) and self.opened <= _open(self.following, asked)):
            raise PermissionEnded(_ENDED)
        if not self.subjects <= await subjects(self.following.subscribed):
            raise PermissionEnded(_ENDED)
        return asked


async def rights(following: Following) -> Rights:
    """Raises Forbidden where nothing of the kind is open to the asker, alike for what is hidden and what isn't there."""
    name = following.subscribed.subscription.name
    refusal = Forbidden(f"{name} is not for you, or of nothing that you may know of.", (name,))
    asked = await _stands(following)
    opened = _open(following, asked)
    if not following.subscribed.subscription.coordinates <= opened:
        raise refusal
    found = await subjects(following.subscribed)
    if not found or not frozenset(following.subscribed.narrowing.ids) <= found:
        raise refusal
    return Rights(following, asked, opened, found)


async def _stands(following: Following) -> Asked:
    request, execution = following.subscribed.sent.request, following.subscribed.execution
    return await execution.stand(request, execution.now(), fresh=True)


def _open(following: Following, asked: Asked) -> frozenset[Coordinate]:
    permit = asked.planner.permit(asked.profile, following.coordinates)
    return frozenset(one for one in following.coordinates if not permit.plan(*one).nothing)
