"""Letters: by SMTP where a server was named, else as `.eml` files in a folder, which a mail program opens."""

from __future__ import annotations

import asyncio
import os
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from server.errors import Unavailable
from server.settings import make_in_home

if TYPE_CHECKING:
    from datetime import datetime

_SECONDS: Final = 20.0
_PORTS: Final = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True, slots=True)
class Mailer:
    """`url` is smtp://USER:PASSWORD@HOST:PORT, with STARTTLS where the server offers it, or smtps:// for TLS from the start."""

    url: str | None
    sender: str
    folder: Path

    async def send(self, to: list[str], subject: str, text: str, now: datetime) -> None:
        """One letter to all of them, none of whom sees the others. Raises Unavailable, which names no address."""
        letter = EmailMessage()
        letter["From"], letter["To"], letter["Subject"] = self.sender, "undisclosed-recipients:;", subject
        letter["Date"], letter["Message-ID"] = format_datetime(now), make_msgid(domain="usher.invalid")
        letter.set_content(text)
        if self.url is None:
            await asyncio.to_thread(self._store, to, letter)
        else:
            await asyncio.to_thread(self._deliver, self.url, to, letter)

    def _store(self, to: list[str], letter: EmailMessage) -> None:
        make_in_home(self.folder)
        letter["X-Usher-Recipients"] = str(len(to))
        path = self.folder / f"{letter['Message-ID'].strip('<>').partition('@')[0]}.eml"
        with open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(letter.as_bytes())

    def _deliver(self, url: str, to: list[str], letter: EmailMessage) -> None:
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or parts.hostname is None:
            raise Unavailable("USHER_SMTP_URL must look like smtp://USER:PASSWORD@HOST:PORT, or smtps://.")
        port = parts.port or _PORTS[parts.scheme]
        tls = ssl.create_default_context()
        try:
            with (
                smtplib.SMTP_SSL(parts.hostname, port, timeout=_SECONDS, context=tls)
                if parts.scheme == "smtps"
                else smtplib.SMTP(parts.hostname, port, timeout=_SECONDS)
            ) as server:
                server.ehlo()
                if parts.scheme == "smtp" and server.has_extn("starttls"):
                    server.starttls(context=tls)
                    server.ehlo()
                if parts.username:
                    server.login(unquote(parts.username), unquote(parts.password or ""))
                server.send_message(letter, from_addr=self.sender, to_addrs=to)
        except (OSError, smtplib.SMTPException) as error:
            # The server's words may hold addresses.
            raise Unavailable(f"The mail server doesn't take the letter ({type(error).__name__}).") from None
