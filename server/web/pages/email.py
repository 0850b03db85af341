"""Changing the address that letters go to: it counts once a letter that went there was answered."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from server.database.blocking_pool import BlockingConnection
from server.errors import BadUserInput
from server.identity.people.accounts import account_of
from server.identity.people.changing import ask_address, confirm_address
from server.identity.people.mailed_links import find_link
from server.identity.people.premises import Premises
from server.identity.people.sessions import recent
from server.web.pages.endpoint import Form, Visit
from server.web.pages.entering import too_many
from server.web.pages.password import MINUTES

_SENT: Final = "A letter is on its way to the new address. Open the link in it to confirm that it is yours."
AGAIN: Final = "/account/email"


class EmailPage:
    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def show(self, visit: Visit) -> Response:
        return await self._page(visit, {}, {})

    async def change(self, visit: Visit, form: Form) -> Response:
        session, now, email = visit.session, visit.desk.now(), form.get("email", "")
        try:
            many = await visit.desk.run(lambda c: ask_address(c, self._premises, session, email, now))
        except BadUserInput as error:
            return await self._page(visit, form, {"email": error.message}, 422)
        if many is not None:
            sentence, headers = too_many(many, now)
            return await self._page(visit, form, {"": sentence}, 429, headers)
        return visit.page("letter_sent.html", sentence=_SENT, minutes=MINUTES)

    async def _page(
        self, visit: Visit, fields: Form, errors: Form, status: int = 200, headers: dict[str, str] | None = None
    ) -> Response:
        session = visit.session
        recent(session, visit.desk.now())
        account = await visit.desk.run(lambda c: account_of(c, session.account_id))
        return visit.page("email.html", status, headers=headers, account=account, fields=fields, errors=errors)


class ConfirmPage:
    """By the link of a letter, whoever is signed in here; used up by the form, never by opening the page."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def show(self, visit: Visit) -> Response:
        token, now = visit.asked("token") or "", visit.desk.now()
        if await visit.desk.run(lambda c: find_link(c, token, "confirm_address", now)) is None:
            return visit.page("spent.html", 410, again=AGAIN)
        return visit.page("confirm.html")

    async def change(self, visit: Visit, _: Form) -> Response:
        token, now = visit.asked("token") or "", visit.desk.now()

        def work(connection: BlockingConnection) -> bool:
            return confirm_address(connection, self._premises, token, now)

        if not await visit.desk.run(work):
            return visit.page("spent.html", 410, again=AGAIN)
        return visit.page("confirmed.html")
