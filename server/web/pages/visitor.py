"""Who looks at a page: a browser with its cookie, and the session that the cookie is of."""

from __future__ import annotations

from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response

from server.identity.people.sessions import Session, find_session
from server.web.pages.cookies import cookie_of, form_token, give, new_cookie
from server.web.pages.threads import PagesDesk


@dataclass(frozen=True, slots=True)
class Visitor:
    """`fresh`: the browser has not been given the cookie yet, which any page with a form does."""

    cookie: str = field(repr=False)
    session: Session | None = None
    fresh: bool = False

    @property
    def csrf(self) -> str:
        return form_token(self.cookie)

    def renewed(self, cookie: str) -> Visitor:
        """The same with another cookie, which the next answer gives the browser."""
        return Visitor(cookie, self.session, fresh=True)

    def greet(self, response: Response) -> Response:
        if self.fresh:
            give(response, self.cookie)
        return response


async def visitor_of(request: Request, desk: PagesDesk) -> Visitor:
    """Raises Unavailable."""
    cookie = cookie_of(request)
    if cookie is None:
        return Visitor(new_cookie(), fresh=True)
    now = desk.now()
    return Visitor(cookie, await desk.run(lambda c: find_session(c, cookie, now)))
