"""Requests that prove nobody: how many of them one address is told about each.

A token that is good is never refused for what others at the same address brought: a school has one address, and a pupil
could keep all of it out. So each token is looked at, which takes a fraction of a millisecond; what runs out is the answer
that says what was wrong, and with it the connection.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from server.errors import RateLimited
from server.identity.people.attempts import network_of
from server.resolvers.budgets import Buckets
from server.web.refusals import CLOSE, Refusal, retry_after

AT_ONCE: Final = 1_000
PER_SECOND: Final = 50
MOST_ADDRESSES: Final = 20_000
_SAID: Final = "Too many requests without a valid token came from your address: get a new token before you ask again."


class Strangers:
    """Of one worker. An address is a whole network of IPv6 that one household has."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, at_once: int = AT_ONCE) -> None:
        self._failed = Buckets(at_once, PER_SECOND, clock, MOST_ADDRESSES)

    def failed(self, address: str | None) -> None:
        """Raises Refusal (429) where it was too often."""
        left = self._failed.take(network_of(address or ""), 1)
        if left < 0:
            error = RateLimited(_SAID, self._failed.seconds(-left))
            raise Refusal(429, error, (*retry_after(error), *CLOSE))
