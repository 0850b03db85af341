"""One round trip: commands out as one libpq pipeline, their results in, awaited in the event loop.

Straight on libpq, without psycopg's generators: on the hot road they cost more than the statement. However an exchange
ends, its connection is left outside the pipeline with no answer pending, or closed.
"""

import asyncio
import contextlib
from collections.abc import Sequence

import psycopg
from psycopg import errors
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn, PGresult

from server.database.command import Command
from server.database.failures import is_estranged
from server.database.pool import PoolConnection
from server.database.prepared import Prepared

CANCEL_SECONDS = 3.0
"""How long a cancelled statement may take to end before its connection is closed."""
_CANCEL_AGAIN_SECONDS = 0.25

_DONE = (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK, ExecStatus.EMPTY_QUERY)
_SYNC = ExecStatus.PIPELINE_SYNC
# libuv stops to watch a socket that is in error (POLLERR), and tells nobody: the end of a lost connection, or what came
# before it, is then found by looking.
_LOOK_SECONDS = 0.25


async def exchange(connection: PoolConnection, commands: Sequence[Command], *, prepare: bool) -> list[PGresult]:
    """One result a command, all of them good.

    Raises CommandFailed for the first that PostgreSQL refused: it skipped those after it. Raises
    psycopg.OperationalError where the connection was lost. A cancelled task's statement is cancelled at the server.
    """
    channel = connection.pgconn
    trip = _Trip(channel, connection.prepared if prepare else None, connection.patience)
    try:
        trip.send(commands)
        await trip.answered()
        channel.exit_pipeline_mode()
    except asyncio.CancelledError:
        await _stop(connection, trip)
        raise
    except BaseException:
        trip.leave()
        channel.finish()
        raise
    return trip.results()


class CommandFailed(Exception):
    """`at` is the command's place; `error` is of psycopg's tree."""

    def __init__(self, at: int, error: psycopg.Error) -> None:
        super().__init__("PostgreSQL refused a command")
        self.at = at
        self.error = error


