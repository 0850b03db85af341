"""Questions that a stream asks in its follower's name: by the compiled, governed read, as the follower could."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from server.policies.vocabulary import Capacity
from server.queries.ids import decode
from server.resolvers.live.narrowing import ClassRoll
from server.resolvers.live.subscribed import Subscribed

_NAMED: Final = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
_SOMEBODY: Final = "{ learners(first: 1) { nodes { id } } }"
_FAMILY: Final = "{ learners(first: 50) { nodes { id } } }"
_ROLL: Final = "query ($id: ID!) { class(id: $id) { course { id } learners(first: 500) { id } } }"
_FAMILIES: Final = frozenset({Capacity.PARENT, Capacity.LEARNER})
_NOBODY: Final = frozenset({"nobody in particular"})
_FRESH: Final = timedelta(seconds=2)


async def subjects(of: Subscribed) -> frozenset[str]:
    """What the stream names, as far as the asker may know of it; else a family's learners, or that there is any learner."""
    if of.subscription.row is None:
        return _NOBODY
    ids = list(of.narrowing.ids)
    if ids:
        data = await _asked_for(of, _NAMED, {"ids": ids})
        return frozenset(one["id"] for one in data.get("nodes") or () if one)
    family = of.sent.request.principal.capacity in _FAMILIES
    data = await _asked_for(of, _FAMILY if family else _SOMEBODY, {})
    found = [one["id"] for one in (data.get("learners") or {"nodes": ()})["nodes"]]
    return frozenset(found) if family else _NOBODY if found else frozenset()


class Rolls:
    """Of the class that one subscription is narrowed to, at most two seconds old."""

    def __init__(self, of: Subscribed) -> None:
        self._of = of
        self._read: tuple[datetime, ClassRoll | None] | None = None

    async def now(self) -> ClassRoll | None:
        """None where no class is asked for, or the asker may not know of it."""
        class_id = self._of.narrowing.class_id
        if class_id is None:
            return None
        now = self._of.execution.now()
        if self._read is None or now - self._read[0] > _FRESH:
            self._read = now, await _roll(self._of, class_id)
        return self._read[1]


async def _roll(of: Subscribed, class_id: UUID) -> ClassRoll | None:
    found = (await _asked_for(of, _ROLL, {"id": f"cls_{class_id.hex}"})).get("class")
    if not found or not found["course"]:
        return None
    return ClassRoll(_key(found["course"]), frozenset(_key(one) for one in found["learners"] or ()))


def _key(row: dict[str, Any]) -> UUID:
    return decode(row["id"], ("id",)).key


async def _asked_for(of: Subscribed, document: str, variables: dict[str, Any]) -> dict[str, Any]:
    """Empty where it is refused."""
    request = replace(of.sent.request, document=document, operation_name=None, variables=variables, own=True)
    answer = await of.execution.run(request)
    return json.loads(answer.body).get("data") or {}
