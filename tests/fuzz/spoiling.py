"""Ways to spoil what is sent: bytes, JSON values, and the text of documents."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from random import Random
from typing import Any, Final, cast

from tests.fuzz.corpus import CANARY, WRONG

SPICES: Final = (
    b"\x00", b"\xff", b"\\u0000", b"\\ud800", b"9" * 5000, b"[" * 2000, b"{" * 2000, b'"', b"null", b"\xed\xa0\x80", b"\r\n\r\n",
    b"\\", b"1e999", b"-", b"NaN", "\U0001f600".encode(), b"\xef\xbb\xbf", b"\xf4\x90\x80\x80", b"%00", b"&", b"=",
    CANARY.encode(),
)  # fmt: skip
_TOKEN: Final = re.compile(r"\w+|[^\w\s]")
_WORDS: Final = (
    "{", "}", "(", ")", "[", "]", "...", "$", "@skip(if: true)", "@include(if: $v0)", "@defer", "on", "fragment", "null", '"',
    '"""',
    "__schema", "__typename", "__type(name: \"Learner\") { name }", "query", "mutation", "subscription", "#", "&", "|", "!",
    "=", "-",
    "1e309", "99999999999999999999", '"\\u0000"', '"\\ud83d"', "\\", "\ufeff", CANARY, '"Zqfuzz"', "learners { nodes { id } }",
    "...F } fragment F on Query { ...F", "a: viewer { roles } " * 30, "{ nodes " * 40, "id " * 300, "[" * 70, "@a" * 120,
)  # fmt: skip


def spoilt_bytes(data: bytes, chance: Random) -> bytes:
    """Up to five times some bytes cut, doubled, replaced, or something spicy put in."""
    body = bytearray(data)
    for _ in range(chance.randint(1, 5)):
        at = chance.randrange(len(body) + 1)
        match chance.randrange(4):
            case 0:
                del body[at : at + chance.randint(1, 8)]
            case 1:
                body[at:at] = body[at : at + chance.randint(1, 30)]
            case 2:
                body[at : at + 1] = bytes([chance.randrange(256)])
            case _:
                body[at:at] = chance.choice(SPICES)
    return bytes(body)


def spoilt_document(text: str, chance: Random) -> str:
    """Up to three of its tokens left out, doubled, exchanged, or replaced by another word of the language."""
    words = _TOKEN.findall(text)
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(words) or 1)
        match chance.randrange(5):
            case 0:
                del words[at : at + chance.randint(1, 3)]
            case 1:
                words[at:at] = words[at : at + chance.randint(1, 6)]
            case 2:
                words[at : at + 1] = [chance.choice(_WORDS)]
            case 3:
                words[at:at] = [chance.choice(_WORDS)]
            case _:
                other = chance.randrange(len(words) or 1)
                words[at : at + 1], words[other : other + 1] = words[other : other + 1], words[at : at + 1]
    return " ".join(words)


def spoilt_value(value: Any, chance: Random) -> Any:
    """One place of it, at any depth, holds something else; an object may also lose or gain a member."""
    if isinstance(value, dict) and value and chance.random() < 0.8:
        entries = dict(cast("Mapping[str, Any]", value))
        name = chance.choice(list(entries))
        match chance.randrange(5):
            case 0:
                del entries[name]
            case 1:
                entries[chance.choice((CANARY, "", "__proto__", "id", "\u0000", "\ud800"))] = chance.choice(WRONG)
            case _:
                entries[name] = spoilt_value(entries[name], chance)
        return entries
    if isinstance(value, list) and value and chance.random() < 0.8:
        items = list(cast("list[Any]", value))
        at = chance.randrange(len(items))
        items[at : at + 1] = [spoilt_value(items[at], chance)] * chance.choice((1, 1, 1, 2, 101))
        return items
    return chance.choice(WRONG)


def spoilt_payload(payload: dict[str, Any], chance: Random) -> bytes:
    """The body of a request, of which one thing is wrong; a few are right."""
    match chance.randrange(8):
        case 0:
            return json.dumps(payload).encode()
        case 1 | 2:
            return spoilt_bytes(json.dumps(payload).encode(), chance)
        case 3 | 4:
            return json.dumps(payload | {"query": spoilt_document(payload["query"], chance)}).encode()
        case 5 | 6:
            return json.dumps(payload | {"variables": spoilt_value(payload["variables"], chance)}).encode()
        case _:
            return _wrapped(spoilt_value(payload, chance), chance)


def _wrapped(value: Any, chance: Random) -> bytes:
    text = json.dumps(value)
    again = text.replace("{", '{"query": "{ viewer { roles } }", ', 1)  # a member that is there twice
    return chance.choice((text, f"[{text}]", f"{text}{text}", again, json.dumps(text), f"\ufeff{text}")).encode()
