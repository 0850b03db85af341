"""The pages' routes, their style and script, and what is answered to paths that nobody has."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.identity.people.changing import CONFIRM, RESET
from server.identity.people.premises import Premises
from server.web.pages.account import AccountPage, end_sessions
from server.web.pages.demands import Demands
from server.web.pages.email import ConfirmPage, EmailPage
from server.web.pages.endpoint import Change, Needs, PageEndpoint, Show
from server.web.pages.entering import Entering
from server.web.pages.factor import FactorPage, RecoveryPage
from server.web.pages.factors import AppPage, FactorsPage, PasskeyPage, RecoveryCodesPage, RemovePage
from server.web.pages.page import problem_page
from server.web.pages.passkey_host import may_have_passkeys
from server.web.pages.password import ForgottenPage, PasswordPage, ResetPage
from server.web.pages.problems import not_found
from server.web.pages.sign_in import PasskeySignIn, SignIn, sign_out
from server.web.pages.threads import PagesDesk

_TYPES: Final = {"style.css": "text/css; charset=utf-8", "passkeys.js": "text/javascript; charset=utf-8"}
# Their pages answer what is under them, so that a mistyped address of ours is told in the same words.
_ROOTS: Final = ("/sign-in", "/sign-out", "/account", "/forgotten", "/join", RESET, CONFIRM, "/pages")


def page_routes(desk: PagesDesk, demands: Demands, entering: Entering) -> list[BaseRoute]:
    """Everything under /sign-in, /account and the like; pages of others stand before them in the application's list."""
    return [
        *_for_anybody(desk, entering.premises, entering),
        *_of_account(desk, entering.premises, demands),
        *what_is_left(),
    ]


def _for_anybody(desk: PagesDesk, premises: Premises, entering: Entering) -> Iterator[Route]:
    sign_in, passkey = SignIn(entering), PasskeySignIn(entering)
    factor, recovery = FactorPage(entering), RecoveryPage(entering)
    forgotten, reset, confirm = ForgottenPage(premises), ResetPage(entering), ConfirmPage(premises)
    pages: dict[str, tuple[Show | None, Change]] = {
        "/sign-in": (sign_in.show, sign_in.change),
        "/sign-in/factor": (factor.show, factor.change),
        "/sign-in/recovery": (recovery.show, recovery.change),
        "/sign-out": (None, sign_out),
        "/forgotten": (forgotten.show, forgotten.change),
        RESET: (reset.show, reset.change),
        CONFIRM: (confirm.show, confirm.change),
    }
    if may_have_passkeys(premises):
        pages["/sign-in/passkey"] = (passkey.show, passkey.change)
    for path, (show, change) in pages.items():
        yield Route(path, PageEndpoint(desk, show, change, needs=Needs.NOTHING))


def _of_account(desk: PagesDesk, premises: Premises, demands: Demands) -> Iterator[Route]:
    account, password, email = AccountPage(demands), PasswordPage(premises), EmailPage(premises)
    factors, app, passkey = FactorsPage(premises, demands), AppPage(premises), PasskeyPage(premises)
    remove, codes = RemovePage(premises), RecoveryCodesPage(premises)
    pages: dict[str, tuple[Show | None, Change | None]] = {
        "/account": (account.show, None),
        "/account/sessions": (None, end_sessions),
        "/account/password": (password.show, password.change),
        "/account/email": (email.show, email.change),
        "/account/factors": (factors.show, None),
        "/account/app": (app.show, app.change),
        "/account/passkey": (passkey.show, passkey.change),
        "/account/remove": (remove.show, remove.change),
        "/account/recovery-codes": (codes.show, codes.change),
    }
    for path, (show, change) in pages.items():
        yield Route(path, PageEndpoint(desk, show, change))


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
