"""/demo/letters: what a demo's letters say, since nothing sends them.

They are read from files of this machine, in a demo database alone, and shown to whoever sits at it: by an address and
under a name of this machine, since a page of elsewhere could have its own name lead here (DNS rebinding), and past no
proxy, for whom everybody is at this machine.
"""

from __future__ import annotations

import asyncio
import email
import email.policy
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.identity.installation import is_demo
from server.identity.issuer import Issuer
from server.web.pages.endpoint import Needs, PageEndpoint, Visit
from server.web.pages.problems import not_found
from server.web.pages.threads import PagesDesk

_MOST: Final = 50
_LARGEST: Final = 64 * 1024
_FORWARDED: Final = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")


@dataclass(frozen=True, slots=True)
class Part:
    """A paragraph; `link` where it is an address of ours and nothing else."""

    text: str
    link: bool


@dataclass(frozen=True, slots=True)
class Shown:
    to: str
    subject: str
    date: str
    parts: Sequence[Part]


def demo_letter_routes(desk: PagesDesk, folder: Path, issuer: Issuer) -> list[BaseRoute]:
    """`folder` is where letters are files."""

    async def show(visit: Visit) -> Response:
        if not _from_here(visit.request) or not await visit.desk.run(is_demo):
            raise not_found()
        return visit.page("demo_letters.html", letters=await asyncio.to_thread(newest, folder, issuer.at("/")))

    return [Route("/demo/letters", PageEndpoint(desk, show, needs=Needs.NOTHING))]


def newest(folder: Path, ours: str) -> list[Shown]:
    """The newest letters, the newest first; `ours` is what addresses of ours begin with."""
    files = [(path.stat().st_mtime_ns, path) for path in folder.glob("*.eml")] if folder.is_dir() else []
    return [_shown(path, ours) for _, path in sorted(files, reverse=True)[:_MOST]]


def _shown(path: Path, ours: str) -> Shown:
    with path.open("rb") as file:
        letter = email.message_from_bytes(file.read(_LARGEST), EmailMessage, policy=email.policy.default)
    paragraphs = letter.get_content().replace("\r\n", "\n").split("\n\n")
    parts = [Part(one, one.startswith(ours) and len(one.split()) == 1) for one in map(_joined, paragraphs) if one]
    return Shown(str(letter["To"]), str(letter["Subject"]), str(letter["Date"]), parts)


def _joined(paragraph: str) -> str:
    return " ".join(paragraph.split())


def _from_here(request: Request) -> bool:
    host = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    return (
        not any(name in request.headers for name in _FORWARDED)
        and request.client is not None
        and _is_loopback(request.client.host)
        and (host == "localhost" or _is_loopback(host))
    )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
