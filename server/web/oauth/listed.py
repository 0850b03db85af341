"""A program's list of its grants over HTTP, asked for with a token of its own (RFC 6750)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from server.errors import Unauthenticated, Unavailable
from server.web.logs import log_defect

_NO_STORE: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_REFUSED: Final = 'Bearer error="invalid_token"'


class Listed:
    """`grants` blocks, and takes the token and the school that the page comes after."""

    def __init__(self, grants: Callable[[str, UUID | None], Mapping[str, Any]], threads: ThreadPoolExecutor) -> None:
        self._grants = grants
        self._threads = threads

    async def answer(self, request: Request) -> Response:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            return _error(401, "invalid_token", "Send a token for the list of grants.", {"WWW-Authenticate": "Bearer"})
        try:
            text = request.query_params.get("after")
            after = None if text is None else UUID(text)
        except ValueError:
            return _error(400, "invalid_request", "after is what the page before called next.")
        try:
            loop = asyncio.get_running_loop()
            found = await loop.run_in_executor(self._threads, self._grants, token.strip(), after)
        except Unauthenticated as error:
            return _error(401, "invalid_token", str(error), {"WWW-Authenticate": _REFUSED})
        except Unavailable:
            return _error(503, "temporarily_unavailable", "Try again later.", {"Retry-After": "1"})
        except Exception as error:
            reference = log_defect(error, request.url.path)
            return _error(500, "server_error", f"Something went wrong on our side. Quote the reference {reference}.")
        return JSONResponse(found, headers=_NO_STORE)


def _error(status: int, code: str, sentence: str, headers: Mapping[str, str] | None = None) -> Response:
    return JSONResponse({"error": code, "error_description": sentence}, status, {**_NO_STORE, **(headers or {})})
