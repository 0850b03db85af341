"""Jobs walk over all schools: what is wrong at one stops no other."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar
from uuid import UUID

Found = TypeVar("Found")


async def school_by_school(schools: Iterable[UUID], work: Callable[[UUID], Awaitable[Found]]) -> dict[UUID, Found]:
    """What `work` found at each, one after the other. Raises the first fault, once every school has had its turn."""
    found: dict[UUID, Found] = {}
    faults: list[Exception] = []
    for school_id in schools:
        try:
            found[school_id] = await work(school_id)
        except Exception as fault:
            faults.append(fault)
    if faults:
        raise faults[0]
    return found
