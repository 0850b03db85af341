"""Where a program registers its documents, lists them, and ends them: with its own token, in JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, Final, cast

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.database.blocking_pool import BlockingConnection
from server.errors import BadUserInput, LimitExceeded
from server.identity.oauth.documents import (
    NewDocument,
    Registered,
    add_documents,
    documents_of,
    end_document,
    mode_of,
)
from server.identity.oauth.endpoints import OAuthEndpoints
from server.identity.oauth.metadata import DOCUMENTS
from server.web.bodies import read_body
from server.web.json_input import parse_json
from server.web.oauth.new_documents import new_document
from server.web.oauth.vendors import Malformed, answered, error, not_taken
from server.web.requests import is_json

MOST_AT_ONCE: Final = 50
MAXIMUM_BYTES: Final = 1024 * 1024
_FORM: Final = 'Send {"documents": [{"document": "query ...", "purpose": "teaching"}]}'
_ID: Final = re.compile(r"(?:sha256:)?([0-9a-f]{64})", re.ASCII)


def document_routes(endpoints: OAuthEndpoints) -> list[BaseRoute]:
    desk = _Documents(endpoints)
    return [
        Route(DOCUMENTS, desk.listed, methods=["GET"]),
        Route(DOCUMENTS, desk.added, methods=["POST"]),
        Route(f"{DOCUMENTS}/{{document_id}}", desk.ended, methods=["DELETE"]),
    ]


class _Documents:
    """One thread: reading many documents takes turns with whatever else is served."""

    def __init__(self, endpoints: OAuthEndpoints) -> None:
        self._endpoints = endpoints
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="documents")

    async def listed(self, request: Request) -> Response:
        return await answered(request, self._threads, lambda token: self._endpoints.as_vendor(token, _listed))

    async def added(self, request: Request) -> Response:
        headers = {name.lower(): value for name, value in request.scope["headers"]}
        if not is_json(headers.get(b"content-type", b"")):
            return error(415, "invalid_request", "Send application/json in UTF-8.")
        try:
            body = await read_body(request.receive, headers, MAXIMUM_BYTES)
        except Exception as reason:
            return not_taken(request, reason)

        return await answered(request, self._threads, lambda token: self._add(token, body))

    async def ended(self, request: Request) -> Response:
        found = _ID.fullmatch(str(request.path_params["document_id"]))

        def end(connection: BlockingConnection, client_id: str, now: datetime) -> Mapping[str, Any]:
            end_document(connection, client_id, found[1] if found else "", now)
            return _listed(connection, client_id, now)

        return await answered(request, self._threads, lambda token: self._endpoints.as_vendor(token, end))

    def _add(self, token: str, body: bytes) -> Mapping[str, Any]:
        self._endpoints.as_vendor(token, _listed)  # nothing is read for a stranger, and nobody waits for the reading
        documents = _read(body)

        def add(connection: BlockingConnection, client_id: str, now: datetime) -> Mapping[str, Any]:
            add_documents(connection, client_id, documents, now)
            return _listed(connection, client_id, now)

        return self._endpoints.as_vendor(token, add)


def _listed(connection: BlockingConnection, client_id: str, _: datetime) -> Mapping[str, Any]:
    """`mode` is null where nobody chose one."""
    mode = mode_of(connection, client_id)
    documents = [_shown(one) for one in documents_of(connection, client_id)]
    return {"client": client_id, "mode": mode, "documents": documents}


def _shown(one: Registered) -> Mapping[str, str]:
    registered = one.registered_at.isoformat()
    return {"documentId": one.digest, "name": one.name, "purpose": one.purpose, "registeredAt": registered}


def _read(body: bytes) -> list[NewDocument]:
    """Raises Malformed, and for the document that can't be registered BadUserInput and LimitExceeded, with its place."""
    value = parse_json(body)
    given: Any = cast("dict[str, Any]", value).get("documents") if isinstance(value, dict) else None
    if not isinstance(given, list):
        raise Malformed(f"{_FORM}.")
    entries = cast("list[Any]", given)
    if not 0 < len(entries) <= MOST_AT_ONCE:
        raise Malformed(f"{_FORM}, at most {MOST_AT_ONCE} at once.")
    return [_one(place, entry) for place, entry in enumerate(entries)]


def _one(place: int, entry: Any) -> NewDocument:
    members = cast("dict[str, Any]", entry) if isinstance(entry, dict) else {}
    text, purpose = members.get("document"), members.get("purpose")
    if not isinstance(text, str) or not isinstance(purpose, str) or len(members) > 2:
        raise Malformed(f"{_FORM}: each with these two members, texts, and no other.")
    try:
        return new_document(text, purpose)
    except (BadUserInput, LimitExceeded) as error:
        raise type(error)(error.message, ("documents", place, *error.path)) from None
