"""graphql-transport-ws to the letter: what each message, and each thing that is no message, is answered by.

Each rule is a conversation with the real server: what a client sends, and all that it may be told.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import pytest
from websockets.exceptions import ConnectionClosed

from server.errors import Unauthenticated
from server.identity.principal import Principal
from server.web.bodies import MAXIMUM_BYTES
from server.web.websocket import WebSocketEndpoint
from tests.e2e.live import Socket, raw_socket
from tests.e2e.serving import Client, Server
from tests.worlds import World

ROLES: Final = {"query": "{ viewer { roles } }"}
MARKS: Final = {"query": "subscription { markRecorded { id } }"}
SECRET: Final = "Zebra-in-the-message"
ANSWERED: Final = {"data": {"viewer": {"roles": ["class_teacher"]}}}
PROTOCOL: Final = "graphql-transport-ws"
Frame = dict[str, Any]


@dataclass(frozen=True)
class Heard:
    """A message that must come next; a payload is looked at without what it says of cost."""

    frame: Frame


@dataclass(frozen=True)
class Refused:
    """The next message is an error of that id, with that code first; the connection goes on."""

    id: str
    code: str


@dataclass(frozen=True)
class Closed:
    """The connection is closed by that code, and nothing was told before."""

    code: int


@dataclass(frozen=True)
class Raw:
    """A frame as it is, in so many fragments; `text`: bytes are said to be one."""

    data: str | bytes
    fragments: int = 1
    text: bool = False


class Init:
    """connection_init with the token."""


Step = Frame | Heard | Refused | Closed | Raw | type[Init]


def subscribe(id_: str, payload: Any) -> Frame:
    return {"type": "subscribe", "id": id_, "payload": payload}


def told(id_: str) -> tuple[Heard, Heard]:
    """What comes of a query: its answer, and its end."""
    return Heard({"type": "next", "id": id_, "payload": ANSWERED}), Heard({"type": "complete", "id": id_})


PING: Final = {"type": "ping"}
PONG: Final = Heard({"type": "pong"})
ACK: Final = Heard({"type": "connection_ack"})
READY: Final = (Init, ACK)
LONG: Final = '\u00e4"\\ \U0001f3c3' * 40

RULES: Final[dict[str, tuple[Step, ...]]] = {
    # Before and at connection_init
    "init is acknowledged, once and with nothing else": (Init, ACK, PING, PONG),
    "a token may stand among what else a client likes to say": (
        {"type": "connection_init", "payload": {"authorization": "TOKEN", "app": {"a": [1]}, "extra": None}}, ACK,
    ),
    "ping is answered before init": (PING, PONG, Init, ACK),
    "pong is taken before init": ({"type": "pong"}, Init, ACK),
    "subscribe before init is unauthorised": (subscribe("1", ROLES), Closed(4401)),
    "complete before init is no way to begin": ({"type": "complete", "id": "1"}, Closed(4400)),
    "init twice": (*READY, Init, Closed(4429)),
    "init twice, without waiting": (Init, Init, ACK, Closed(4429)),
    "init twice, while something runs": (*READY, subscribe("1", MARKS), Init, Closed(4429)),
    "init without a payload has no token": ({"type": "connection_init"}, Closed(4403)),
    "init with null has no token": ({"type": "connection_init", "payload": None}, Closed(4403)),
    "init with a token that is none": (
        {"type": "connection_init", "payload": {"Authorization": f"Bearer {SECRET}"}}, Closed(4403),
    ),
    "init with a token of another type": ({"type": "connection_init", "payload": {"Authorization": 1}}, Closed(4403)),
    "init with a payload that is no object": ({"type": "connection_init", "payload": [SECRET]}, Closed(4400)),
    # ping and pong
    "ping is answered by pong alone": (*READY, PING, PONG, PING, PONG),
    "ping may have a payload, which is not sent back": (*READY, {"type": "ping", "payload": {"a": SECRET}}, PONG),
    "ping with null": (*READY, {"type": "ping", "payload": None}, PONG),
    "ping with a payload that is no object": (*READY, {"type": "ping", "payload": SECRET}, Closed(4400)),
    "pong that nobody asked for": (*READY, {"type": "pong"}, {"type": "pong", "payload": {"a": 1}}, PING, PONG),
    "pong with a payload that is no object": (*READY, {"type": "pong", "payload": 1}, Closed(4400)),
    # subscribe
    "a query is next, then complete": (*READY, subscribe("q", ROLES), *told("q"), PING, PONG),
    "with null members": (
        *READY, subscribe("q", ROLES | {"variables": None, "operationName": None, "extensions": None}), *told("q"),
    ),
    "an id comes back to the letter": (*READY, subscribe(LONG, ROLES), *told(LONG)),
    "an id is free once its query is answered": (*READY, subscribe("1", ROLES), *told("1"), subscribe("1", ROLES), *told("1")),
    "an id is free once its operation was refused": (
        *READY, subscribe("1", {"query": "{"}), Refused("1", "BAD_USER_INPUT"), subscribe("1", ROLES), *told("1"),
    ),
    "an id that runs": (*READY, subscribe("1", MARKS), subscribe("1", ROLES), Closed(4409)),
    "an id that runs, without waiting": (Init, subscribe("1", MARKS), subscribe("1", MARKS), ACK, Closed(4409)),
    "a document that is none": (*READY, subscribe("1", {"query": f"{{ {SECRET}"}), Refused("1", "BAD_USER_INPUT"), PING, PONG),
    "a document that is not valid": (*READY, subscribe("1", {"query": "{ zebra }"}), Refused("1", "BAD_USER_INPUT"), PING, PONG),
    "a variable that does not fit": (
        *READY,
        subscribe("1", {"query": "query($i: ID!) { node(id: $i) { id } }", "variables": {"i": None}}),
        Refused("1", "BAD_USER_INPUT"), PING, PONG,
    ),
    "what may not be followed": (
        *READY, subscribe("1", {"query": "subscription { policyPublished { id } }"}), Refused("1", "FORBIDDEN"), PING, PONG,
    ),
    "an id of another type": (*READY, {"type": "subscribe", "id": 1, "payload": ROLES}, Closed(4400)),
    "an empty id": (*READY, subscribe("", ROLES), Closed(4400)),
    "an id that is too long": (*READY, subscribe("x" * 201, ROLES), Closed(4400)),
    "an id with a NUL": (*READY, Raw('{"type":"subscribe","id":"\\u0000","payload":{"query":"{a}"}}'), Closed(4400)),
    "no id": (*READY, {"type": "subscribe", "payload": ROLES}, Closed(4400)),
    "no payload": (*READY, {"type": "subscribe", "id": "1"}, Closed(4400)),
    "a payload that is a list": (*READY, subscribe("1", [ROLES]), Closed(4400)),
    "a payload without a query": (*READY, subscribe("1", {}), Closed(4400)),
    "a query of another type": (*READY, subscribe("1", {"query": [SECRET]}), Closed(4400)),
    "variables of another type": (*READY, subscribe("1", ROLES | {"variables": [SECRET]}), Closed(4400)),
    "a name of another type": (*READY, subscribe("1", ROLES | {"operationName": 1}), Closed(4400)),
    "extensions of another type": (*READY, subscribe("1", ROLES | {"extensions": SECRET}), Closed(4400)),
    # complete
    "complete of an id that never ran": (*READY, {"type": "complete", "id": "never"}, PING, PONG),
    "complete ends a stream, and is not answered": (
        *READY, subscribe("1", MARKS), {"type": "complete", "id": "1"}, PING, PONG, subscribe("1", ROLES), *told("1"),
    ),
    "complete without an id": (*READY, {"type": "complete"}, Closed(4400)),
    "complete of another type": (*READY, {"type": "complete", "id": ["1"]}, Closed(4400)),
    # What is no message
    "a type that only a server sends: next": (*READY, {"type": "next", "id": "1", "payload": {}}, Closed(4400)),
    "a type that only a server sends: error": (*READY, {"type": "error", "id": "1", "payload": []}, Closed(4400)),
    "a type that only a server sends: connection_ack": (*READY, {"type": "connection_ack"}, Closed(4400)),
    "a type of the former protocol: start": (*READY, {"type": "start", "id": "1", "payload": ROLES}, Closed(4400)),
    "a type of the former protocol: connection_terminate": (*READY, {"type": "connection_terminate"}, Closed(4400)),
    "a type in capitals": (*READY, {"type": "PING"}, Closed(4400)),
    "a type that is no text": (*READY, {"type": 1}, Closed(4400)),
    "no type": (*READY, {}, Closed(4400)),
    "null": (*READY, Raw("null"), Closed(4400)),
    "a list": (*READY, Raw(json.dumps([PING])), Closed(4400)),
    "a text": (*READY, Raw(json.dumps(SECRET)), Closed(4400)),
    "a number": (*READY, Raw("1"), Closed(4400)),
    "true": (*READY, Raw("true"), Closed(4400)),
    "nothing": (*READY, Raw(""), Closed(4400)),
    "what is no JSON": (*READY, Raw(f'{{"type":"ping",{SECRET}'), Closed(4400)),
    "a number that is none": (*READY, Raw('{"type":"ping","payload":{"a":NaN}}'), Closed(4400)),
    "half of a surrogate pair": (*READY, Raw('{"type":"ping","payload":{"a":"\\ud800"}}'), Closed(4400)),
    "nested too deeply": (*READY, Raw("[" * 5000), Closed(4400)),
    "two messages in one frame": (*READY, Raw('{"type":"ping"}{"type":"ping"}'), Closed(4400)),
    "no message, before init": (Raw("null"), Closed(4400)),
    "a binary frame": (*READY, Raw(b'{"type":"ping"}'), Closed(4400)),
    "a binary frame, before init": (Raw(b'{"type":"ping"}'), Closed(4400)),
    "a text that is no UTF-8": (*READY, Raw(b"\xff", text=True), Closed(1007)),
    "a message in fragments": (*READY, Raw('{"type":"ping"}', fragments=5), PONG),
    "a message that is too long": (*READY, Raw(" " * (MAXIMUM_BYTES + 1)), Closed(1009)),
}  # fmt: skip


@pytest.fixture(scope="module")
def teacher(server: Server, quiet: World) -> Client:
    return server.client(quiet, "teacher")


@contextmanager
def talking(server: Server, client: Client) -> Generator[Callable[[Step], None]]:
    """What takes one step of a conversation after the other."""
    with raw_socket(server, client.token) as live:

        def take(step: Step) -> None:
            if isinstance(step, Heard):
                assert heard(live) == step.frame
            elif isinstance(step, Refused):
                frame = heard(live)
                assert (frame["type"], frame["id"]) == ("error", step.id)
                assert frame["payload"][0]["extensions"]["code"] == step.code
            elif isinstance(step, Closed):
                assert ended(live) == step.code
            elif isinstance(step, Raw):
                live.connection.send(fragments(step), text=True if step.text else None)
            else:
                message = connection_init() if step is Init else step
                live.connection.send(json.dumps(message).replace("TOKEN", f"Bearer {client.token}"))

        yield take


def connection_init() -> Frame:
    return {"type": "connection_init", "payload": {"Authorization": "TOKEN"}}


def fragments(raw: Raw) -> Any:
    if raw.fragments == 1:
        return raw.data
    size = len(raw.data) // raw.fragments
    return [raw.data[place : place + size] for place in range(0, len(raw.data), size)]


def heard(live: Socket) -> Frame:
    frame = live.receive()
    if frame["type"] == "next":
        frame["payload"].pop("extensions", None)
    return frame


def ended(live: Socket) -> int:
    """The code; its reason repeats nothing of what was sent, and no message came before it."""
    with pytest.raises(ConnectionClosed) as found:
        live.receive()
    assert found.value.rcvd is not None
    assert SECRET not in found.value.rcvd.reason
    assert 0 < len(found.value.rcvd.reason.encode()) <= 123 or found.value.rcvd.code < 4000
    return found.value.rcvd.code


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_of_the_protocol(server: Server, teacher: Client, rule: str) -> None:
    """Each step in its order, and nothing between them but pings."""
    with talking(server, teacher) as take:
        for step in RULES[rule]:
            take(step)


def test_all_of_them_are_there() -> None:
    """Every type a client may send, and every close code that isn't a matter of time."""
    steps = [step for rule in RULES.values() for step in rule]
    assert {step["type"] for step in steps if isinstance(step, dict) and isinstance(step.get("type"), str)} >= {
        "connection_init", "ping", "pong", "subscribe", "complete",
    }  # fmt: skip
    assert {step.code for step in steps if isinstance(step, Closed)} == {4400, 4401, 4403, 4409, 4429, 1007, 1009}
    assert len(RULES) >= 70


