"""Questions that a stream asks in its follower's name: by the compiled, governed read, as the follower could."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from server.policies.vocabulary import Capacity
from server.queries.ids import decode
from server.resolvers.live.narrowing import ClassRoll

if TYPE_CHECKING:
    from server.resolvers.live.following import Following

_NAMED: Final = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
_SOMEBODY: Final = "{ learners(first: 1) { nodes { id } } }"
_FAMILY: Final = "{ learners(first: 50) { nodes { id } } }"
_ROLL: Final = "query ($id: ID!) { class(id: $id) { course { id } learners(first: 500) { id } } }"
_FAMILIES: Final = frozenset({Capacity.PARENT, Capacity.LEARNER})
_NOBODY: Final = frozenset({"nobody in particular"})


async def subjects(following: Following) -> frozenset[str]:
    """What the stream names, as far as the asker may know of it; else a family's learners, or that there is any learner."""
    if following.subscription.row is None:
        return _NOBODY
    ids = list(following.narrowing.ids)
    if ids:
        data = await _asked_for(following, _NAMED, {"ids": ids})
        return frozenset(one["id"] for one in data.get("nodes") or () if one)
    family = following.sent.request.principal.capacity in _FAMILIES
    data = await _asked_for(following, _FAMILY if family else _SOMEBODY, {})
    found = [one["id"] for one in (data.get("learners") or {"nodes": ()})["nodes"]]
    return frozenset(found) if family else _NOBODY if found else frozenset()


async def roll_of(following: Following, class_id: UUID) -> ClassRoll | None:
    """None where the asker may not know of the class."""
    found = (await _asked_for(following, _ROLL, {"id": f"cls_{class_id.hex}"})).get("class")
    if not found or not found["course"]:
        return None
    return ClassRoll(_key(found["course"]), frozenset(_key(one) for one in found["learners"] or ()))


def _key(row: dict[str, Any]) -> UUID:
    return decode(row["id"], ("id",)).key


async def _asked_for(following: Following, document: str, variables: dict[str, Any]) -> dict[str, Any]:
    """Empty where it is refused."""
    request = replace(following.sent.request, document=document, operation_name=None, variables=variables)
    answer = await following.execution.run(request)
    return json.loads(answer.body).get("data") or {}
