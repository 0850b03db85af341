"""One page at one path: shown by GET, changed by POST, and never with an unmasked defect.

    PageEndpoint(desk, show, change)                      # for whoever is signed in
    PageEndpoint(desk, show, change, needs=Needs.NOTHING)  # for anybody

`show` takes a Visit; `change` takes a Visit and the form, which was proved to come from a page of ours.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from server.errors import Unauthenticated, UsherError
from server.identity.people.outcomes import Caller
from server.identity.people.sessions import Session
from server.web.bodies import ClientGone
from server.web.logs import log_defect
from server.web.pages.browsers import browser_name
from server.web.pages.cookies import BROWSER, cookie_of
from server.web.pages.destinations import address_of, sign_in_for
from server.web.pages.forms import PageForm, read_page_form
from server.web.pages.page import defect_page, page, problem_page, to
from server.web.pages.problems import Problem, problem_of
from server.web.pages.threads import PagesDesk
from server.web.pages.visitor import Visitor, visitor_of

Form = Mapping[str, str]


class Needs(Enum):
    """Who a page is for: anybody, or whoever is signed in."""

    NOTHING = "nothing"
    SESSION = "session"


@dataclass(frozen=True, slots=True)
class Visit:
    """One request to a page."""

    request: Request
    desk: PagesDesk
    visitor: Visitor

    @property
    def session(self) -> Session:
        """Raises Unauthenticated, which leads to the page for signing in."""
        if self.visitor.session is None:
            raise Unauthenticated("Sign in first.")
        return self.visitor.session

    @property
    def caller(self) -> Caller:
        """Headers that a proxy may have written are not believed."""
        peer, agent = self.request.client, self.request.headers.get("user-agent", "")
        known = cookie_of(self.request, BROWSER)
        return Caller("" if peer is None else peer.host, agent, known, browser_name(agent))

    def renewed(self, cookie: str) -> Visit:
        """The same with another cookie for the session: pages give it to the browser."""
        return replace(self, visitor=self.visitor.renewed(cookie))

    def page(self, name: str, /, status: int = 200, **values: Any) -> Response:
        return page(name, status, visitor=self.visitor, here=address_of(self.request), **values)

    def asked(self, name: str) -> str | None:
        """A parameter of the address: the text where it is there once; None where it isn't, or is there twice."""
        found = self.request.query_params.getlist(name)
        return found[0] if len(found) == 1 else None


Show = Callable[[Visit], Awaitable[Response]]
Change = Callable[[Visit, Form], Awaitable[Response]]


class PageEndpoint:
    """An ASGI application for one Route. At least one of `show` and `change` is there."""

    def __init__(
        self, desk: PagesDesk, show: Show | None, change: Change | None = None, *, needs: Needs = Needs.SESSION
    ) -> None:
        self._desk = desk
        self._show = show
        self._change = change
        self._needs = needs
        self._methods = [*(["GET", "HEAD"] if show else []), *(["POST"] if change else [])]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        response = await self._answer(request)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        try:
            return await self._asked(request)
        except PageForm as problem:
            return problem_page(problem, again=address_of(request) if self._show else "")
        except Problem as problem:
            return problem_page(problem)
        except UsherError as error:
            return problem_page(problem_of(error))
        except ClientGone:
            return Response()
        except Exception as error:
            return defect_page(log_defect(error, self._route(request)))

    async def _asked(self, request: Request) -> Response:
        if request.method not in self._methods:
            allowed = {"Allow": ", ".join(self._methods)}
            raise Problem(405, "This page can't be asked so", "Open it from a link or with its button.", allowed)
        form = await read_page_form(request) if request.method == "POST" else None
        visit = Visit(request, self._desk, await visitor_of(request, self._desk))
        try:
            return await self._of(visit, form)
        except Unauthenticated:
            return to(sign_in_for(request, again=visit.visitor.session is not None))

    async def _of(self, visit: Visit, form: Form | None) -> Response:
        if self._needs is Needs.SESSION:
            visit.session  # noqa: B018 - raises where there is none
        if form is None:
            assert self._show is not None
            return await self._show(visit)
        assert self._change is not None
        return await self._change(visit, form)

    @staticmethod
    def _route(request: Request) -> str:
        """The path as declared: the one that was asked for may hold a secret of a letter."""
        return str(getattr(request.scope.get("route"), "path", ""))
