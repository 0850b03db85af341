"""What the edge answers when it refuses: an HTTP status and a coded error."""

import json
from typing import Any, Final

from server.errors import (
    BadUserInput,
    Forbidden,
    IdempotencyConflict,
    LimitExceeded,
    PolicyUnavailable,
    PostRequired,
    RateLimited,
    Unauthenticated,
    Unavailable,
    UsherError,
)

Headers = tuple[tuple[bytes, bytes], ...]

RETRY_AFTER: Final = ((b"retry-after", b"1"),)
CHALLENGE: Final = ((b"www-authenticate", b'Bearer realm="usher"'),)
INVALID_TOKEN: Final = ((b"www-authenticate", b'Bearer realm="usher", error="invalid_token"'),)
DPOP_CHALLENGE: Final = ((b"www-authenticate", b'DPoP error="invalid_dpop_proof", algs="ES256 EdDSA PS256 RS256"'),)
CLOSE: Final = ((b"connection", b"close"),)


class Refusal(Exception):
    """An expected failure before execution; `headers` are sent with it."""

    def __init__(self, status: int, error: UsherError, headers: Headers = ()) -> None:
        super().__init__(status, error.code)
        self.status = status
        self.error = error
        self.headers = headers


def malformed(message: str, *path: str | int) -> Refusal:
    """400: the request isn't what GraphQL over HTTP asks for."""
    return Refusal(400, BadUserInput(message, path))


def too_large(limit: int) -> Refusal:
    return Refusal(413, LimitExceeded(f"The body is longer than {limit} bytes. Send less at once."), CLOSE)


def too_slow(seconds: float) -> Refusal:
    return Refusal(408, LimitExceeded(f"The body did not arrive within {seconds:g} seconds."), CLOSE)


def refusal_of(error: UsherError, strict: bool) -> Refusal:
    """The HTTP form of an error raised before execution.

    `strict` is application/graphql-response+json, where a failed request has a status of its own; under
    application/json a well-formed request that isn't executed is answered with 200 (GraphQL over HTTP, 6.4.1).
    """
    match error:
        case Unauthenticated():
            return Refusal(401, error, INVALID_TOKEN)
        case PostRequired():
            return Refusal(405, error, ((b"allow", b"POST"),))
        case Unavailable() | PolicyUnavailable():
            return Refusal(503, error, RETRY_AFTER)
        case RateLimited():
            return Refusal(429, error, retry_after(error))
        case Forbidden():
            return Refusal(403 if strict else 200, error)
        case IdempotencyConflict():
            return Refusal(409 if strict else 200, error)
        case _:
            return Refusal(400 if strict else 200, error)


def retry_after(error: RateLimited) -> Headers:
    return ((b"retry-after", b"%d" % error.seconds),)


def error_body(error: UsherError) -> bytes:
    """A response of GraphQL without `data`."""
    entry: dict[str, Any] = {"message": error.message, "extensions": {"code": error.code}}
    if error.path:
        entry["extensions"]["argument"] = list(error.path)
    if isinstance(error, RateLimited):
        entry["extensions"]["retryAfter"] = error.seconds
    return json.dumps({"errors": [entry]}, ensure_ascii=False, separators=(",", ":")).encode()


def defect_body(reference: str) -> bytes:
    """What a caller learns of a defect: a reference to the log, and nothing else."""
    message = f"Something went wrong on our side. Quote the reference {reference} when you report it."
    extensions = {"code": "INTERNAL_ERROR", "reference": reference}
    return json.dumps({"errors": [{"message": message, "extensions": extensions}]}).encode()
