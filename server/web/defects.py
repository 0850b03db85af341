"""What is answered to a request whose endpoint failed and masked nothing itself: the last resort."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from server.web.logs import log_defect
from server.web.refusals import defect_body
from server.web.secure_headers import Headers

_JSON: Final = "application/json; charset=utf-8"


class Defects:
    """A handler of exceptions. Starlette calls it outside of every middleware: it sends `headers` itself."""

    def __init__(self, headers: Headers) -> None:
        self._headers = {name.decode("ascii"): value.decode("ascii") for name, value in headers}

    async def __call__(self, _: Request, error: Exception) -> Response:
        # Not the path that was asked: it may name anything.
        reference = log_defect(error, "elsewhere")
        return Response(defect_body(reference), 500, self._headers, _JSON)
