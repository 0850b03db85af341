"""Before anything is timed, every road must give the same answer."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from tests.bench.load import Road
from tests.bench.roads import RAW

_SEALED = re.compile(rb'"(?:cur\.[0-9a-z.]+|[A-Za-z0-9_-]{40,})"')


async def agreed(roads: Sequence[Road]) -> int:
    """Bytes of the answer as the first road gives it. Raises AssertionError that names a road that differs."""
    first = await roads[0].ask(0)
    wanted = _answer(first, roads[0].name)
    for road in roads[1:]:
        assert _answer(await road.ask(0), road.name) == wanted, f"the road {road.name!r} gives another answer"
    return len(first)


def _answer(body: bytes, road: str) -> Any:
    """Numbers as text and members in order; cursors, which are new in each answer, and what it cost left out."""
    parsed = json.loads(_SEALED.sub(b'"cursor"', body), parse_float=str, object_pairs_hook=list)
    if road == RAW:
        return parsed
    told = [key for key, _ in parsed if key != "extensions"]
    assert told == ["data"], f"the road {road!r} answers with errors: {body[:300].decode()}"
    return parsed[0][1]
