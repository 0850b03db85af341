"""The application as the server process calls it: /graphql goes straight to its endpoint, all else through Starlette.

Starlette's middleware and router have nothing to add to a read, and cost a small one a fifth of its time: the endpoint
masks its own defects and writes every header itself.
"""

from __future__ import annotations

from typing import Final

from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

PATH: Final = "/graphql"


class Front(Starlette):
    """`graphql` answers PATH over HTTP, once the application has started."""

    graphql: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.graphql is not None and scope["type"] == "http" and scope["path"] == PATH:
            await self.graphql(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)
