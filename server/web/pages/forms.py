"""Forms that a page of ours posts: read under a cap, and refused where they come from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request

from server.web.bodies import read_body
from server.web.origins import may_connect
from server.web.pages.cookies import cookie_of, is_form_token
from server.web.pages.problems import Problem
from server.web.refusals import Refusal

MAXIMUM_BYTES: Final = 32 * 1024
MOST_FIELDS: Final = 100
TOKEN: Final = "csrf"  # noqa: S105 - the name of a field
_FORM: Final = "application/x-www-form-urlencoded"
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
# What a browser says of a form that a page of the same origin posted, or that the person sent again by hand.
_OURS: Final = frozenset({"same-origin", "none"})


class PageForm(Problem):
    """A form that isn't read: malformed, too long, or not from a page of ours."""


async def read_page_form(request: Request) -> dict[str, str]:
    """Field by name, with the empty ones, without the token. Raises PageForm, and ClientGone of server/web/bodies.py."""
    _refuse_strangers(request)
    fields = _fields(request, await _body(request))
    cookie, token = cookie_of(request), fields.pop(TOKEN, "")
    if cookie is None or not is_form_token(cookie, token):
        raise PageForm(403, "This page is out of date", "Nothing changed. Open the page again, and send it once more.")
    return fields


def _refuse_strangers(request: Request) -> None:
    """By what the browser says of the page that posted.

    A browser without Sec-Fetch-Site says "null" in Origin, because our pages send no referrer: then the token decides.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        ours = site in _OURS
    else:
        origin = [pair for pair in request.scope["headers"] if pair[0] in (b"origin", b"host") and pair[1] != b"null"]
        ours = may_connect(origin, ())
    if not ours:
        raise PageForm(
            403, "This form came from another site", "Nothing changed. Open the page here, and send it again."
        )


async def _body(request: Request) -> bytes:
    headers: Mapping[bytes, bytes] = {name.lower(): value for name, value in request.scope["headers"]}
    try:
        return await read_body(request.receive, headers, MAXIMUM_BYTES)
    except Refusal as refusal:
        raise PageForm(
            refusal.status, "The form was not taken", "It was too long, or took too long to arrive. Nothing changed.",
            {"Connection": "close"},
        ) from None  # fmt: skip


def _fields(request: Request, body: bytes) -> dict[str, str]:
    media = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if media != _FORM:
        raise PageForm(415, "The form was not taken", "Send it with the button on the page.")
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, strict_parsing=bool(body), errors="strict",
            max_num_fields=MOST_FIELDS,
        )  # fmt: skip
    except ValueError:
        raise _malformed() from None
    fields = dict(pairs)
    if len(fields) < len(pairs) or any(_CONTROL.search(text) for pair in pairs for text in pair):
        raise _malformed()
    return fields


def _malformed() -> PageForm:
    return PageForm(400, "The form was not taken", "It can't be read. Open the page again, and send it once more.")
