"""One school's people asking a server: short words for tests of single operations."""

from __future__ import annotations

from typing import Any

from tests.oracle.served import Served
from tests.worlds import World


class Desk:
    """`world` is the school that is asked of; handles are those of its people and rows."""

    def __init__(self, served: Served, world: World) -> None:
        self.served, self.world = served, world

    async def body(
        self,
        handle: str,
        document: str,
        variables: dict[str, Any] | None = None,
        *,
        capacity: str = "STAFF",
        reason: str | None = None,
    ) -> Any:
        """The whole answer, parsed."""
        return await self.served.raw(self.world, self.world.ids[handle], capacity, document, variables, reason)

    async def ask(
        self,
        handle: str,
        document: str,
        variables: dict[str, Any] | None = None,
        *,
        capacity: str = "STAFF",
        reason: str | None = None,
    ) -> Any:
        """The data of an answer without errors."""
        body = await self.body(handle, document, variables, capacity=capacity, reason=reason)
        assert "errors" not in body, body
        return body["data"]

    async def code(self, handle: str, document: str, variables: dict[str, Any] | None = None, **of: Any) -> str:
        """The code of a refusal, which comes without data."""
        body = await self.body(handle, document, variables, **of)
        assert body.get("data") is None
        return body["errors"][0]["extensions"]["code"]

    def id(self, prefix: str, handle: str) -> str:
        return f"{prefix}_{self.world.ids[handle].hex}"
