"""Headers that every answer carries, whoever wrote it."""

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

Headers = tuple[tuple[bytes, bytes], ...]

DEFAULTS: Final = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
    (b"content-security-policy", b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
)
# RFC 6797: two years, which browsers keep longer than anybody stays away.
_HTTPS_ALONE: Final = (b"strict-transport-security", b"max-age=63072000; includeSubDomains")


def own_headers(issuer: str) -> Headers:
    """DEFAULTS, and where people reach the server by https, that browsers may use nothing else."""
    return (*DEFAULTS, _HTTPS_ALONE) if issuer.startswith("https://") else DEFAULTS


class SecureHeaders:
    """ASGI middleware: adds each of the headers that the answer doesn't have itself."""

    def __init__(self, app: ASGIApp, headers: Headers = DEFAULTS) -> None:
        self._app = app
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        await self._app(scope, receive, secured(send, self._headers))


def secured(send: Send, headers: Headers) -> Send:
    """`send`, with each of the headers that the answer doesn't have itself."""

    async def send_secured(message: Message) -> None:
        if message["type"] == "http.response.start":
            given: list[tuple[bytes, bytes]] = list(message.get("headers", ()))
            names = {name for name, _ in given}
            message["headers"] = [*given, *(pair for pair in headers if pair[0] not in names)]
        await send(message)

    return send_secured
