"""Messages of graphql-transport-ws: what a client may send, read strictly, and how a connection is closed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

from server.web.json_input import parse_json
from server.web.refusals import Refusal

SUBPROTOCOL: Final = "graphql-transport-ws"
GOING_AWAY: Final = 1001
INVALID: Final = 4400
UNAUTHORIZED: Final = 4401
FORBIDDEN: Final = 4403
BAD_SUBPROTOCOL: Final = 4406
INITIALISATION_TIMEOUT: Final = 4408
SUBSCRIBER_EXISTS: Final = 4409
TOO_MANY_INITIALISATIONS: Final = 4429
_LONGEST_ID: Final = 200
_KINDS: Final = frozenset({"connection_init", "ping", "pong", "subscribe", "complete"})


class Closed(Exception):
    """The connection is to be closed; `reason` says why in at most 123 bytes, and repeats nothing that was sent."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(code)
        self.code = code
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Message:
    """`id` is empty for the kinds that have none; `payload` of subscribe is as it was sent."""

    kind: str
    id: str = ""
    payload: Mapping[str, Any] = field(default_factory=dict[str, Any])


def read_message(text: str | None) -> Message:
    """Raises Closed (4400) for anything but a message of the protocol."""
    if text is None:
        raise Closed(INVALID, "Send text frames.")
    try:
        value = parse_json(text.encode("utf-8", "surrogatepass"))
    except Refusal:
        raise Closed(INVALID, "The message is no JSON that can be read here.") from None
    if not isinstance(value, dict):
        raise Closed(INVALID, "A message is one JSON object.")
    entries = cast("dict[str, Any]", value)
    kind = entries.get("type")
    if not isinstance(kind, str) or kind not in _KINDS:
        raise Closed(INVALID, "The message has no type that a client may send.")
    payload = entries.get("payload")
    if payload is not None and not isinstance(payload, dict):
        raise Closed(INVALID, "payload must be an object.")
    return Message(kind, _id(kind, entries), cast("dict[str, Any]", payload or {}))


def _id(kind: str, entries: Mapping[str, Any]) -> str:
    if kind not in ("subscribe", "complete"):
        return ""
    found = entries.get("id")
    if not isinstance(found, str) or not 0 < len(found) <= _LONGEST_ID:
        raise Closed(INVALID, f"id must be a text of 1 to {_LONGEST_ID} characters.")
    return found


def written(kind: str, id_: str | None = None, payload: bytes | None = None) -> str:
    """A message of the server's; `payload` is JSON."""
    identified = f',"id":{json.dumps(id_)}' if id_ is not None else ""
    carried = f',"payload":{payload.decode()}' if payload is not None else ""
    return f'{{"type":"{kind}"{identified}{carried}}}'
