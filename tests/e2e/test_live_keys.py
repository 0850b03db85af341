"""Connections that stay are ended with the key that their tokens were signed by."""

import time
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest
from websockets.exceptions import ConnectionClosedError

from server.identity.signing_keys import rotate
from tests.e2e.live import follower, socket
from tests.e2e.recording import mark, record
from tests.e2e.serving import Client, Server, serving
from tests.worlds import insert_world
from tests.worlds.wide_school import wide_school

GRADES = "subscription { gradeUpdated { id } }"
ASKED = "{ viewer { capacity } }"


def _ended(server: Server, client: Client) -> bool:
    headers = {"Authorization": f"Bearer {client.token}"}
    return server.http.post("/graphql", json={"query": ASKED}, headers=headers).status_code == 401


def test_a_key_that_got_out_ends_open_connections(bare_app_url: str, tmp_path: Path, today: date) -> None:
    """A socket answers nothing more, and neither it nor an event stream tells what happens from then on."""
    world = wide_school(f"keys {uuid4()}", today)
    insert_world(bare_app_url, world)
    with serving(bare_app_url, tmp_path) as [server]:
        teacher = server.client(world, "teacher")
        with (
            socket(server, teacher) as asking,
            follower("websocket", server, teacher, GRADES) as told,
            follower("sse", server, teacher, GRADES) as streamed,
        ):
            rotate(server.home / "keys", now=time.time(), at_once=True)
            while not _ended(server, teacher):
                time.sleep(0.05)
            asking.send({"type": "subscribe", "id": "1", "payload": {"query": ASKED}})
            frame = asking.receive()
            assert (frame["type"], frame["payload"][0]["extensions"]["code"]) == ("error", "UNAUTHENTICATED")
            with pytest.raises(ConnectionClosedError, match="4403"):
                asking.receive()
            record(server.client(world, "teacher"), mark(world, score="7"))
            assert told.ended() == streamed.ended() == "UNAUTHENTICATED"
