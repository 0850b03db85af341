"""A published rule book is loaded and planned when it is heard of, so that the first request needn't wait for it."""

from __future__ import annotations

from uuid import UUID

import structlog

from server.resolvers.asked import Standings

CHANNEL = "usher_policy"


class Prefetching:
    """`heard` takes the payload "school:version". Anyone who may NOTIFY can send one: it is believed in nothing."""

    def __init__(self, standings: Standings) -> None:
        self._standings = standings

    async def heard(self, payload: str) -> None:
        """Raises ValueError for another payload, PolicyUnavailable for a version that can't be used."""
        school, _, version = payload.partition(":")
        await self._standings.prefetch(UUID(school), int(version))
        structlog.get_logger().info("rule book at hand", version=int(version))
