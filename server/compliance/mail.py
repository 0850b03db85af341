"""Letters: by SMTP where a server was named, else as `.eml` files in a folder, which a mail program opens."""

from __future__ import annotations

import asyncio
import os
import secrets
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
    from uuid import UUID

_SECONDS: Final = 20.0
_FOR_GOOD: Final = 500
_PORTS: Final = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True, slots=True)
class Mailer:
    """`url` is smtp://USER:PASSWORD@HOST:PORT, with STARTTLS where the server offers it, or smtps:// for TLS from the start."""

    url: str | None
    sender: str
    folder: Path

    async def send(self, to: list[str], subject: str, text: str, now: datetime) -> None:
        """One letter to all of them, none of whom sees the others. Raises Unavailable, which names no address."""
        letter = self._letter("undisclosed-recipients:;", subject, text, make_msgid(domain="usher.invalid"), now)
        if self.url is None:
            await asyncio.to_thread(self._store, letter, len(to))
        elif not await asyncio.to_thread(self._deliver, self.url, to, letter):
            raise Unavailable("The mail server doesn't take the letter to this address.")

    async def post(self, to: str, subject: str, text: str, letter_id: UUID, now: datetime) -> bool:
        """One letter to one person; False where the mail server refused the address for good (RFC 5321, 4.2.1: 5yz).

        The Message-ID follows from the letter's id: what is delivered twice can be seen to be one letter. Raises
        Unavailable, which names no address.
        """
        domain = self.sender.rpartition("@")[2].strip("> ") or "usher.invalid"
        letter = self._letter(to, subject, text, f"<{letter_id}@{domain}>", now)
        if self.url is None:
            await asyncio.to_thread(self._store, letter, 1)
            return True
        return await asyncio.to_thread(self._deliver, self.url, [to], letter)

    def _letter(self, to: str, subject: str, text: str, message_id: str, now: datetime) -> EmailMessage:
        letter = EmailMessage()
        letter["From"], letter["To"], letter["Subject"] = self.sender, to, subject
        letter["Date"], letter["Message-ID"] = format_datetime(now), message_id
        letter["Auto-Submitted"] = "auto-generated"  # RFC 3834: no machine answers it
        letter.set_content(text)
        return letter

    def _store(self, letter: EmailMessage, recipients: int) -> None:
        """Whole or not at all; one that is stored twice is one file."""
        letter["X-Usher-Recipients"] = str(recipients)
        path = self.folder / f"{letter['Message-ID'].strip('<>').partition('@')[0]}.eml"
        unfinished = path.with_suffix(f".{secrets.token_hex(4)}")
        try:
            make_in_home(self.folder)
            with open(unfinished, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
                file.write(letter.as_bytes())
            unfinished.replace(path)
        except OSError as error:
            raise Unavailable(f"No letter can be written to {self.folder}: {error.strerror}.") from None

    def _deliver(self, url: str, to: list[str], letter: EmailMessage) -> bool:
        """False where every recipient was refused for good."""
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
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            if all(_FOR_GOOD <= code < _FOR_GOOD + 100 for code in codes):
                return False
            raise Unavailable(_not_taken(error, min(codes))) from None
        except (OSError, smtplib.SMTPException) as error:
            raise Unavailable(_not_taken(error, getattr(error, "smtp_code", None))) from None
        return True


def _not_taken(error: Exception, code: int | None) -> str:
    """The server's own words may hold addresses: they are left out."""
    return f"The mail server doesn't take the letter ({type(error).__name__}{'' if code is None else f' {code}'})."
