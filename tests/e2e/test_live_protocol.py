"""graphql-transport-ws and server-sent events as their protocols have them: every close code, and nothing repeated."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from server.errors import Unauthenticated
from server.identity.principal import Principal
from server.web.bodies import MAXIMUM_BYTES
from server.web.websocket import WebSocketEndpoint
from tests.e2e.live import Socket, raw_socket, socket
from tests.e2e.serving import Client, Server
from tests.worlds import World

MARKS = "subscription { markRecorded { id } }"
VIEWER = "{ viewer { roles } }"
SECRET = "Zebra-in-the-document"
SUBSCRIBE = {"type": "subscribe", "id": "1", "payload": {"query": MARKS}}


@pytest.fixture
def teacher(server: Server, quiet: World) -> Client:
    return server.client(quiet, "teacher")


def closed(live: Socket) -> tuple[int, str]:
    with pytest.raises(ConnectionClosed) as found:
        live.receive()
    assert found.value.rcvd is not None
    return found.value.rcvd.code, found.value.rcvd.reason


@pytest.mark.parametrize(
    "text",
    [
        "", "null", "[]", '"text"', "1", "{", '{"type":1}', '{"type":"start"}', '{"type":"next","id":"1"}', "{}",
        '{"type":"subscribe"}', '{"type":"subscribe","id":1,"payload":{"query":"{ viewer { roles } }"}}',
        '{"type":"subscribe","id":"","payload":{"query":"{ viewer { roles } }"}}', '{"type":"subscribe","id":"1","payload":[]}',
        '{"type":"subscribe","id":"1","payload":{}}', '{"type":"subscribe","id":"1","payload":{"query":null}}',
        '{"type":"subscribe","id":"1","payload":{"query":"{ a }","variables":[]}}', '{"type":"complete"}',
        '{"type":"subscribe","id":"1","payload":{"query":"\\u0000"}}', '{"type":"ping","payload":"text"}',
        "[" * 5000,
    ],
)  # fmt: skip
def test_what_is_no_message_closes_the_connection(server: Server, teacher: Client, text: str) -> None:
    """4400, without a word of what was sent."""
    with socket(server, teacher) as live:
        live.connection.send(text)
        code, reason = closed(live)
        assert code == 4400
        assert SECRET not in reason


def test_a_binary_frame_is_no_message(server: Server, teacher: Client) -> None:
    with socket(server, teacher) as live:
        live.connection.send(b'{"type":"ping"}')
        assert closed(live)[0] == 4400


def test_a_message_that_is_too_long_closes_the_connection(server: Server, teacher: Client) -> None:
    with socket(server, teacher) as live:
        live.connection.send(" " * (MAXIMUM_BYTES + 1))
        assert closed(live)[0] == 1009


def test_who_subscribes_first_is_unauthorised(server: Server, teacher: Client) -> None:
    with raw_socket(server, teacher.token) as live:
        live.send(SUBSCRIBE)
        assert closed(live)[0] == 4401


@pytest.mark.parametrize(
    "payload", [None, {}, {"Authorization": "Bearer x.y.z"}, {"Authorization": 1}, {"Authorization": "x"}]
)
def test_who_has_no_token_is_forbidden(server: Server, payload: Any) -> None:
    with raw_socket(server) as live:
        live.send({"type": "connection_init"} | ({} if payload is None else {"payload": payload}))
        assert closed(live)[0] == 4403


def test_the_connection_is_initialised_once(server: Server, teacher: Client) -> None:
    with socket(server, teacher) as live:
        live.send({"type": "connection_init"})
        assert closed(live)[0] == 4429


def test_two_operations_of_one_id(server: Server, teacher: Client) -> None:
    with socket(server, teacher) as live:
        live.subscribe(MARKS)
        live.send(SUBSCRIBE)
        assert closed(live)[0] == 4409


def test_an_id_is_free_again(server: Server, teacher: Client) -> None:
    """After complete, which is not answered; of an id that isn't running it means nothing."""
    with socket(server, teacher) as live:
        live.send({"type": "complete", "id": "never"})
        for _ in range(30):  # more than one person may follow at once
            live.subscribe(MARKS)
            live.send({"type": "complete", "id": "1"})


@pytest.mark.parametrize("protocols", [(), ("graphql-ws",)])
def test_another_sub_protocol(server: Server, teacher: Client, protocols: tuple[str, ...]) -> None:
    with raw_socket(server, teacher.token, protocols) as live:
        assert closed(live)[0] == 4406


def test_a_token_in_the_handshake(server: Server, teacher: Client) -> None:
    """For clients that can set headers."""
    with raw_socket(server, teacher.token, headers={"Authorization": f"Bearer {teacher.token}"}) as live:
        live.send({"type": "ping", "payload": {"any": 1}})
        assert live.receive() == {"type": "pong"}
        live.send({"type": "connection_init"})
        assert live.receive() == {"type": "connection_ack"}


