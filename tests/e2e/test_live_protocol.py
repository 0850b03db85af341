"""What a stream is refused for, over graphql-transport-ws and as server-sent events; the protocols are in test_protocol_*."""

from __future__ import annotations

import pytest
from websockets.exceptions import InvalidStatus

from tests.e2e.live import raw_socket, socket
from tests.e2e.serving import Client, Server
from tests.worlds import World

MARKS = "subscription { markRecorded { id } }"
VIEWER = "{ viewer { roles } }"
SECRET = "Zebra-in-the-document"


@pytest.fixture
def teacher(server: Server, quiet: World) -> Client:
    return server.client(quiet, "teacher")


def test_an_id_is_free_again(server: Server, teacher: Client) -> None:
    """After complete, which is not answered; of an id that isn't running it means nothing."""
    with socket(server, teacher) as live:
        live.send({"type": "complete", "id": "never"})
        for _ in range(30):  # more than one person may follow at once
            live.subscribe(MARKS)
            live.send({"type": "complete", "id": "1"})


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


def test_a_subscription_is_no_request(teacher: Client) -> None:
    assert teacher.ask(MARKS).codes == ["BAD_USER_INPUT"]


def test_nothing_of_a_document_is_logged(server: Server) -> None:
    log = server.log.read_text()
    assert SECRET.replace("-", "") not in log
    assert '"event": "defect"' not in log
