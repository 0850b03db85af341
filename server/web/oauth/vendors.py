"""Requests that a program makes with its own token, of no school (RFC 6750): in JSON, and never with an unmasked defect."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from server.errors import BadUserInput, LimitExceeded, Unauthenticated, Unavailable
from server.web.bodies import ClientGone
from server.web.logs import log_defect
from server.web.refusals import Refusal

Work = Callable[[str], Mapping[str, Any]]
_NO_STORE: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_REFUSED: Final = 'Bearer error="invalid_token"'


class Malformed(Exception):
    """The request can't be read; the sentence tells what it should be."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


async def answered(request: Request, threads: ThreadPoolExecutor, work: Work) -> Response:
    """What `work`, which blocks, makes of the token. It may raise UsherError, Refusal and Malformed."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        return error(401, "invalid_token", "Send a token of the program itself.", {"WWW-Authenticate": "Bearer"})
    try:
        found = await asyncio.get_running_loop().run_in_executor(threads, work, token.strip())
    except Unauthenticated as refusal:
        return error(401, "invalid_token", str(refusal), {"WWW-Authenticate": _REFUSED})
    except Malformed as refusal:
        return error(400, "invalid_request", refusal.sentence)
    except (BadUserInput, LimitExceeded) as refusal:
        return error(400, "invalid_request", str(refusal), argument=refusal.path)
    except Refusal as refusal:
        return error(refusal.status, "invalid_request", refusal.error.message)
    except Unavailable:
        return error(503, "temporarily_unavailable", "Try again later.", {"Retry-After": "1"})
    except Exception as defect:
        return masked(request, defect)
    return JSONResponse(found, headers=_NO_STORE)


def not_taken(request: Request, reason: Exception) -> Response:
    """Of a body that wasn't read."""
    if isinstance(reason, ClientGone):
        return Response()
    if isinstance(reason, Refusal):
        return error(reason.status, "invalid_request", reason.error.message)
    return masked(request, reason)


def masked(request: Request, defect: Exception) -> Response:
    reference = log_defect(defect, request.url.path)
    return error(500, "server_error", f"Something went wrong on our side. Quote the reference {reference}.")


def error(
    status: int,
    code: str,
    sentence: str,
    headers: Mapping[str, str] | None = None,
    argument: tuple[str | int, ...] = (),
) -> Response:
    body: dict[str, Any] = {"error": code, "error_description": sentence}
    if argument:
        body["argument"] = list(argument)
    return JSONResponse(body, status, {**_NO_STORE, **(headers or {})})