def test_a_page_of_another_origin_gets_no_connection(server: Server, teacher: Client) -> None:
    """403 to the handshake, token or not; a page of our own, and a program without a page, go on."""
    stated = {"Authorization": f"Bearer {teacher.token}"}
    for origin in ("https://evil.example", "null", server.url.replace("http", "https") + ".evil.example"):
        with (
            pytest.raises(InvalidStatus) as refused,
            raw_socket(server, teacher.token, headers=stated | {"Origin": origin}),
        ):
            pass
        assert refused.value.response.status_code == 403
    with raw_socket(server, teacher.token, headers=stated | {"Origin": server.url}) as live:
        live.initialise()


def test_queries_are_answered_and_completed(server: Server, teacher: Client) -> None:
    with socket(server, teacher) as live:
        live.send({"type": "subscribe", "id": "q", "payload": {"query": VIEWER}})
        assert live.receive()["payload"]["data"]["viewer"]["roles"]
        assert live.receive() == {"type": "complete", "id": "q"}


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (f"{{ {SECRET.replace('-', '')} }}", "BAD_USER_INPUT"),
        ("subscription { markRecorded { id } gradeUpdated { id } }", "BAD_USER_INPUT"),
        ("subscription($l: ID) { markRecorded(learner: $l) { id } } query q { viewer { roles } }", "BAD_USER_INPUT"),
        ('subscription { markRecorded(learner: "nonsense") { id } }', "BAD_USER_INPUT"),
        (
            "subscription { markRecorded { id @skip(if: true) mark { "
            + "learner { marks { " * 9
            + "id"
            + " } }" * 9
            + " } } }",
            "LIMIT_EXCEEDED",
        ),
    ],
)
def test_what_can_t_be_followed_is_an_error_of_its_id(
    server: Server, teacher: Client, document: str, code: str
) -> None:
    with socket(server, teacher) as live:
        live.send({"type": "subscribe", "id": "1", "payload": {"query": document}})
        frame = live.receive()
        assert (frame["type"], frame["id"]) == ("error", "1")
        assert frame["payload"][0]["extensions"]["code"] == code
        live.send({"type": "ping"})
        assert live.receive() == {"type": "pong"}


def test_one_person_follows_ten_things_at_most(server: Server, teacher: Client, quiet: World) -> None:
    with socket(server, teacher) as live:
        for number in range(10):
            live.subscribe(MARKS, key=str(number))
        live.send({"type": "subscribe", "id": "more", "payload": {"query": MARKS}})
        frame = live.receive()
        assert (frame["type"], frame["payload"][0]["extensions"]["code"]) == ("error", "LIMIT_EXCEEDED")
        with socket(server, server.client(quiet, "maths-lead")) as other:
            other.subscribe(MARKS)


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("text/event-stream", "text/event-stream"),
        ("text/event-stream, application/json", "application/json"),
        ("text/event-stream, */*", "application/json"),
        ("application/graphql-response+json, text/event-stream", "application/graphql-response+json"),
    ],
)
def test_json_is_preferred(server: Server, teacher: Client, accept: str, media: str) -> None:
    """A query over either; a subscription needs the stream."""
    headers = {"Authorization": f"Bearer {teacher.token}", "Accept": accept}
    answer = server.http.post("/graphql", json={"query": VIEWER}, headers=headers)
    assert answer.headers["content-type"].split(";")[0] == media
    assert "class_teacher" in answer.text


def test_a_subscription_is_no_request(teacher: Client) -> None:
    assert teacher.ask(MARKS).codes == ["BAD_USER_INPUT"]


def test_errors_come_as_events(server: Server, teacher: Client) -> None:
    """Of a document; a token that is none has a status of its own, which no stream could carry."""
    headers = {"Authorization": f"Bearer {teacher.token}", "Accept": "text/event-stream"}
    with server.http.stream("POST", "/graphql", json={"query": f"{{ {SECRET[:5]} }}"}, headers=headers) as response:
        text = response.read().decode()
    first, second = text.strip().split("\n\n")
    assert first.startswith("event: next\ndata: ")
    assert json.loads(first.split("data: ")[1])["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert second == "event: complete\ndata:"
    refused = server.http.post("/graphql", json={"query": MARKS}, headers={"Accept": "text/event-stream"})
    assert refused.status_code == 401


class _Nobody:
    def verify(self, token: str) -> Principal:
        raise Unauthenticated(f"no: {len(token)}")


async def test_who_says_nothing_is_not_waited_for() -> None:
    """4408, with a shorter wait than the server's."""
    sent: deque[Any] = deque()

    async def receive() -> Any:
        return {"type": "websocket.connect"} if not sent else await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "websocket", "subprotocols": ["graphql-transport-ws"], "headers": []}
    await WebSocketEndpoint(None, _Nobody(), initialisation=0.01)(scope, receive, send)  # type: ignore[arg-type]
    assert [one["type"] for one in sent] == ["websocket.accept", "websocket.close"]
    assert sent[-1]["code"] == 4408


def test_nothing_of_a_document_is_logged(server: Server) -> None:
    log = server.log.read_text()
    assert SECRET.replace("-", "") not in log
    assert '"event": "defect"' not in log


def test_get_is_off(server: Server, teacher: Client) -> None:
    headers = {"Authorization": f"Bearer {teacher.token}", "Accept": "text/event-stream"}
    assert httpx.get(f"{server.url}/graphql", headers=headers, trust_env=False).status_code == 405
