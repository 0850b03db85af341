"""WebSockets: handshakes and messages of graphql-transport-ws, frames that are no frames."""

from __future__ import annotations

import json
from base64 import b64encode
from random import Random
from typing import Any, Final

from tests.fuzz.graphql import asked_of
from tests.fuzz.grounds import Grounds
from tests.fuzz.heads import Head, spoil_head
from tests.fuzz.shot import Shot
from tests.fuzz.spoiling import spoilt_bytes, spoilt_document, spoilt_value

TEXT, BINARY, CLOSE, PING = 1, 2, 8, 9
_MASK: Final = b"\x01\x02\x03\x04"


def frame(data: bytes, opcode: int = TEXT, final: bool = True, masked: bool = True) -> bytes:
    """RFC 6455, section 5.2."""
    head = bytes([(0x80 if final else 0) | opcode])
    bit, size = 0x80 if masked else 0, len(data)
    if size < 126:
        head += bytes([bit | size])
    elif size < 65536:
        head += bytes([bit | 126]) + size.to_bytes(2, "big")
    else:
        head += bytes([bit | 127]) + size.to_bytes(8, "big")
    return head + _MASK + bytes(octet ^ _MASK[place % 4] for place, octet in enumerate(data)) if masked else head + data


def of_socket(grounds: Grounds, chance: Random, number: int) -> Shot:
    """Greeted with a good token mostly, then messages of which one is wrong, then a ping that has to be answered."""
    token = chance.choice(grounds.tokens)
    greeting = {"type": "connection_init", "payload": {"Authorization": f"Bearer {token}"}}
    messages: list[dict[str, Any]] = [greeting]
    for key in range(chance.randint(1, 3)):
        asked = asked_of(grounds, chance, chance.choice(list(grounds.roots)))
        payload = {"query": asked.document, "variables": asked.variables}
        messages.append({"type": "subscribe", "id": str(key), "payload": payload})
    frames = [frame(json.dumps(one).encode()) for one in messages]
    at = chance.randrange(len(frames)) if chance.random() < 0.2 else len(frames) - 1
    frames[at : at + 1] = _spoilt(messages[at], chance)
    return Shot((_handshake(chance),), whole=False, frames=(*frames, frame(b'{"type":"ping"}')), token=token)


def _handshake(chance: Random) -> bytes:
    head = Head(b"GET", b"/graphql")
    head.pairs = [
        (b"Host", b"usher"), (b"Upgrade", b"websocket"), (b"Connection", b"Upgrade"), (b"Sec-WebSocket-Version", b"13"),
        (b"Sec-WebSocket-Key", b64encode(b"0123456789abcdef")), (b"Sec-WebSocket-Protocol", b"graphql-transport-ws"),
    ]  # fmt: skip
    if chance.random() < 0.1:
        spoil_head(head, chance)
    if chance.random() < 0.05:
        return spoilt_bytes(head.bytes(), chance) + b"\r\n\r\n"
    return head.bytes()


def _spoilt(message: dict[str, Any], chance: Random) -> list[bytes]:
    text = json.dumps(message).encode()
    match chance.randrange(9):
        case 0:
            return [frame(spoilt_bytes(text, chance))]
        case 1 | 2:
            return [frame(json.dumps(spoilt_value(message, chance)).encode())]
        case 3 | 4 if "query" in message["payload"]:
            changed = {**message["payload"], "query": spoilt_document(message["payload"]["query"], chance)}
            return [frame(json.dumps({**message, "payload": changed}).encode())]
        case 5:
            return [frame(text, chance.choice((0, BINARY, 3, CLOSE, PING, 10, 15)))]
        case 6:
            return [frame(text[:9], final=False), frame(text[9:], opcode=0), frame(b'{"type":"complete","id":"0"}')]
        case 7:
            return [spoilt_bytes(frame(text, masked=chance.random() < 0.5), chance)]
        case _:
            return [frame(text), frame(text), frame(b'{"type":"complete","id":"0"}')]