@pytest.mark.parametrize("protocols", [(), ("graphql-ws",), ("graphql-transport-ws2",)])
def test_another_sub_protocol(server: Server, teacher: Client, protocols: tuple[str, ...]) -> None:
    """4406, before anything is read."""
    with raw_socket(server, teacher.token, protocols) as live:
        assert live.connection.subprotocol is None
        assert ended(live) == 4406


def test_ours_is_chosen_among_several(server: Server, teacher: Client) -> None:
    """Wherever it stands."""
    for protocols in (("graphql-ws", PROTOCOL), (PROTOCOL, "graphql-ws")):
        with raw_socket(server, teacher.token, protocols) as live:
            assert live.connection.subprotocol == PROTOCOL
            live.initialise()


def test_operations_run_side_by_side(server: Server, teacher: Client) -> None:
    """Each is told under its own id: its answer once, then its end."""
    with raw_socket(server, teacher.token) as live:
        live.initialise()
        live.subscribe(MARKS["query"], key="stream")
        ids = [f"q{number}" for number in range(15)]
        for one in ids:
            live.send(subscribe(one, ROLES))
        frames = [heard(live) for _ in range(2 * len(ids))]
    for one in ids:
        assert [frame for frame in frames if frame["id"] == one] == [step.frame for step in told(one)]


