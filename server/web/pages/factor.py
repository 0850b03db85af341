"""The second step of signing in: a code, a passkey, or a recovery code."""

from __future__ import annotations

from starlette.responses import Response

from server.database.blocking_pool import BlockingConnection
from server.identity.people.factors import Factors, factors_of
from server.identity.people.outcomes import SignedIn, TooMany
from server.identity.people.passkeys import authentication_options
from server.identity.people.sessions import Session, find_unfinished
from server.identity.people.sign_in import show_code, show_passkey, show_recovery_code
from server.web.pages.endpoint import Form, Visit
from server.web.pages.entering import FACTOR, Entering, Step, next_query, too_many
from server.web.pages.page import to
from server.web.pages.passkey_host import may_have_passkeys

_NO_CODE = "Enter the code that your app shows."
_WRONG_CODE = "This code isn't right, or was used already. Wait for the next one."
_NO_RECOVERY = "Enter one of your recovery codes."
_WRONG_RECOVERY = "This is no recovery code of yours, or it was used already."
_WRONG_PASSKEY = "This passkey could not be used. Try again, or use another way."


class FactorPage:
    """For whoever has shown the password within ten minutes; anybody else begins with it."""

    def __init__(self, entering: Entering) -> None:
        self._entering = entering

    async def show(self, visit: Visit) -> Response:
        return await self._page(visit, {}, 200, {})

    async def change(self, visit: Visit, form: Form) -> Response:
        """By the passkey's answer where there is one, else by the code."""
        now, premises, caller = visit.desk.now(), self._entering.premises, visit.caller
        code, credential = form.get("code", ""), form.get("passkey", "")
        if not credential and not code.strip():
            return await self._page(visit, {"code": _NO_CODE}, 422, {})

        def work(connection: BlockingConnection) -> Step:
            session = _unfinished(connection, visit)
            if session is None:
                return None
            if credential:
                return show_passkey(connection, premises, session, credential, caller, now)
            return show_code(connection, premises, session, code, caller, now)

        step = await visit.desk.run(work)
        self._entering.note(step)
        if isinstance(step, SignedIn):
            return await self._entering.follow(visit, step, factor=True)
        if isinstance(step, TooMany):
            sentence, headers = too_many(step, now)
            return await self._page(visit, {"": sentence}, 429, headers)
        wrong = {"": _WRONG_PASSKEY} if credential else {"code": _WRONG_CODE}
        return await self._page(visit, wrong, 422, {})

    async def _page(self, visit: Visit, errors: Form, status: int, headers: dict[str, str]) -> Response:
        now, premises = visit.desk.now(), self._entering.premises

        def work(connection: BlockingConnection) -> tuple[Factors, str] | None:
            session = _unfinished(connection, visit)
            if session is None:
                return None
            factors = factors_of(connection, session.account_id)
            asks = bool(factors.passkeys) and may_have_passkeys(premises)
            return factors, authentication_options(connection, premises, session, now) if asks else ""

        found = await visit.desk.run(work)
        if found is None:
            return to("/sign-in" + next_query(visit))
        factors, options = found
        return visit.page(
            "factor.html",
            status,
            headers=headers,
            script=bool(options),
            errors=errors if factors.app else _without_field(errors),
            app=factors.app,
            options=options,
            query=next_query(visit),
        )


class RecoveryPage:
    """In the place of the second step, for whoever lost what it takes."""

    def __init__(self, entering: Entering) -> None:
        self._entering = entering

    async def show(self, visit: Visit) -> Response:
        if await visit.desk.run(lambda c: _unfinished(c, visit)) is None:
            return to("/sign-in" + next_query(visit))
        return self._page(visit, {}, 200, {})

    async def change(self, visit: Visit, form: Form) -> Response:
        now, premises, caller, code = visit.desk.now(), self._entering.premises, visit.caller, form.get("code", "")
        if not code.strip():
            return self._page(visit, {"code": _NO_RECOVERY}, 422, {})

        def work(connection: BlockingConnection) -> tuple[Step, bool]:
            session = _unfinished(connection, visit)
            if session is None:
                return None, False
            return show_recovery_code(connection, premises, session, code, caller, now), True

        step, begun = await visit.desk.run(work)
        if not begun:
            return to("/sign-in" + next_query(visit))
        self._entering.note(step)
        if isinstance(step, SignedIn):
            return await self._entering.follow(visit, step, factor=True)
        if isinstance(step, TooMany):
            sentence, headers = too_many(step, now)
            return self._page(visit, {"": sentence}, 429, headers)
        return self._page(visit, {"code": _WRONG_RECOVERY}, 422, {})

    def _page(self, visit: Visit, errors: Form, status: int, headers: dict[str, str]) -> Response:
        query = next_query(visit)
        return visit.page("recovery.html", status, headers=headers, errors=errors, back=FACTOR + query)


def _without_field(errors: Form) -> Form:
    """Where the page has no field for the code."""
    return {"": " ".join(errors.values())} if errors else {}


def _unfinished(connection: BlockingConnection, visit: Visit) -> Session | None:
    return find_unfinished(connection, visit.visitor.cookie, visit.desk.now())
