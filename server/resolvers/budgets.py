"""What each principal may still spend in this worker: a bucket of cost that fills again, second by second.

One look in a dictionary a request, and no database. Each worker has its own: what protects it can't wait for others. Buckets
that nobody touched for the longest time are forgotten when there are too many; whoever comes again has a full one.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Final

from server.errors import RateLimited
from server.identity.principal import Principal
from server.policies.vocabulary import Capacity

MOST_PRINCIPALS: Final = 20_000
NEW_DOCUMENT: Final = 500
"""What reading a document costs that this worker doesn't know, beside its length in characters; and again under variables
of another shape: of a bucket of its own, so that what answers say is left tells of nobody else's documents."""


class Bucket:
    """`level` was right at `at`, in seconds of the clock."""

    __slots__ = ("at", "level")

    def __init__(self, level: float, at: float) -> None:
        self.level = level
        self.at = at


class Buckets:
    """Of one kind of cost, by key; at most `most` of them."""

    def __init__(self, size: int, per_second: int, clock: Callable[[], float], most: int = MOST_PRINCIPALS) -> None:
        self.size = size
        self.per_second = per_second
        self._clock = clock
        self._most = most
        self._known: OrderedDict[Any, Bucket] = OrderedDict()

    def take(self, key: Any, cost: int) -> int:
        """What is left. Less than nothing: nothing was taken, and this much is missing."""
        bucket = self._filled(key)
        if cost > bucket.level:
            return math.floor(bucket.level) - cost
        bucket.level -= cost
        return int(bucket.level)

    def left(self, key: Any) -> int:
        return int(self._filled(key).level)

    def seconds(self, missing: int) -> int:
        """Until so much more is there: whole seconds, at least one."""
        return max(1, math.ceil(missing / self.per_second))

    def __len__(self) -> int:
        return len(self._known)

    def _filled(self, key: Any) -> Bucket:
        now = self._clock()
        bucket = self._known.get(key)
        if bucket is None:
            bucket = self._known[key] = Bucket(self.size, now)
            if len(self._known) > self._most:
                self._known.popitem(last=False)
            return bucket
        self._known.move_to_end(key)
        bucket.level = min(self.size, bucket.level + (now - bucket.at) * self.per_second)
        bucket.at = now
        return bucket


class Budgets:
    """Of one worker. `size` is the most that a principal can have saved up, `per_second` what comes back."""

    def __init__(
        self,
        size: int,
        per_second: int,
        clock: Callable[[], float] = time.monotonic,
        most: int = MOST_PRINCIPALS,
    ) -> None:
        self.size = size
        self.per_second = per_second
        self._spent = Buckets(size, per_second, clock, most)
        self._new = Buckets(size, per_second, clock, most)

    def charge(self, principal: Principal, cost: int) -> int:
        """What is left. Raises RateLimited, and takes nothing."""
        left = self._spent.take(_key(principal), cost)
        if left < 0:
            raise _limited(self._spent.seconds(-left))
        return left

    def left(self, principal: Principal) -> int:
        return self._spent.left(_key(principal))

    def new_document(self, principal: Principal, length: int) -> None:
        """Before a text is parsed, or read under variables of another shape. Raises RateLimited."""
        left = self._new.take(_key(principal), min(NEW_DOCUMENT + length, self.size))
        if left < 0:
            raise RateLimited(_NEW, self._new.seconds(-left))


def _key(principal: Principal) -> tuple[Any, ...]:
    """A program at a school; a person in one capacity, whatever app they use."""
    if principal.capacity == Capacity.CLIENT:
        return (principal.school_id, principal.client_id)
    return (principal.school_id, principal.person_id, principal.capacity)


_NEW: Final = "Too many new documents at once: ask those that you asked before with other variables, or wait a little."


def _limited(seconds: int) -> RateLimited:
    return RateLimited("You asked for a great deal in a short time: wait, or ask for fewer with first.", seconds)
