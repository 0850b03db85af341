"""/livez and /readyz."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse

from server.errors import UsherError

Check = Callable[[], Awaitable[None]]
_TIMEOUT: Final = 3.0
_FRESH: Final = 0.5


async def livez(_: Request) -> JSONResponse:
    """200 as long as the process answers: asks nobody."""
    return JSONResponse({"status": "alive"})


class Readiness:
    """/readyz: 200 once every named check passes, else 503; each check raises UsherError with a safe sentence.

    An answer is shared for half a second, so that asking often costs nothing.
    """

    def __init__(self, checks: Mapping[str, Check], timeout: float = _TIMEOUT, fresh: float = _FRESH) -> None:
        """`timeout` for each check and `fresh`, how long an answer is shared, in seconds."""
        self._checks = dict(checks)
        self._timeout = timeout
        self._fresh = fresh
        self._asking = asyncio.Lock()
        self._known: dict[str, str] = {}
        self._known_until = 0.0

    async def endpoint(self, _: Request) -> JSONResponse:
        results = await self.results()
        ready = all(result == "ok" for result in results.values())
        return JSONResponse(
            {"status": "ready" if ready else "not ready", "checks": results},
            status_code=200 if ready else 503,
            headers={} if ready else {"Retry-After": "1"},
        )

    async def results(self) -> dict[str, str]:
        """By check: "ok", or a sentence that says why not."""
        async with self._asking:
            if time.monotonic() >= self._known_until:
                answers = await asyncio.gather(*(self._ask(name, check) for name, check in self._checks.items()))
                self._known = dict(zip(self._checks, answers, strict=True))
                self._known_until = time.monotonic() + self._fresh
            return self._known

    async def _ask(self, name: str, check: Check) -> str:
        try:
            async with asyncio.timeout(self._timeout):
                await check()
        except UsherError as error:
            return error.message
        except TimeoutError:
            return "No answer in time."
        except Exception as error:
            structlog.get_logger().warning("readiness check failed", check=name, error=type(error).__name__)
            return "Failed."
        return "ok"
