"""What the transports of subscriptions share: who opens streams, and their responses."""

import asyncio
import json
from typing import Any, Final, Protocol

from server.errors import Unavailable, UsherError
from server.resolvers.execution import OperationAnswer, OperationRequest
from server.resolvers.live.stream import Stream
from server.web.logs import log_defect, log_refusal
from server.web.refusals import defect_body, error_body

DEADLINE: Final = 30.0
"""Seconds for an operation, for the beginning of a stream, and for a client to take what it is sent."""


class Opens(Protocol):
    """A stream for a subscription, which must be closed, or the answer of another operation. Raises UsherError."""

    async def open(self, request: OperationRequest, last: str | None = None) -> Stream | OperationAnswer: ...

    def close(self, stream: Stream) -> None: ...


async def opened_in_time(opens: Opens, request: OperationRequest, last: str | None) -> Stream | OperationAnswer:
    """Raises UsherError."""
    deadline = asyncio.timeout(DEADLINE)
    try:
        async with deadline:
            opened = await opens.open(request, last)
    except TimeoutError:
        if not deadline.expired():
            raise
        raise Unavailable("The operation took too long: try again.") from None
    if isinstance(opened, OperationAnswer):
        log_refusal(opened.code, "/graphql")
    return opened


def failure_body(error: Exception) -> bytes:
    """A response that says why there is nothing more: a coded error, or the reference of a defect."""
    if not isinstance(error, UsherError):
        return defect_body(log_defect(error, "/graphql"))
    log_refusal(error.code, "/graphql")
    return error_body(error)


def errors_of(body: bytes) -> list[Any]:
    return json.loads(body)["errors"]
