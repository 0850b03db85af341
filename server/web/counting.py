"""What every request is counted by, whoever answers it."""

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.web.measuring import Metrics


class Tally:
    """What was sent of one answer: its status, and its body's bytes."""

    __slots__ = ("sent", "status")

    def __init__(self) -> None:
        self.status, self.sent = 500, 0

    def through(self, send: Send) -> Send:
        async def send_counted(message: Message) -> None:
            if message["type"] == "http.response.body":
                self.sent += len(message.get("body", b""))
            elif message["type"] == "http.response.start":
                self.status = message["status"]
            await send(message)

        return send_counted


class Counted:
    """ASGI middleware, the outermost of what the router answers; /graphql counts for itself."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, tally = time.perf_counter(), Tally()
        try:
            await self._app(scope, receive, tally.through(send))
        finally:
            self._metrics.answered(scope["path"], tally.status, time.perf_counter() - begun, tally.sent)
