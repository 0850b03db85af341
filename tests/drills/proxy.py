"""A line that breaks when it is told to: a TCP proxy in a thread of its own.

with Line(host, port) as line:                 # connect to line.port
    line.hole()                                # nothing comes through any more, and nobody is told
    line.heal()
    line.reset()                               # all connections are reset, and new ones at once, until it is healed
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, Final, Self

_CHUNK: Final = 65536
_RESET: Final = struct.pack("ii", 1, 0)


class Line:
    """Between whoever connects to `port` on the loopback and the given address."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="line", daemon=True)
        self._open = asyncio.Event()
        self._resetting = False
        self._ends: set[asyncio.StreamWriter] = set()
        self._links: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.port = 0

    @property
    def connections(self) -> int:
        """How many are open now."""
        return len(self._links)

    def hole(self) -> None:
        """From now on bytes wait, in both directions, and new connections with them."""
        self._call(self._open.clear)

    def reset(self) -> None:
        """Reset what is open and whatever comes."""

        def begin() -> None:
            self._resetting = True
            self._open.set()
            for end in list(self._ends):
                _abort(end)

        self._call(begin)

    def heal(self) -> None:
        """Bytes that waited go on, as TCP has it."""

        def mend() -> None:
            self._resetting = False
            self._open.set()

        self._call(mend)

    def __enter__(self) -> Self:
        self._thread.start()
        self.port = self._run(self._listen())
        return self

    def __exit__(self, *_: object) -> None:
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def _call(self, work: Callable[[], None]) -> None:
        """In the proxy's thread; done when this returns."""
        done: Future[None] = Future()

        def run() -> None:
            work()
            done.set_result(None)

        self._loop.call_soon_threadsafe(run)
        done.result(30)

    async def _listen(self) -> int:
        self._open.set()
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
        links = list(self._links)
        for link in links:
            link.cancel()
        await asyncio.gather(*links, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._resetting:
            _abort(writer)
            return
        link = self._loop.create_task(self._link(reader, writer))
        self._links.add(link)
        link.add_done_callback(self._links.discard)

    async def _link(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ends = [writer]
        self._ends.add(writer)
        try:
            await self._open.wait()
            back, forth = await asyncio.open_connection(*self._target)
            ends.append(forth)
            self._ends.add(forth)
            await asyncio.gather(self._pump(reader, forth), self._pump(back, writer))
        except OSError:
            pass  # one side hung up
        finally:
            for end in ends:
                self._ends.discard(end)
                end.close()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(_CHUNK):
            await self._open.wait()
            writer.write(chunk)
            await writer.drain()
        raise ConnectionResetError  # whoever ends ends both


def _abort(writer: asyncio.StreamWriter) -> None:
    """By RST instead of FIN."""
    end: socket.socket = writer.get_extra_info("socket")
    with contextlib.suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()
