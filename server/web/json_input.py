"""JSON from strangers: what can't be stored, counted or walked safely is refused before anybody looks at it."""

import json
import math
import re
from collections.abc import Iterator
from typing import Any, Final, cast

from server.web.refusals import malformed

MAXIMUM_DEPTH: Final = 32
_MAXIMUM_DIGITS: Final = 40
# PostgreSQL stores no NUL, UTF-8 no lone surrogate.
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
_ESCAPE: Final = "\\u"


def parse_json(body: bytes) -> Any:
    """The value of a UTF-8 JSON text. Raises Refusal (400)."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise malformed("The body is not UTF-8.") from None
    try:
        value = _DECODER.decode(text)
    except (ValueError, RecursionError):
        raise malformed("The body is no JSON that can be read here.") from None
    # Few brackets can't be nested deeply, and without an escape there is nothing unstorable: most bodies stop here.
    if _ESCAPE in text or text.count("{") + text.count("[") > MAXIMUM_DEPTH:
        _inspect(value)
    return value


def _inspect(value: Any) -> None:
    for text, depth in _strings(value):
        if depth > MAXIMUM_DEPTH:
            raise malformed(f"The body is nested more than {MAXIMUM_DEPTH} levels deep.")
        if _UNSTORABLE.search(text):
            raise malformed("The body holds a NUL character or half of a surrogate pair.")


def _strings(value: Any) -> Iterator[tuple[str, int]]:
    """Every string with its depth, keys included, and "" for each container; without recursion."""
    waiting: list[tuple[Any, int]] = [(value, 0)]
    while waiting:
        node, depth = waiting.pop()
        if isinstance(node, str):
            yield node, depth
        elif isinstance(node, dict):
            yield "", depth + 1
            entries = cast("dict[str, Any]", node)
            waiting.extend((part, depth + 1) for entry in entries.items() for part in entry)
        elif isinstance(node, list):
            yield "", depth + 1
            items = cast("list[Any]", node)
            waiting.extend((item, depth + 1) for item in items)


def _integer(text: str) -> int:
    if len(text) > _MAXIMUM_DIGITS:
        raise ValueError
    return int(text)


def _float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError
    return number


def _constant(_: str) -> Any:
    raise ValueError  # NaN and Infinity are no JSON


_DECODER: Final = json.JSONDecoder(parse_int=_integer, parse_float=_float, parse_constant=_constant)
