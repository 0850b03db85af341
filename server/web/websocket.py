"""GraphQL over WebSocket: the protocol graphql-transport-ws, at the path of the HTTP endpoint."""

import asyncio
import contextlib
import json
import time
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from starlette.types import Receive, Scope, Send

from server.database.spans import span
from server.errors import BadUserInput, LimitExceeded, ServerLeaving, Unauthenticated, UsherError
from server.identity.principal import Principal
from server.resolvers.execution import OperationAnswer, OperationRequest
from server.resolvers.live.stream import Stream
from server.web.bearers import Proves, Verifies, bearer, believed
from server.web.following import DEADLINE, Opens, errors_of, failure_body, opened_in_time
from server.web.leaving import Leaving
from server.web.logs import log_defect, log_refusal
from server.web.origins import may_connect, normal_origin
from server.web.refusals import Refusal
from server.web.requests import PURPOSE, REASON, header_text, parameters_of
from server.web.strangers import Strangers
from server.web.transport_messages import (
    BAD_SUBPROTOCOL,
    FORBIDDEN,
    GOING_AWAY,
    INITIALISATION_TIMEOUT,
    INVALID,
    SUBPROTOCOL,
    SUBSCRIBER_EXISTS,
    TOO_MANY_INITIALISATIONS,
    UNAUTHORIZED,
    Closed,
    Message,
    read_message,
    written,
)

INITIALISATION: Final = 10.0
HEARTBEAT: Final = 15.0
MOST_OPERATIONS: Final = 20
_INTERNAL: Final = 1011
_LEAVING: Final = "The server process is ending."
_STATED: Final = (b"authorization", b"dpop", PURPOSE, REASON)


class WebSocketEndpoint:
    """An ASGI application; every connection is its own."""

    def __init__(
        self,
        opens: Opens,
        verifier: Verifies,
        initialisation: float = INITIALISATION,
        heartbeat: float = HEARTBEAT,
        clock: Callable[[], float] = time.time,
        origins: Collection[str] = (),
        leaving: Leaving | None = None,
        proofs: Proves | None = None,
        strangers: Strangers | None = None,
    ) -> None:
        """Seconds to wait for connection_init, and between two pings; `clock` in seconds since 1970.

        `origins` of the pages that may connect; none: those of the host that they ask.
        """
        self._opens = opens
        self._verifier = verifier
        self._initialisation = initialisation
        self._heartbeat = heartbeat
        self._clock = clock
        self._origins = frozenset(map(normal_origin, origins))
        self._leaving = leaving or Leaving()
        self._proofs = proofs
        self._strangers = strangers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()  # websocket.connect
        if not may_connect(scope["headers"], self._origins):
            await send({"type": "websocket.close"})  # before it is accepted: HTTP 403
            return
        offered = SUBPROTOCOL in scope.get("subprotocols", ())
        await send({"type": "websocket.accept", "subprotocol": SUBPROTOCOL if offered else None})
        connection = Connection(self._opens, self._verifier, self._proofs, self._strangers, scope, receive, send)
        try:
            if not offered:
                raise Closed(BAD_SUBPROTOCOL, f"Ask for the sub-protocol {SUBPROTOCOL}.")
            with self._leaving.guest(scope, connection.leave, connection.answers):
                await connection.run(self._initialisation, self._heartbeat, self._clock)
        except Closed as closed:
            if closed.code in (FORBIDDEN, UNAUTHORIZED):
                log_refusal("UNAUTHENTICATED", "/graphql")
            await _close(send, closed.code, closed.reason)
        except Gone:
            return
        except Exception as defect:
            log_defect(defect, "/graphql")
            await _close(send, _INTERNAL, "Something went wrong on our side.")


class Gone(Exception):
    """The client closed the connection."""


