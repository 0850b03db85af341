"""Changing the password, and choosing a new one where it was forgotten."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from server.database.blocking_pool import BlockingConnection
from server.errors import BadUserInput
from server.identity.people.changing import ask_reset, change_password, find_reset, reset_password
from server.identity.people.mailed_links import LIFETIME
from server.identity.people.outcomes import Changed, FactorDue, SignedIn, TooMany
from server.identity.people.premises import Premises
from server.web.pages.endpoint import Form, Visit
from server.web.pages.entering import Entering, Step, too_many
from server.web.pages.page import to

_WRONG: Final = "This isn't your password until now."
_SENT: Final = "If there is an account of this name, and it has an e-mail address, a letter is on its way there."
MINUTES: Final = int(LIFETIME.total_seconds()) // 60


class PasswordPage:
    """For whoever is signed in and knows the password until now."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def show(self, visit: Visit) -> Response:
        return visit.page("password.html")

    async def change(self, visit: Visit, form: Form) -> Response:
        session, now = visit.session, visit.desk.now()
        old, new = form.get("old", ""), form.get("password", "")
        errors = {} if old else {"old": "Enter your password until now."}
        errors |= {} if new else {"password": "Enter a new password."}
        if errors:
            return visit.page("password.html", 422, errors=errors)
        try:
            step = await visit.desk.run(lambda c: change_password(c, self._premises, session, old, new, now))
        except BadUserInput as error:
            return visit.page("password.html", 422, errors={"password": error.message})
        if isinstance(step, Changed):
            return to("/account?done=password")
        if isinstance(step, TooMany):
            sentence, headers = too_many(step, now)
            return visit.page("password.html", 429, headers=headers, errors={"": sentence})
        return visit.page("password.html", 422, errors={"old": _WRONG})


class ForgottenPage:
    """The answer is there before anybody has looked whether there is such an account."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def show(self, visit: Visit) -> Response:
        return visit.page("forgotten.html")

    async def change(self, visit: Visit, form: Form) -> Response:
        name, caller, now = form.get("name", ""), visit.caller, visit.desk.now()
        if not name.strip():
            return visit.page("forgotten.html", 422, errors={"name": "Enter your user name."})
        visit.desk.later(lambda c: ask_reset(c, self._premises, name, caller, now), "/forgotten")
        return visit.page("letter_sent.html", sentence=_SENT, minutes=MINUTES)


class ResetPage:
    """By the link of a letter, `token` in the address. It is used up by the form, never by opening the page."""

    def __init__(self, entering: Entering) -> None:
        self._entering = entering

    async def show(self, visit: Visit) -> Response:
        token, now = visit.asked("token") or "", visit.desk.now()
        if not await visit.desk.run(lambda c: find_reset(c, token, now)):
            return _spent(visit)
        return visit.page("reset.html")

    async def change(self, visit: Visit, form: Form) -> Response:
        token, new = visit.asked("token") or "", form.get("password", "")
        now, premises, caller = visit.desk.now(), self._entering.premises, visit.caller
        if not new:
            return visit.page("reset.html", 422, errors={"password": "Enter a new password."})

        def work(connection: BlockingConnection) -> Step:
            return reset_password(connection, premises, token, new, caller, now)

        try:
            step = await self._entering.take(visit, work)
        except BadUserInput as error:
            return visit.page("reset.html", 422, errors={"password": error.message})
        if isinstance(step, (SignedIn, FactorDue)):
            return await self._entering.follow(visit, step, factor=False)
        return _spent(visit)


def _spent(visit: Visit) -> Response:
    return visit.page("spent.html", 410, again="/forgotten")
