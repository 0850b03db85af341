"""The pages' routes, their style and script, and what is answered to paths that nobody has."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.identity.issuer import Issuer
from server.resolvers.asked import Standings
from server.web.pages.account import AccountPage, end_sessions
from server.web.pages.demands import Demands
from server.web.pages.endpoint import Needs, PageEndpoint
from server.web.pages.entering import Entering
from server.web.pages.page import problem_page
from server.web.pages.password import PasswordPage
from server.web.pages.problems import not_found
from server.web.pages.sign_in import SignIn, sign_out
from server.web.pages.threads import PagesDesk
from server.web.pages.tidings import Tidings

_TYPES: Final = {"style.css": "text/css; charset=utf-8", "passkeys.js": "text/javascript; charset=utf-8"}
# Their pages answer what is under them, so that a mistyped address of ours is told in the same words.
_ROOTS: Final = ("/sign-in", "/sign-out", "/account", "/forgotten", "/reset", "/pages")


def page_routes(desk: PagesDesk, standings: Standings, issuer: Issuer) -> list[BaseRoute]:
    """Everything under /sign-in, /account and the like; pages of others stand before them in the application's list."""
    demands, tidings = Demands(standings), Tidings(issuer)
    sign_in = SignIn(Entering(demands))
    account, password = AccountPage(demands), PasswordPage(tidings)
    return [
        Route("/sign-in", PageEndpoint(desk, sign_in.show, sign_in.change, needs=Needs.NOTHING)),
        Route("/sign-out", PageEndpoint(desk, None, sign_out, needs=Needs.NOTHING)),
        Route("/account", PageEndpoint(desk, account.show)),
        Route("/account/sessions", PageEndpoint(desk, None, end_sessions)),
        Route("/account/password", PageEndpoint(desk, password.show, password.change)),
        *what_is_left(),
    ]


def what_is_left() -> list[BaseRoute]:
    return [
        *(Route(f"/pages/{name}", _file_answer, methods=["GET"]) for name in _TYPES),
        *(Route(f"{root}/{{rest:path}}", _nothing) for root in _ROOTS),
    ]


async def _file_answer(request: Request) -> Response:
    name = request.url.path.rpartition("/")[2]
    return Response(_file(name), media_type=_TYPES[name], headers={"Cache-Control": "no-cache"})


async def _nothing(_: Request) -> Response:
    return problem_page(not_found())


@cache
def _file(name: str) -> bytes:
    return (files("server.web.pages") / "static" / name).read_bytes()
