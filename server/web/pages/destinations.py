"""Where somebody goes on after signing in: a path of this origin, never an address."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

from starlette.requests import Request

ACCOUNT: Final = "/account"
_LONGEST: Final = 4096
# Our own paths have no other characters: nothing that any browser could take for the beginning of a host, a scheme or a
# step up, escaped or not. A query may have whatever is printable, but for what browsers turn or escape.
_PATH: Final = re.compile(r"(?:/|(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+/?)(?:\?[!$-;=?-\[\]-~]*)?")


def own_path(text: str | None) -> str:
    """The text where it is a path of ours with at most a query; the account's page for anything else."""
    if text is None or len(text) > _LONGEST or not _PATH.fullmatch(text):
        return ACCOUNT
    return text


def sign_in_for(request: Request, *, again: bool = False) -> str:
    """The address of the page for signing in that leads back to what was asked for; `again`: who is signed in already."""
    address = sign_in_to(path_of(request))
    return f"{address}{'&' if '?' in address else '?'}again=yes" if again else address


def sign_in_to(path: str) -> str:
    return "/sign-in" if path == ACCOUNT else f"/sign-in?next={quote(path, safe='/')}"


def address_of(request: Request) -> str:
    """Of the page itself, without the host and without the place in it that somebody jumped to: where its form leads."""
    query = request.scope["query_string"].decode("latin-1")
    return quote(request.scope["path"], safe="/~") + (f"?{query}" if query else "")


def path_of(request: Request) -> str:
    """What was asked for, as `next` may name it. A form's fields are lost: its page is shown again."""
    query = request.url.query if request.method in ("GET", "HEAD") else ""
    return own_path(request.url.path + (f"?{query}" if query else ""))
