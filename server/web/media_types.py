"""Which of the two media types a client is answered in (RFC 9110, 12.5.1; GraphQL over HTTP, 5.1)."""

from functools import lru_cache
from typing import Final

RESPONSE: Final = "application/graphql-response+json"
JSON: Final = "application/json"
_SPECIFIC: Final = 2


@lru_cache(maxsize=256)
def negotiate(accept: bytes | None) -> str | None:
    """RESPONSE, JSON, or None if the client takes neither. RESPONSE wins a tie only if it is named."""
    if accept is None or not accept.strip():
        return JSON
    ranges = _ranges(accept)
    response, plain = _quality(ranges, RESPONSE), _quality(ranges, JSON)
    if max(response, plain) == (0.0, 0):
        return None
    if response[0] != plain[0]:
        return RESPONSE if response > plain else JSON
    return RESPONSE if response[1] == _SPECIFIC else JSON


@lru_cache(maxsize=256)
def names(accept: bytes, media: str) -> bool:
    """Whether that very type is accepted, rather than by a range that holds it."""
    return any(named == media and quality > 0 for named, quality in _ranges(accept))


def _ranges(accept: bytes) -> list[tuple[str, float]]:
    return [_range(part) for part in accept.decode("latin-1").lower().split(",")[:64]]


def _range(part: str) -> tuple[str, float]:
    media, *parameters = (piece.strip() for piece in part.split(";"))
    quality = next((piece[2:] for piece in parameters if piece.startswith("q=")), "1")
    try:
        return media, min(max(float(quality), 0.0), 1.0)
    except ValueError:
        return media, 0.0


def _quality(ranges: list[tuple[str, float]], wanted: str) -> tuple[float, int]:
    """The quality of the most specific range that holds `wanted`, and how specific that is."""
    patterns = {wanted: _SPECIFIC, "application/*": 1, "*/*": 0}
    matches = [(patterns[media], quality) for media, quality in ranges if media in patterns]
    if not matches:
        return 0.0, 0
    specific, quality = max(matches)
    return (quality, specific) if quality > 0 else (0.0, 0)
