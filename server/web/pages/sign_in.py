"""Signing in by name and password, or by a passkey alone, and signing out.

A name that nobody has costs the same work, and gets the same answer, as a wrong password.
"""

from __future__ import annotations

from starlette.responses import Response

from server.identity.people.outcomes import FactorDue, SignedIn, TooMany
from server.identity.people.passkeys import authentication_options
from server.identity.people.sessions import end_session
from server.identity.people.sign_in import sign_in, sign_in_with_passkey
from server.web.pages.cookies import give, new_cookie
from server.web.pages.destinations import own_path
from server.web.pages.endpoint import Form, Visit
from server.web.pages.entering import Entering, next_query, too_many
from server.web.pages.page import to
from server.web.pages.passkey_host import may_have_passkeys

WRONG = "This user name and this password don't belong together. Check both."
NO_PASSKEY = "This passkey could not be used here. Try again, or sign in with your password."


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
        now, premises, caller = visit.desk.now(), self._entering.premises, visit.caller
        step = await self._entering.take(visit, lambda c: sign_in(c, premises, name, password, caller, now))
        if isinstance(step, (SignedIn, FactorDue)):
            return await self._entering.follow(visit, step, factor=False)
        if isinstance(step, TooMany):
            sentence, headers = too_many(step, now)
            return self._page(visit, form, {"": sentence}, 429, headers)
        return self._page(visit, form, {"name": WRONG}, 422)

    def _page(
        self, visit: Visit, fields: Form, errors: Form, status: int = 200, headers: dict[str, str] | None = None
    ) -> Response:
        return visit.page(
            "sign_in.html",
            status,
            headers=headers,
            fields=fields,
            errors=errors,
            next=own_path(visit.asked("next")),
            query=next_query(visit),
            again=visit.visitor.session is not None and visit.asked("again") == "yes",
            passkeys=may_have_passkeys(self._entering.premises),
        )


class PasskeySignIn:
    """Without a name: the passkey says whose it is, and is two factors by itself."""

    def __init__(self, entering: Entering) -> None:
        self._entering = entering

    async def show(self, visit: Visit) -> Response:
        return await self._page(visit, {})

    async def change(self, visit: Visit, form: Form) -> Response:
        now, premises, caller = visit.desk.now(), self._entering.premises, visit.caller
        credential = form.get("passkey", "")
        step = await self._entering.take(visit, lambda c: sign_in_with_passkey(c, premises, credential, caller, now))
        if isinstance(step, SignedIn):
            return await self._entering.follow(visit, step, factor=True)
        return await self._page(visit, {"": NO_PASSKEY}, 422)

    async def _page(self, visit: Visit, errors: Form, status: int = 200) -> Response:
        now, premises = visit.desk.now(), self._entering.premises
        options = await visit.desk.run(lambda c: authentication_options(c, premises, None, now))
        query = next_query(visit)
        return visit.page("sign_in_passkey.html", status, script=True, errors=errors, options=options, query=query)


async def sign_out(visit: Visit, _: Form) -> Response:
    """The session ends at the server, and the browser's cookie is one that means nothing."""
    session, now = visit.visitor.session, visit.desk.now()
    if session is not None:
        await visit.desk.run(lambda c: end_session(c, session.session_id, now))
    response = to("/sign-in")
    give(response, new_cookie())
    return response
