"""Request bodies under a cap and a deadline, with or without Content-Length."""

from collections.abc import Mapping
from typing import Final

from starlette.types import Receive

from server.web.deadlines import Deadlines
from server.web.refusals import malformed, too_large, too_slow

MAXIMUM_BYTES: Final = 256 * 1024
LARGEST_BATCH: Final = 8 * 1024 * 1024
"""Of programs of vendors, which send thousands of rows at once: theirs alone, and after their token was verified."""
DEADLINE: Final = 10.0


class ClientGone(Exception):
    """The client closed the connection: there is nobody to answer."""


async def read_body(
    receive: Receive, headers: Mapping[bytes, bytes], maximum: int = MAXIMUM_BYTES, deadlines: Deadlines | None = None
) -> bytes:
    """The whole body, by one of `deadlines`. Raises Refusal (400, 408, 413) and ClientGone."""
    declared = headers.get(b"content-length")
    if declared is not None and _length(declared) > maximum:
        raise too_large(maximum)
    deadlines = deadlines or Deadlines(DEADLINE)
    try:
        with deadlines.begin():
            return await _collect(receive, maximum)
    except TimeoutError:
        raise too_slow(deadlines.seconds) from None


async def _collect(receive: Receive, maximum: int) -> bytes:
    chunks: list[bytes] = []
    left = maximum
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        chunk: bytes = message.get("body", b"")
        left -= len(chunk)
        if left < 0:
            raise too_large(maximum)
        if not message.get("more_body", False):
            return b"".join((*chunks, chunk)) if chunks else chunk
        chunks.append(chunk)


def _length(value: bytes) -> int:
    if not value.isdigit() or len(value) > 18:
        raise malformed("Content-Length is no number.")
    return int(value)
