"""A program's word that it deleted what a school's scope had opened to it, over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from server.web.oauth.vendors import Malformed, answered


class Purged:
    """`acknowledge` blocks, and takes the token, the school and the purge."""

    def __init__(
        self, acknowledge: Callable[[str, UUID, UUID], Mapping[str, Any]], threads: ThreadPoolExecutor
    ) -> None:
        self._acknowledge = acknowledge
        self._threads = threads

    async def answer(self, request: Request) -> Response:
        def work(token: str) -> Mapping[str, Any]:
            return self._acknowledge(token, _id(request, "school", "sch_"), _id(request, "purge"))

        return await answered(request, self._threads, work)


def _id(request: Request, name: str, prefix: str = "") -> UUID:
    """Raises Malformed."""
    try:
        return UUID(request.path_params[name].removeprefix(prefix))
    except ValueError:
        raise Malformed(f"The {name} in the path is no id: take it from the grants endpoint.") from None
