"""What ends in the moment in which a stream is opened, and is heard of by the other streams of its school before."""

from __future__ import annotations

import asyncio

import psycopg
import pytest

from server.commands.outbox import Event, write_events_now
from server.errors import PermissionEnded
from server.identity.principal import Principal
from server.resolvers.execution import Execution, OperationRequest
from server.resolvers.live.following import Following
from server.resolvers.live.rights import Rights, rights
from server.resolvers.live.stream import Stream
from server.resolvers.live.streams import Streams
from tests.e2e.access_desk import AccessDesk
from tests.e2e.live import PATIENCE

GRADES = "subscription { gradeUpdated { id } }"
REPORTS = "subscription { reportPublished { id } }"


async def test_what_ends_while_a_stream_is_opened_closes_it(desk: AccessDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the look at its rights and the place from which it is told: another stream has heard of it already."""
    execution = Execution(desk.pool, bytes(32), clock=lambda: desk.now)

    def request(handle: str, capacity: str, document: str) -> OperationRequest:
        principal = Principal(desk.world.school_id, desk.world.ids[handle], capacity, None, "token", 2**40, factor=True)
        return OperationRequest(document, None, {}, principal, None, None)

    async def rights_before_the_end(following: Following) -> Rights:
        held = await rights(following)
        with psycopg.connect(desk.owner_url) as connection:
            connection.execute(
                "UPDATE usher.guardian_link SET valid_to = %s WHERE school_id = %s AND guardian_id = %s",
                [desk.now.date(), desk.world.school_id, desk.world.ids["pat"]],
            )
            write_events_now(connection, desk.world.school_id, [Event("rosterImported", {})], desk.now)
        await asyncio.wait_for(heard.wait(), PATIENCE)
        return held

    class Checked(Stream):
        async def check(self) -> None:
            await super().check()
            heard.set()

    heard = asyncio.Event()
    async with Streams(execution, every=0.05) as streams:
        monkeypatch.setattr("server.resolvers.live.streams.Stream", Checked)
        other = await streams.open(request("teacher", "STAFF", GRADES))
        monkeypatch.setattr("server.resolvers.live.streams.rights", rights_before_the_end)
        stream = await streams.open(request("pat", "PARENT", REPORTS))
        assert isinstance(stream, Stream)
        assert isinstance(other, Stream)
        with pytest.raises(PermissionEnded):
            await asyncio.wait_for(stream.next(), PATIENCE)
        for one in (stream, other):
            streams.close(one)
