"""The cookies of the pages, and the token that proves that a form was read from a page of ours.

Whoever comes without the visitor's cookie is given one that means nothing yet, so that a form can be tied to the browser
before anybody has signed in: nobody can sign somebody else's browser in. Signing in replaces it. The browser's cookie
says that an account was signed in with it before, so that what strangers try under its name doesn't slow its owner.

docs/cookies.md lists both.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from server.identity.people.browsers import REMEMBERED

VISITOR: Final = "__Host-usher"
BROWSER: Final = "__Host-usher-browser"
_SHAPE: Final = re.compile(r"[A-Za-z0-9_-]{32,128}")
_FORM: Final = b"usher page form"


def new_cookie() -> str:
    """Of a visitor who has no session: 256 random bits, like a session's own."""
    return secrets.token_urlsafe(32)


def cookie_of(request: Request, name: str = VISITOR) -> str | None:
    """The cookie that was sent; None for none, and for a text that none of ours looks like."""
    found = request.cookies.get(name)
    return found if found is not None and _SHAPE.fullmatch(found) else None


def give(response: Response, cookie: str) -> None:
    """The visitor's, without an age: it goes when the browser is closed, which matters on a shared computer."""
    response.set_cookie(VISITOR, cookie, path="/", secure=True, httponly=True, samesite="lax")


def give_browser(response: Response, text: str) -> None:
    """The browser's, for as long as it is known. It opens nothing."""
    age = int(REMEMBERED.total_seconds())
    response.set_cookie(BROWSER, text, max_age=age, path="/", secure=True, httponly=True, samesite="lax")


def form_token(cookie: str) -> str:
    """What a form of this browser's carries. It follows from the cookie, which pages from elsewhere can't read."""
    digest = hmac.new(cookie.encode("ascii"), _FORM, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def is_form_token(cookie: str, text: str) -> bool:
    return hmac.compare_digest(form_token(cookie).encode(), text.encode())
