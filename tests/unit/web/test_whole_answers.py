"""Answers in one write: what goes over the wire is what uvicorn's own two messages would send."""

import asyncio
import socket
from collections.abc import Mapping

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from server.web.whole_answers import EXTENSION, WholeAnswers, head, whole

HEADERS = ((b"content-type", b"text/plain"), (b"vary", b"Accept"))
REQUEST = b"POST / HTTP/1.1\r\nhost: here\r\ncontent-length: 2\r\n%s\r\nhi"
Answer = tuple[bytes, Mapping[bytes, bytes], bytes]


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with as many bytes as the path says, whole where that is offered."""
    await receive()
    body = b"x" * int(scope["path"].strip("/") or 3)
    if EXTENSION in scope.get("extensions", ()):
        await send(whole(head(200, HEADERS), body))
        return
    headers = [*HEADERS, (b"content-length", b"%d" % len(body)), (b"plain", b"yes")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def asked(*requests: bytes) -> tuple[list[Answer], bytes]:
    """The answers to requests on one connection, and what follows them if the server closes it."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(application, http=WholeAnswers, lifespan="off", log_config=None, server_header=False)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    reader, writer = await asyncio.open_connection(*listener.getsockname())
    try:
        writer.write(b"".join(requests))
        answers = [await read(reader) for _ in requests]
        writer.write_eof()
        return answers, await reader.read()
    finally:
        writer.close()
        server.should_exit = True
        await serving


async def read(reader: asyncio.StreamReader) -> Answer:
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")[:-2]
    headers = dict(line.split(b": ", 1) for line in lines)
    return first, headers, await reader.readexactly(int(headers[b"content-length"]))


@pytest.mark.parametrize("length", [0, 3, 300_000])
async def test_the_head_and_the_body_are_as_uvicorn_writes_them(length: int) -> None:
    """The date too, which uvicorn gives every answer."""
    [(first, headers, body)], _ = await asked(REQUEST.replace(b" / ", b" /%d " % length) % b"")
    assert first == b"HTTP/1.1 200 OK"
    assert headers[b"date"]
    assert headers == {**dict(HEADERS), b"content-length": b"%d" % length, b"date": headers[b"date"]}
    assert body == b"x" * length


async def test_a_connection_stays_for_the_next_request_and_ends_when_the_client_says_so() -> None:
    """Requests that were sent together are answered in turn."""
    answers, rest = await asked(REQUEST % b"", REQUEST % b"", REQUEST % b"connection: close\r\n")
    assert [headers.get(b"connection") for _, headers, _ in answers] == [None, None, b"close"]
    assert rest == b""


async def test_other_methods_are_answered_as_ever() -> None:
    """A HEAD has no body, so that nothing whole is offered for it."""
    [(_, headers, _)], _ = await asked(b"GET /5 HTTP/1.1\r\nhost: here\r\n\r\n")
    assert headers[b"plain"] == b"yes"
