"""Whether what somebody may do at a school takes a second factor: for the hint to set one up.

Nothing rests on it: a token of one factor is refused with each question that it brings.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from server.errors import PolicyUnavailable, SecondFactorRequired, Unauthenticated
from server.identity.people.hats import Hat
from server.identity.principal import Principal
from server.policies.vocabulary import Capacity
from server.resolvers.asked import Standings

_ASKED: Final = frozenset({Capacity.STAFF, Capacity.OPERATOR})


class Demands:
    """Of one worker: it asks as the API would."""

    def __init__(self, standings: Standings) -> None:
        self._standings = standings

    async def any_of(self, hats: Iterable[Hat], now: datetime) -> bool:
        """Whether one of them demands it. Raises Unavailable."""
        for hat in hats:
            if hat.capacity in _ASKED and await self._demands(hat, now):
                return True
        return False

    async def _demands(self, hat: Hat, now: datetime) -> bool:
        asker = Principal(hat.school_id, hat.person_id, hat.capacity, None, "", int(time.time()))
        try:
            await self._standings.of(asker, now, None, None)
        except SecondFactorRequired:
            return True
        except (Unauthenticated, PolicyUnavailable):  # nothing may be done there at present
            return False
        return False
