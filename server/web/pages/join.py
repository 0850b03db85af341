"""Joining by an invitation: a page a step, from the code to the account. Whoever is signed in adds to their own account.

No page tells whose invitation it is: a letter lies on a table where others read it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from typing import Final
from uuid import UUID

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.commands.joining.joinings import Joining, Step, find_joining
from server.commands.joining.redeeming import Birth, Came, give_birth, redeem
from server.commands.joining.steps import Said, Wanted, give_code, give_name, give_number, send_again
from server.database.blocking_pool import BlockingConnection
from server.errors import BadUserInput
from server.web.pages.endpoint import Form, Needs, PageEndpoint, Visit
from server.web.pages.page import problem_page, to
from server.web.pages.problems import Problem
from server.web.pages.threads import PagesDesk

_CODE: Final = "/join"
_WRONG_CODE: Final = (
    "This code doesn't count, or doesn't count any more. Check each letter; if it is right, ask the school for another."
)
_TOO_MANY: Final = Problem(429, "Too many attempts", "Wait for a quarter of an hour, and try again.")
_LOCKED: Final = Problem(
    403,
    "This invitation is locked",
    "The date of birth was wrong five times. The school has been told: ask it for another.",
)
_NUMBERS: Final[Mapping[Said, str]] = {
    Said.WRONG: "This isn't the number in the letter.",
    Said.OVER: "This number doesn't count any more. Have another one sent.",
}
_IN_THE_WAY: Final[Mapping[Came, Problem]] = {
    Came.OTHER_ACCOUNT: Problem(
        409,
        "You have an account already",
        "The school's record of you belongs to another account. Sign in with that one, and type the code again.",
    ),
    Came.OTHER_PERSON: Problem(
        409,
        "Ask the school",
        "Your account belongs to another record of you at this school. Ask the school to make one of the two.",
    ),
}

_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "join_name.html": ("identity", "email", "confirmation"),
    "join_finish.html": ("password",),
}


def join_routes(desk: PagesDesk) -> list[BaseRoute]:
    """Everything under /join."""
    pages = {
        _CODE: (_show_code, _give_code),
        "/join/name": (_at(Step.NAME, "join_name.html"), _give_name),
        "/join/number": (_at(Step.NUMBER, "join_number.html"), _give_number),
        "/join/again": (None, _send_again),
        "/join/birth": (_at(Step.BIRTH, "join_birth.html"), _give_birth),
        "/join/finish": (_at(Step.FINISH, "join_finish.html"), _finish),
    }
    routes: list[BaseRoute] = [
        Route(path, PageEndpoint(desk, show, change, needs=Needs.NOTHING)) for path, (show, change) in pages.items()
    ]
    return [*routes, Route("/joined", PageEndpoint(desk, _joined, needs=Needs.NOTHING))]


async def _show_code(visit: Visit) -> Response:
    return visit.page("join.html")


async def _give_code(visit: Visit, form: Form) -> Response:
    code, account, now = form.get("code", ""), _account(visit), visit.desk.now()
    address, cookie = _address(visit), visit.visitor.cookie
    said = await visit.desk.run(lambda c: give_code(c, code, cookie, account, address, now))
    if said is Said.TOO_MANY:
        return problem_page(_TOO_MANY, visit.visitor)
    if said is Said.WRONG:
        return visit.page("join.html", 422, errors={"code": _WRONG_CODE})
    return await _onward(visit)


def _at(step: Step, template: str) -> Callable[[Visit], Awaitable[Response]]:
    """The page of a step, for whoever has come to it; all others are led to theirs."""

    async def show(visit: Visit) -> Response:
        joining = await _joining(visit)
        if joining is None or joining.step is not step:
            return to(_path(joining))
        return visit.page(template, joining=joining)

    return show


async def _give_name(visit: Visit, form: Form) -> Response:
    wanted = Wanted(form.get("identity", ""), form.get("email", ""), form.get("confirmation", ""))
    cookie, now = visit.visitor.cookie, visit.desk.now()
    try:
        said = await visit.desk.run(lambda c: give_name(c, cookie, wanted, now))
    except BadUserInput as error:
        return await _again(visit, "join_name.html", form, error)
    return problem_page(_TOO_MANY, visit.visitor) if said is Said.TOO_MANY else await _onward(visit)


async def _give_number(visit: Visit, form: Form) -> Response:
    number, cookie, now = form.get("number", ""), visit.visitor.cookie, visit.desk.now()
    said = await visit.desk.run(lambda c: give_number(c, cookie, number, now))
    if said in _NUMBERS:
        joining = await _joining(visit)
        return visit.page("join_number.html", 422, joining=joining, errors={"number": _NUMBERS[said]})
    return await _onward(visit)


async def _send_again(visit: Visit, _: Form) -> Response:
    cookie, now = visit.visitor.cookie, visit.desk.now()
    said = await visit.desk.run(lambda c: send_again(c, cookie, now))
    return problem_page(_TOO_MANY, visit.visitor) if said is Said.TOO_MANY else await _onward(visit)


async def _give_birth(visit: Visit, form: Form) -> Response:
    given = _date(form)
    if given is None:
        return await _refused(visit, "join_birth.html", {"day": "Write a date, such as 27 3 2012."})
    cookie, account, address, now = visit.visitor.cookie, _account(visit), _address(visit), visit.desk.now()
    birth: Birth = await visit.desk.run(lambda c: give_birth(c, cookie, account, given, address, now))
    if birth.came is Came.LOCKED:
        return problem_page(_LOCKED, visit.visitor)
    if birth.came is Came.WRONG:
        tries = "one try" if birth.left == 1 else f"{birth.left} tries"
        return await _refused(
            visit, "join_birth.html", {"day": f"This isn't the date of birth. You have {tries} left."}
        )
    return await _onward(visit)


async def _finish(visit: Visit, form: Form) -> Response:
    password, cookie, account = form.get("password", ""), visit.visitor.cookie, _account(visit)
    address, now = _address(visit), visit.desk.now()
    try:
        came = await visit.desk.run(lambda c: redeem(c, cookie, account, password, address, now))
    except BadUserInput as error:
        return await _again(visit, "join_finish.html", {}, error)
    if came in _IN_THE_WAY:
        return problem_page(_IN_THE_WAY[came], visit.visitor)
    return to("/joined") if came is Came.DONE else await _onward(visit)


async def _joined(visit: Visit) -> Response:
    return visit.page("joined.html")


async def _joining(visit: Visit) -> Joining | None:
    cookie, account, now = visit.visitor.cookie, _account(visit), visit.desk.now()

    def look(connection: BlockingConnection) -> Joining | None:
        return find_joining(connection, cookie, account, now)

    return await visit.desk.run(look)


async def _onward(visit: Visit) -> Response:
    return to(_path(await _joining(visit)))


def _path(joining: Joining | None) -> str:
    return _CODE if joining is None else f"/join/{joining.step}"


async def _again(visit: Visit, template: str, form: Form, error: BadUserInput) -> Response:
    """The page with what is wrong in it: by the field that the error names, where the page has it."""
    named = str(error.path[-1]) if error.path else ""
    place = named if named in _FIELDS[template] else ""
    return await _refused(visit, template, {place: error.message}, form)


async def _refused(visit: Visit, template: str, errors: Mapping[str, str], form: Form | None = None) -> Response:
    joining = await _joining(visit)
    if joining is None:
        return to(_CODE)
    return visit.page(template, 422, joining=joining, errors=errors, fields=form or {})


def _date(form: Form) -> date | None:
    words = [form.get(name, "").strip() for name in ("year", "month", "day")]
    if not all(word.isascii() and word.isdigit() and len(word) <= 4 for word in words):
        return None
    try:
        return date(*(int(word) for word in words))
    except ValueError:
        return None


def _account(visit: Visit) -> UUID | None:
    return None if visit.visitor.session is None else visit.visitor.session.account_id


def _address(visit: Visit) -> str:
    client = visit.request.client
    return client.host if client else ""