def test_what_runs_ends_with_its_connection(server: Server, teacher: Client) -> None:
    """However a client goes: more often than one person may follow at once, each time with all of that."""
    for leaving in (Socket.close, Socket.abort):
        for _ in range(4):
            with raw_socket(server, teacher.token) as live:
                live.initialise()
                for number in range(3):
                    live.subscribe(MARKS["query"], key=str(number))
                live.send(subscribe("q", ROLES))
                leaving(live)


class _Nobody:
    def verify(self, token: str) -> Principal:
        raise Unauthenticated(f"no: {len(token)}")


@pytest.mark.parametrize("said", [(), ({"type": "ping"}, {"type": "pong"})])
async def test_who_does_not_begin_is_not_waited_for(said: tuple[Frame, ...]) -> None:
    """4408, pings or not, with a shorter wait than the server's."""
    sent: deque[Any] = deque()
    coming: Iterator[Any] = iter(
        [{"type": "websocket.connect"}, *({"type": "websocket.receive", "text": json.dumps(one)} for one in said)]
    )

    async def receive() -> Any:
        message = next(coming, None)
        return message if message is not None else await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "websocket", "subprotocols": [PROTOCOL], "headers": []}
    await WebSocketEndpoint(None, _Nobody(), initialisation=0.01)(scope, receive, send)  # type: ignore[arg-type]
    assert [one["type"] for one in sent if one.get("text") != '{"type":"pong"}'] == [
        "websocket.accept",
        "websocket.close",
    ]
    assert sent[-1]["code"] == 4408


def test_nothing_of_it_is_logged(server: Server) -> None:
    """Neither what was sent, nor a defect."""
    log = server.log.read_text()
    assert SECRET not in log
    assert '"event": "defect"' not in log
