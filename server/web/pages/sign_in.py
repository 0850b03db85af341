"""Signing in by name and password, and signing out.

A name that nobody has costs the same work, and gets the same answer, as a wrong password.
"""

from __future__ import annotations

from starlette.responses import Response

from server.identity.people.passwords import check_password
from server.identity.people.sessions import end_session
from server.web.pages.cookies import give, new_cookie
from server.web.pages.destinations import own_path
from server.web.pages.endpoint import Form, Visit
from server.web.pages.entering import Entering
from server.web.pages.page import to

WRONG = "This user name and this password don't belong together. Check both."


class SignIn:
    def __init__(self, entering: Entering) -> None:
        self._entering = entering

    async def show(self, visit: Visit) -> Response:
        name = visit.visitor.session.identity if visit.visitor.session else ""
        return self._page(visit, {"name": name}, {})

    async def change(self, visit: Visit, form: Form) -> Response:
        name, password = form.get("name", ""), form.get("password", "")
        missing = {} if name.strip() else {"name": "Enter your user name."}
        missing |= {} if password else {"password": "Enter your password."}
        if missing:
            return self._page(visit, form, missing, 422)
        now = visit.desk.now()
        account = await visit.desk.run(lambda c: check_password(c, name, password))
        if account is None:
            return self._page(visit, form, {"name": WRONG}, 422)
        return await self._entering.begin(visit, account, now)

    def _page(self, visit: Visit, fields: Form, errors: Form, status: int = 200) -> Response:
        return visit.page("sign_in.html", status, fields=fields, errors=errors, next=own_path(visit.asked("next")))


async def sign_out(visit: Visit, _: Form) -> Response:
    """The session ends at the server, and the browser's cookie is one that means nothing."""
    session, now = visit.visitor.session, visit.desk.now()
    if session is not None:
        await visit.desk.run(lambda c: end_session(c, session.session_id, now))
    response = to("/sign-in")
    give(response, new_cookie())
    return response
