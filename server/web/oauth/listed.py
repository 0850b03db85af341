"""A program's list of its grants over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from server.web.oauth.vendors import Malformed, answered


class Listed:
    """`grants` blocks, and takes the token and the school that the page comes after."""

    def __init__(self, grants: Callable[[str, UUID | None], Mapping[str, Any]], threads: ThreadPoolExecutor) -> None:
        self._grants = grants
        self._threads = threads

    async def answer(self, request: Request) -> Response:
        return await answered(request, self._threads, lambda token: self._grants(token, _after(request)))


def _after(request: Request) -> UUID | None:
    """Raises Malformed."""
    text = request.query_params.get("after")
    try:
        return None if text is None else UUID(text)
    except ValueError:
        raise Malformed("after is what the page before called next.") from None
