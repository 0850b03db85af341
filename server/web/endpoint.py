"""/graphql over HTTP, by POST and, where it is set, by GET, as one plain ASGI application."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from starlette.types import Receive, Scope, Send

from server.errors import BadUserInput, Unavailable, UsherError
from server.identity.principal import Principal
from server.policies.vocabulary import Capacity
from server.resolvers.execution import OperationAnswer, OperationRequest
from server.web.bearers import PATH, Proves, Verifies, bearer, believed
from server.web.bodies import DEADLINE as BODY_DEADLINE
from server.web.bodies import LARGEST_BATCH, MAXIMUM_BYTES, ClientGone, read_body
from server.web.by_get import parameters_of_address
from server.web.counting import Tally
from server.web.deadlines import Deadlines
from server.web.event_stream import EventStream, last_event, wants_events
from server.web.following import Opens
from server.web.leaving import Leaving
from server.web.logs import log_defect, log_refusal
from server.web.measuring import Metrics
from server.web.media_types import JSON, RESPONSE, negotiate
from server.web.refusals import Headers, Refusal, defect_body, error_body, refusal_of
from server.web.requests import PURPOSE, REASON, Parameters, header_text, is_json, read_parameters
from server.web.secure_headers import DEFAULTS, secured
from server.web.strangers import Strangers
from server.web.whole_answers import EXTENSION, head, whole

DEADLINE: Final = 30.0
_TYPES: Final = {media: f"{media}; charset=utf-8".encode() for media in (JSON, RESPONSE)}
_USUAL: Final = (200, 400)
_SINGLE: Final = (b"authorization", b"dpop", b"content-type", b"content-length", PURPOSE, REASON)


class Executes(Protocol):
    """Raises UsherError for what is refused before execution; anything else is a defect."""

    async def run(self, request: OperationRequest) -> OperationAnswer: ...


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    media: str
    body: bytes
    headers: Headers = ()


class GraphQLEndpoint:
    """Reads the request, asks who it is, has it run, and answers; everything unforeseen is masked."""

    def __init__(
        self,
        execution: Executes,
        verifier: Verifies,
        deadline: float = DEADLINE,
        body_deadline: float = BODY_DEADLINE,
        streams: Opens | None = None,
        leaving: Leaving | None = None,
        proofs: Proves | None = None,
        get: bool = False,
        metrics: Metrics | None = None,
        own_headers: Headers = DEFAULTS,
        strangers: Strangers | None = None,
    ) -> None:
        """`deadline`: seconds for one operation; `body_deadline`: for the arrival of its body; `streams`: for
        subscriptions; `get`: whether queries are answered by GET too; `own_headers`: those of every answer;
        `strangers`: who counts tokens that are none."""
        self._own_headers = own_headers
        self._headers = {
            media: ((b"content-type", _TYPES[media]), (b"vary", b"Accept"), *own_headers) for media in _TYPES
        }
        self._heads = {(status, media): head(status, self._headers[media]) for status in _USUAL for media in _TYPES}
        self._methods = ("GET", "POST") if get else ("POST",)
        self._streams = streams
        self._leaving = leaving or Leaving()
        self._execution = execution
        self._verifier = verifier
        self._proofs = proofs
        self._strangers = strangers
        self._metrics = metrics or Metrics()
        self._deadlines = Deadlines(deadline)
        self._body_deadlines = Deadlines(body_deadline)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun, tally = time.perf_counter(), Tally()
        try:
            answer = await self._answer(scope, receive, send, tally)
            if answer is not None:
                tally.status, tally.sent = answer.status, len(answer.body)
                await self._send(answer, scope, send)
        finally:
            self._metrics.answered(PATH, tally.status, time.perf_counter() - begun, tally.sent)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, tally: Tally) -> _Answer | None:
        """None where a stream was told, or nobody is there any more."""
        media = JSON
        try:
            if scope["method"] not in self._methods:
                allowed = ", ".join(self._methods).encode()
                raise Refusal(405, BadUserInput("Send operations by POST."), ((b"allow", allowed),))
            by_get = scope["method"] == "GET"
            headers = _headers(scope)
            principal = await bearer(headers, self._verifier, scope, self._proofs, self._strangers)
            if self._streams is not None and not by_get and wants_events(headers.get(b"accept")):
                _check_content_type(headers)
                request = await self._posted(headers, principal, receive)
                tallied = tally.through(secured(send, self._own_headers))
                stream = EventStream(
                    self._streams,
                    self._leaving,
                    scope,
                    receive,
                    tallied,
                    believed=lambda: believed(headers, self._verifier),
                )
                await stream.tell(request, last_event(headers))
                return None
            media = _media(headers)
            if by_get:
                request = _request(headers, principal, parameters_of_address(scope["query_string"]), by_get=True)
            else:
                _check_content_type(headers)
                request = await self._posted(headers, principal, receive)
            return await self._run(request, media)
        except ClientGone:
            return None
        except Refusal as refusal:
            return _refused(refusal, media)
        except UsherError as error:
            return _refused(refusal_of(error, media == RESPONSE), media)
        except Exception as defect:
            return _Answer(500, media, defect_body(log_defect(defect, PATH)))

    async def _posted(
        self, headers: Mapping[bytes, bytes], principal: Principal, receive: Receive
    ) -> OperationRequest:  # fmt: skip
        most = LARGEST_BATCH if principal.capacity == Capacity.CLIENT else MAXIMUM_BYTES
        body = await read_body(receive, headers, most, self._body_deadlines)
        self._metrics.taken(len(body))
        return _request(headers, principal, read_parameters(body))

    async def _run(self, request: OperationRequest, media: str) -> _Answer:
        deadline = self._deadlines.begin()
        try:
            with deadline:
                answer = await self._execution.run(request)
        except TimeoutError:
            if not deadline.expired:
                raise
            raise Unavailable(
                "The operation took too long. If it changes something, whether it did is not known: "
                "repeat it with the same idempotency key."
            ) from None
        log_refusal(answer.code, "/graphql")
        return _Answer(200 if answer.executed or media == JSON else 400, media, answer.body)

    async def _send(self, answer: _Answer, scope: Scope, send: Send) -> None:
        if not answer.headers and EXTENSION in scope.get("extensions", ()):
            known = self._heads.get((answer.status, answer.media))
            if known is not None:
                await send(whole(known, answer.body))
                return
        headers = [*self._headers[answer.media], (b"content-length", b"%d" % len(answer.body)), *answer.headers]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})


def _request(
    headers: Mapping[bytes, bytes], principal: Principal, parameters: Parameters, *, by_get: bool = False
) -> OperationRequest:
    """Raises Refusal (400)."""
    return OperationRequest(
        document=parameters.document,
        operation_name=parameters.operation_name,
        variables=parameters.variables,
        principal=principal,
        purpose=header_text(headers, PURPOSE),
        reason=header_text(headers, REASON),
        document_id=parameters.document_id,
        by_get=by_get,
    )


def _headers(scope: Scope) -> dict[bytes, bytes]:
    """By name in lower case. Raises Refusal when one that must stand alone doesn't."""
    headers: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        if name not in headers:
            headers[name] = value
        elif name in _SINGLE:
            raise Refusal(400, BadUserInput(f"The header {name.decode()} is there twice."))
        else:
            headers[name] += b"," + value
    return headers


def _media(headers: Mapping[bytes, bytes]) -> str:
    """The media type of the answer. Raises Refusal (406)."""
    media = negotiate(headers.get(b"accept"))
    if media is None:
        raise Refusal(406, BadUserInput(f"Accept {RESPONSE} or {JSON}."))
    return media


def _check_content_type(headers: Mapping[bytes, bytes]) -> None:
    """Raises Refusal (415)."""
    if not is_json(headers.get(b"content-type", b"")):
        raise Refusal(
            415, BadUserInput(f"Send {JSON} in UTF-8, and say so in Content-Type."), ((b"accept", b"application/json"),)
        )


def _refused(refusal: Refusal, media: str) -> _Answer:
    log_refusal(refusal.error.code, "/graphql")
    return _Answer(refusal.status, media, error_body(refusal.error), refusal.headers)
