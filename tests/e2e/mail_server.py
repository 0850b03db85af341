"""A mail server on loopback (aiosmtpd): it takes letters and keeps them, unless it was told to do otherwise."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_string, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

Behaviour = Callable[["Letters"], Awaitable[str | None]]
"""What happens to one letter once its content has arrived: an answer other than 250, or None."""


@dataclass  # without slots: aiosmtpd looks at every attribute, and Python 3.11.2 fails at __weakref__
class Letters:
    """`refusing` refuses recipients for good; `taken` are (sender, recipients, text), also of what was then answered badly.

    `dropping` connections are cut once a client begins to send a letter; `behaviours` are used up, one a letter.
    """

    port: int = 0
    refusing: bool = False
    dropping: int = 0
    taken: list[tuple[str, list[str], str]] = field(default_factory=list[tuple[str, list[str], str]])
    behaviours: deque[Behaviour] = field(default_factory=deque[Behaviour])
    tried: int = 0

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def to(self, address: str) -> list[EmailMessage]:
        """Letters that were taken for that address."""
        return [
            message_from_string(text, policy=policy.default)  # pyright: ignore[reportReturnType]
            for _, recipients, text in self.taken
            if recipients == [address]
        ]

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        self.tried += 1
        if self.refusing:
            return "550 no such person here"
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        content: Any = envelope.original_content
        self.taken.append((envelope.mail_from or "", list(envelope.rcpt_tos), content.decode()))
        behaviour = self.behaviours.popleft() if self.behaviours else None
        answer = None if behaviour is None else await behaviour(self)
        return answer or "250 ok"


class _Server(SMTP):
    """Cuts connections where it was told to."""

    async def smtp_DATA(self, arg: str) -> None:
        letters: Letters = self.event_handler
        if letters.dropping == 0:
            await super().smtp_DATA(arg)
            return
        letters.dropping -= 1
        await self.push("354 go on")
        assert self.transport is not None
        self.transport.close()


@asynccontextmanager
async def mail_server() -> AsyncGenerator[Letters]:
    letters, loop = Letters(), asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Server(letters, loop=loop), "127.0.0.1", 0)
    letters.port = server.sockets[0].getsockname()[1]
    async with server:
        yield letters