class Connection:
    """One client's."""

    def __init__(
        self,
        opens: Opens,
        verifier: Verifies,
        proofs: Proves | None,
        strangers: Strangers | None,
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        self._opens = opens
        self._verifier = verifier
        self._proofs = proofs
        self._strangers = strangers
        self._scope = scope
        self._receive = receive
        self._send = send
        self._sending = asyncio.Lock()
        self._headers = {name: value for name, value in scope["headers"] if name in _STATED}
        self._principal: Principal | None = None
        self._running: dict[str, asyncio.Task[None]] = {}
        self._streams: dict[str, Stream] = {}
        self._left = asyncio.Event()

    def leave(self) -> None:
        """End, as soon as what is being answered has been."""
        self._left.set()
        for stream in self._streams.values():
            stream.end(ServerLeaving(_LEAVING))

    def answers(self) -> bool:
        """Whether an operation runs that is no stream."""
        return len(self._running) > len(self._streams)

    async def run(self, initialisation: float, heartbeat: float, clock: Callable[[], float]) -> None:
        """Raises Closed or Gone, when all its operations have ended."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._leave())
                await self._initialise(initialisation)
                tasks.create_task(self._expire(clock))
                tasks.create_task(self._beat(heartbeat))
                while True:
                    self._take(await self._message(), tasks)
        except* (Closed, Gone) as group:
            reason = group.exceptions[0]
        raise reason

    async def _initialise(self, seconds: float) -> None:
        """Wait for connection_init, and acknowledge it."""
        try:
            async with asyncio.timeout(seconds):
                message = await self._message()
                while message.kind in ("ping", "pong"):
                    message = await self._message()
        except TimeoutError:
            raise Closed(INITIALISATION_TIMEOUT, "Send connection_init first.") from None
        if message.kind == "subscribe":
            raise Closed(UNAUTHORIZED, "Send connection_init with a bearer token first.")
        if message.kind != "connection_init":
            raise Closed(INVALID, "Send connection_init first.")
        try:
            self._state(message.payload)
            self._principal = await bearer(self._headers, self._verifier, self._scope, self._proofs, self._strangers)
        except Refusal as refusal:
            raise Closed(FORBIDDEN, _said(refusal.error)) from None
        except Unauthenticated as error:
            raise Closed(FORBIDDEN, _said(error)) from None
        await self._write(written("connection_ack"))

    def _state(self, payload: Mapping[str, Any]) -> None:
        """What a request says in headers, the payload of connection_init says under the same names. Raises Refusal."""
        for name, value in payload.items():
            key = name.lower().encode("utf-8", "replace")
            if key in _STATED:
                if not isinstance(value, str):
                    raise Refusal(400, BadUserInput(f"{key.decode()} must be a text."))
                self._headers[key] = value.encode("utf-8")
        for name in (PURPOSE, REASON):
            header_text(self._headers, name)

    def _take(self, message: Message, tasks: asyncio.TaskGroup) -> None:
        if message.kind == "connection_init":
            raise Closed(TOO_MANY_INITIALISATIONS, "connection_init was sent before.")
        if message.kind == "complete":
            task = self._running.pop(message.id, None)
            if task is not None:
                task.cancel()
        if message.kind != "subscribe":
            return
        if message.id in self._running:
            raise Closed(SUBSCRIBER_EXISTS, "An operation of this id is running already.")
        self._running[message.id] = tasks.create_task(self._operate(message))

    async def _operate(self, message: Message) -> None:
        """One operation, from its document to its last word."""
        try:
            await self._told(message)
        except (Closed, Gone):
            raise
        except ServerLeaving:
            return
        except Unauthenticated as error:
            await self._write(_errors(message.id, failure_body(error)))
            raise Closed(FORBIDDEN, _said(error)) from None
        except Exception as error:
            await self._write(_errors(message.id, failure_body(error)))
        finally:
            stream = self._streams.pop(message.id, None)
            if stream is not None:
                self._opens.close(stream)
            if self._running.get(message.id) is asyncio.current_task():
                del self._running[message.id]

    async def _told(self, message: Message) -> None:
        with span("request"):
            opened = await opened_in_time(self._opens, self._request(message.payload), None)
        if isinstance(opened, OperationAnswer):
            if not opened.executed:
                await self._write(_errors(message.id, opened.body))
                return
            await self._write(written("next", message.id, opened.body))
            await self._write(written("complete", message.id))
            return
        self._streams[message.id] = opened
        if self._left.is_set():
            raise ServerLeaving(_LEAVING)
        await self._write(self._ping())
        while True:
            for told in await opened.next():
                believed(self._headers, self._verifier)
                await self._write(written("next", message.id, told.body))

    def _request(self, payload: Mapping[str, Any]) -> OperationRequest:
        """Raises Closed for what has not the form of an operation, LimitExceeded, Unauthenticated."""
        assert self._principal is not None
        believed(self._headers, self._verifier)
        if len(self._running) > MOST_OPERATIONS:
            raise LimitExceeded(
                f"At most {MOST_OPERATIONS} operations run at once over one connection: complete one first."
            )
        try:
            parameters = parameters_of(payload)
        except Refusal:
            raise Closed(INVALID, "payload is no operation: query, operationName and variables.") from None
        return OperationRequest(
            document=parameters.document,
            operation_name=parameters.operation_name,
            variables=parameters.variables,
            principal=self._principal,
            purpose=header_text(self._headers, PURPOSE),
            reason=header_text(self._headers, REASON),
            document_id=parameters.document_id,
        )

    async def _expire(self, clock: Callable[[], float]) -> None:
        assert self._principal is not None
        await asyncio.sleep(max(0.0, self._principal.expires_at - clock()))
        raise Closed(FORBIDDEN, "UNAUTHENTICATED: the bearer token has expired.")

    async def _leave(self) -> None:
        await self._left.wait()
        await asyncio.gather(*self._running.values(), return_exceptions=True)
        raise Closed(GOING_AWAY, "The server process is ending: connect again, and go on behind the last event.")

    async def _beat(self, seconds: float) -> None:
        while True:
            await asyncio.sleep(seconds)
            try:
                believed(self._headers, self._verifier)
            except Unauthenticated as error:
                raise Closed(FORBIDDEN, _said(error)) from None
            await self._write(self._ping())

    def _ping(self) -> str:
        """Where each stream stands, for a client that was told nothing yet when it is cut off."""
        positions = {id_: stream.id for id_, stream in self._streams.items()}
        return written("ping", payload=json.dumps({"positions": positions}).encode())

    async def _message(self) -> Message:
        """The next message that needs more than a pong. Raises Closed and Gone."""
        while True:
            event = await self._receive()
            if event["type"] == "websocket.disconnect":
                raise Gone
            message = read_message(event.get("text"))
            if message.kind != "ping":
                return message
            await self._write(written("pong"))

    async def _write(self, text: str) -> None:
        """Raises Gone for a client that takes nothing any more."""
        try:
            async with self._sending, asyncio.timeout(DEADLINE):
                await self._send({"type": "websocket.send", "text": text})
        except (TimeoutError, OSError, RuntimeError):
            raise Gone from None


def _errors(id_: str, body: bytes) -> str:
    return written("error", id_, json.dumps(errors_of(body), ensure_ascii=False).encode())


def _said(error: UsherError) -> str:
    return f"{error.code}: {error.message}"


async def _close(send: Send, code: int, reason: str) -> None:
    with contextlib.suppress(OSError, RuntimeError):
        await send({"type": "websocket.close", "code": code, "reason": reason})