class _Trip:
    """A pipeline on its way. `_steps` has one entry a result that is expected: a command's place, and the name that
    it makes known; a place of -1 is nobody's."""

    __slots__ = (
        "_channel", "_commands", "_done", "_gaps", "_got", "_left", "_look", "_loop", "_prepared", "_reading", "_socket", "_steps",
        "_writing",
    )  # fmt: skip

    def __init__(self, channel: PGconn, prepared: Prepared | None, patience: float | None = None) -> None:
        self._channel = channel
        self._prepared = prepared
        self._loop = asyncio.get_running_loop()
        self._done = self._loop.create_future()
        self._socket = channel.socket
        self._steps: list[tuple[int, bytes]] = []
        self._got: list[PGresult] = []
        self._commands = 0
        self._gaps = 0
        self._reading = self._writing = False
        self._look: asyncio.TimerHandle | None = None
        self._left = patience

    def send(self, commands: Sequence[Command]) -> None:
        """Raises psycopg.Error where libpq takes them not, or the connection is gone."""
        channel = self._channel
        channel.enter_pipeline_mode()
        self._commands = len(commands)
        if self._prepared is None:
            for at, command in enumerate(commands):
                channel.send_query_params(command.text, command.values)
                self._steps.append((at, b""))
        else:
            self._send_prepared(commands, self._prepared)
        channel.pipeline_sync()

    def _send_prepared(self, commands: Sequence[Command], prepared: Prepared) -> None:
        channel, steps = self._channel, self._steps
        names = [prepared.name(command.name) if command.name else b"" for command in commands]
        new = {name for name in names if name and not prepared.has(name)}
        for surplus in prepared.surplus(len(new)) if new else ():
            channel.send_close_prepared(surplus)
            steps.append((-1, b""))
        for at, (command, name) in enumerate(zip(commands, names, strict=True)):
            if not name:
                channel.send_query_params(command.text, command.values)
            else:
                if name in new:
                    new.discard(name)
                    channel.send_prepare(name, command.text)
                    steps.append((at, name))
                channel.send_query_prepared(name, command.values)
            steps.append((at, b""))

    async def answered(self) -> None:
        """Until every answer is there. Raises psycopg.OperationalError when the connection is lost."""
        self._loop.add_reader(self._socket, self._readable)
        self._reading = True
        self._look = self._loop.call_later(_LOOK_SECONDS, self._looked)
        try:
            if self._channel.flush():
                self._loop.add_writer(self._socket, self._writable)
                self._writing = True
            await self._done
        finally:
            self.leave()

    async def answered_again(self) -> None:
        """The rest of the answers, after `answered` was cancelled."""
        if self._done.cancelled():
            self._done = self._loop.create_future()
            await self.answered()
        self._done.result()

    def leave(self) -> None:
        """The event loop watches the connection no longer."""
        if self._look is not None:
            self._look.cancel()
            self._look = None
        if self._reading:
            self._reading = False
            self._loop.remove_reader(self._socket)
        if self._writing:
            self._writing = False
            self._loop.remove_writer(self._socket)

    def results(self) -> list[PGresult]:
        """The last of each command's. Raises CommandFailed."""
        found: list[PGresult | None] = [None] * self._commands
        failed: CommandFailed | None = None
        for (at, name), result in zip(self._steps, self._got, strict=True):
            if result.status in _DONE:
                if name and self._prepared is not None:
                    self._prepared.add(name)
                elif at >= 0:
                    found[at] = result
            elif failed is None:
                failed = self._failure(at, result)
        if failed is not None:
            raise failed
        return [result for result in found if result is not None]

    def _failure(self, at: int, result: PGresult) -> CommandFailed:
        error = errors.error_from_result(result, "utf-8")
        if is_estranged(error) and self._prepared is not None:
            self._prepared.forget()
        return CommandFailed(at, error)

    def _looked(self) -> None:
        """Nothing came for a while: see whether anything did, and whether there was time enough."""
        if self._left is not None:
            self._left -= _LOOK_SECONDS
            if self._left <= 0:
                self._end(psycopg.OperationalError("no answer in time"))
                return
        self._look = self._loop.call_later(_LOOK_SECONDS, self._looked)
        self._readable()

    def _readable(self) -> None:
        channel = self._channel
        try:
            channel.consume_input()
            while not channel.is_busy():
                result = channel.get_result()
                if result is None:
                    self._gap()
                elif result.status == _SYNC:
                    self._end(self._complaint())
                    return
                else:
                    self._take(result)
        except psycopg.Error as error:
            self._end(error)

    def _complaint(self) -> psycopg.Error | None:
        fewer = len(self._got) < len(self._steps)
        return psycopg.OperationalError("fewer answers than commands") if fewer else None

    def _take(self, result: PGresult) -> None:
        self._gaps = 0
        self._got.append(result)
        if len(self._got) > len(self._steps):
            raise psycopg.OperationalError("more answers than commands")

    def _gap(self) -> None:
        """Between two commands' answers there is one; two mean that no more is to come."""
        self._gaps += 1
        if self._gaps > 1:
            raise psycopg.OperationalError("the answers end too early")

    def _writable(self) -> None:
        try:
            if not self._channel.flush():
                self._writing = False
                self._loop.remove_writer(self._socket)
        except psycopg.Error as error:
            self._end(error)

    def _end(self, error: psycopg.Error | None) -> None:
        self.leave()
        if self._done.cancelled():
            # In the very turn in which the task was: what came is kept for `answered_again`, since nothing more will come.
            self._done = self._loop.create_future()
        if self._done.done():
            return
        if error is None:
            self._done.set_result(None)
        else:
            self._done.set_exception(error)


async def _stop(connection: PoolConnection, trip: _Trip) -> None:
    """Cancel what the server does for a task that was cancelled, and take its answers; or else close the connection."""
    channel = connection.pgconn
    try:
        async with asyncio.timeout(CANCEL_SECONDS):
            await _ended(connection, trip)
            channel.exit_pipeline_mode()
            await _fence(connection)
        with contextlib.suppress(CommandFailed):
            trip.results()
    except (psycopg.Error, TimeoutError, OSError):
        channel.finish()
    except BaseException:
        channel.finish()
        raise
    finally:
        trip.leave()


async def _ended(connection: PoolConnection, trip: _Trip) -> None:
    """The server has given up the pipeline. One that it hadn't begun when it was told to is told again."""
    answered = asyncio.ensure_future(trip.answered_again())
    try:
        while not answered.done():
            await connection.cancel_safe(timeout=CANCEL_SECONDS)
            # No asyncio.timeout: in a task that was cancelled, Python before 3.11.3 takes its end for the cancellation.
            await asyncio.wait({answered}, timeout=_CANCEL_AGAIN_SECONDS)
        answered.result()
    finally:
        answered.cancel()


async def _fence(connection: PoolConnection) -> None:
    """One more round trip with nothing in it: a late cancellation finds the server idle, and never another's statement."""
    trip = _Trip(connection.pgconn, None)
    trip.send(())
    await trip.answered()
    connection.pgconn.exit_pipeline_mode()
