"""Where programs ask for tokens, and what they read first."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from server.errors import Unavailable
from server.identity.oauth.endpoints import THREADS, OAuthEndpoints
from server.identity.oauth.metadata import ENDPOINTS, GRANTS, JWKS, PURGES, PUSHED
from server.identity.oauth.requests import Form
from server.identity.oauth.server import OAuthAnswer
from server.web.bodies import ClientGone, read_body
from server.web.logs import log_defect
from server.web.oauth.forms import MAXIMUM_BYTES, BadForm, read_form
from server.web.oauth.listed import Listed
from server.web.oauth.purges import Purged
from server.web.refusals import Refusal

Endpoint = Callable[[Form], OAuthAnswer]
_NO_STORE: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}


def oauth_routes(endpoints: OAuthEndpoints) -> list[BaseRoute]:
    asked = {
        ENDPOINTS["token_endpoint"]: endpoints.token,
        ENDPOINTS["revocation_endpoint"]: endpoints.revocation,
        ENDPOINTS["introspection_endpoint"]: endpoints.introspection,
        PUSHED: endpoints.pushed_request,
    }
    threads = ThreadPoolExecutor(THREADS, thread_name_prefix="oauth")
    posts = [Route(path, _Posted(endpoint, threads).answer, methods=["POST"]) for path, endpoint in asked.items()]
    return [
        *posts,
        Route(GRANTS, Listed(endpoints.grants, threads).answer, methods=["GET"]),
        Route(f"{PURGES}/{{school}}/{{purge}}", Purged(endpoints.acknowledge_purge, threads).answer, methods=["POST"]),
        _document(JWKS, endpoints.jwks),
        _document("/.well-known/oauth-authorization-server", endpoints.server_metadata),
        _document("/.well-known/oauth-protected-resource", endpoints.resource_metadata),
    ]


def _document(path: str, content: Callable[[], Mapping[str, Any]]) -> Route:
    async def endpoint(_: Request) -> Response:
        return JSONResponse(content())

    return Route(path, endpoint, methods=["GET"])


class _Posted:
    """One endpoint: a form in, JSON out. Nothing is answered with an unmasked defect."""

    def __init__(self, endpoint: Endpoint, threads: ThreadPoolExecutor) -> None:
        self._endpoint = endpoint
        self._threads = threads

    async def answer(self, request: Request) -> Response:
        headers = _headers(request)
        try:
            form = read_form(headers, await read_body(request.receive, headers, MAXIMUM_BYTES))
            loop = asyncio.get_running_loop()
            answer = await loop.run_in_executor(self._threads, self._endpoint, form)
        except BadForm as error:
            return _error(400, "invalid_request", error.sentence)
        except Refusal as refusal:
            return _error(refusal.status, "invalid_request", "The body was not taken: send a shorter one, faster.")
        except ClientGone:
            return Response()
        except Unavailable:
            return _error(503, "temporarily_unavailable", "Try again later.", {"Retry-After": "1"})
        except Exception as error:
            reference = log_defect(error, request.url.path)
            return _error(500, "server_error", f"Something went wrong on our side. Quote the reference {reference}.")
        if answer.status >= 400:
            # RFC 6749's words alone: invalid_client, invalid_grant.
            structlog.get_logger().info("refused", code=str(answer.body.get("error")), route="/oauth")
        return JSONResponse(answer.body, answer.status, {**dict(answer.headers), **_NO_STORE})


def _headers(request: Request) -> dict[bytes, bytes]:
    """One that was sent several times has commas between, which none that is read here may have."""
    found: dict[bytes, bytes] = {}
    for name, value in request.scope["headers"]:
        key = name.lower()
        found[key] = found[key] + b"," + value if key in found else value
    return found


def _error(status: int, code: str, sentence: str, headers: Mapping[str, str] | None = None) -> Response:
    """RFC 6749, section 5.2."""
    return JSONResponse({"error": code, "error_description": sentence}, status, {**_NO_STORE, **(headers or {})})
