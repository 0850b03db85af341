"""uvicorn's two protocols, whose own answers carry our headers too: to what is no HTTP, and to no proper handshake."""

from typing import cast

import uvicorn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Response
from websockets.server import ServerProtocol

from server.errors import BadUserInput, UsherError
from server.web.refusals import error_body
from server.web.secure_headers import Headers
from server.web.whole_answers import WholeAnswers


class Config(uvicorn.Config):
    """`own_headers` are those of answers that no application wrote."""

    own_headers: Headers = ()


def _own_headers(config: uvicorn.Config) -> Headers:
    return cast(Config, config).own_headers


class HttpProtocol(WholeAnswers):
    def send_400_response(self, msg: str) -> None:
        """Of the parser: the application never saw the request."""
        self.refuse(400, BadUserInput(f"{msg} Send HTTP/1.1."))

    def refuse(self, status: int, error: UsherError) -> None:
        """What the application never saw: answered as it would be, and the connection ends."""
        lines = [b"%s: %s\r\n" % pair for pair in _own_headers(self.config)]
        body = error_body(error)
        lines.append(b"content-type: application/json; charset=utf-8\r\ncontent-length: %d\r\n" % len(body))
        self.transport.write(b"".join((STATUS_LINE[status], *lines, b"connection: close\r\n\r\n", body)))
        self.transport.close()


class _Conversation(ServerProtocol):
    """A handshake, whose refusal carries `own_headers`."""

    own_headers: Headers = ()

    def send_response(self, response: Response) -> None:
        if response.status_code != 101:
            for name, value in self.own_headers:
                response.headers.setdefault(name.decode("ascii"), value.decode("ascii"))
        super().send_response(response)


class WebSocketProtocol(WebSocketsSansIOProtocol):
    def connection_made(self, transport: object) -> None:
        conversation = _Conversation(max_size=self.config.ws_max_size, logger=self.logger)
        conversation.own_headers = _own_headers(self.config)
        self.conn = conversation
        super().connection_made(transport)  # type: ignore[arg-type]

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        # A handshake that is too long, or none: uvicorn leaves the answer unsent and the connection open for good.
        if self.conn.handshake_exc is not None and not self.transport.is_closing():
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.transport.close()
