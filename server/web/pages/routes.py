"""The pages' routes, their style and script, and what is answered to paths that nobody has."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.identity.people.sessions import end_session
from server.web.pages.cookies import give, new_cookie
from server.web.pages.endpoint import Form, Needs, PageEndpoint, Visit
from server.web.pages.page import problem_page, to
from server.web.pages.problems import not_found
from server.web.pages.threads import PagesDesk

_TYPES: Final = {"style.css": "text/css; charset=utf-8", "passkeys.js": "text/javascript; charset=utf-8"}
# Their pages answer what is under them, so that a mistyped address of ours is told in the same words.
_ROOTS: Final = ("/sign-in", "/sign-out", "/account", "/forgotten", "/reset", "/pages")


def page_routes(desk: PagesDesk) -> list[BaseRoute]:
    """Everything under /sign-in, /account and the like; pages of others stand before them in the application's list."""
    return [
        Route("/sign-out", PageEndpoint(desk, None, _sign_out, needs=Needs.NOTHING)),
        *(Route(f"/pages/{name}", _file_answer, methods=["GET"]) for name in _TYPES),
        *(Route(f"{root}/{{rest:path}}", _nothing) for root in _ROOTS),
    ]


async def _sign_out(visit: Visit, _: Form) -> Response:
    """The session ends at the server, and the browser forgets what it knew of it."""
    session, now = visit.visitor.session, visit.desk.now()
    if session is not None:
        await visit.desk.run(lambda c: end_session(c, session.session_id, now))
    response = to("/sign-in")
    give(response, new_cookie())
    return response


async def _file_answer(request: Request) -> Response:
    name = request.url.path.rpartition("/")[2]
    return Response(_file(name), media_type=_TYPES[name], headers={"Cache-Control": "no-cache"})


async def _nothing(_: Request) -> Response:
    return problem_page(not_found())


@cache
def _file(name: str) -> bytes:
    return (files("server.web.pages") / "static" / name).read_bytes()
