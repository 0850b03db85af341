"""The second step as its owner sees it: what there is, and setting up and taking away."""

from __future__ import annotations

from datetime import datetime

import segno
from starlette.responses import Response

from server.database.blocking_pool import BlockingConnection
from server.errors import BadUserInput
from server.identity.people.factors import Factors, factors_of
from server.identity.people.hats import hats
from server.identity.people.one_time_codes import (
    NewAuthenticator,
    begin_authenticator,
    confirm_authenticator,
    end_authenticator,
    pending_authenticator,
)
from server.identity.people.passkeys import add_passkey, end_passkey, registration_options
from server.identity.people.premises import Premises
from server.identity.people.recovery_codes import new_recovery_codes
from server.identity.people.sessions import Session, recent
from server.web.pages.demands import Demands
from server.web.pages.destinations import ACCOUNT, own_path
from server.web.pages.endpoint import Form, Visit
from server.web.pages.entering import SET_UP, next_query
from server.web.pages.moments import moment
from server.web.pages.page import to
from server.web.pages.passkey_host import may_have_passkeys
from server.web.pages.problems import not_found

_DONE = {"app": "The authenticator app is set up.", "passkey": "The passkey is added.", "removed": "It is removed."}
_WRONG_CODE = "This isn't the code that the app shows now. Check that your phone's clock is right."
_APP = "app"


class FactorsPage:
    def __init__(self, premises: Premises, demands: Demands) -> None:
        self._premises = premises
        self._demands = demands

    async def show(self, visit: Visit) -> Response:
        session, now = visit.session, visit.desk.now()
        factors, worn = await visit.desk.run(lambda c: (factors_of(c, session.account_id), hats(c, session.identity)))
        return visit.page(
            "factors.html",
            factors=factors,
            moment=moment,
            may_add=may_have_passkeys(self._premises),
            demanded=not factors.any and await self._demands.any_of(worn, now),
            done=_DONE.get(visit.asked("done") or "", ""),
            query=next_query(visit),
        )


class AppPage:
    """A new authenticator app: its secret is shown, and in use once a code of it is typed in."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def show(self, visit: Visit) -> Response:
        return await self._page(visit, {})

    async def change(self, visit: Visit, form: Form) -> Response:
        session, now, code = visit.session, visit.desk.now(), form.get("code", "")

        def work(connection: BlockingConnection) -> _SetUp | None:
            cookie = confirm_authenticator(connection, self._premises, session, code, now)
            return None if cookie is None else _set_up(connection, self._premises, session, cookie, now)

        done = await visit.desk.run(work)
        if done is None:
            return await self._page(visit, {"code": _WRONG_CODE}, 422)
        return _finished(visit, done, _APP)

    async def _page(self, visit: Visit, errors: Form, status: int = 200) -> Response:
        session, now = visit.session, visit.desk.now()

        def work(connection: BlockingConnection) -> NewAuthenticator:
            recent(session, now)
            pending = pending_authenticator(connection, self._premises, session, now)
            return pending or begin_authenticator(connection, self._premises, session, now)

        made = await visit.desk.run(work)
        picture = segno.make(made.uri, error="m").svg_data_uri(scale=4, border=4, dark="#000", light="#fff")
        key = " ".join(made.secret[start : start + 4] for start in range(0, len(made.secret), 4))
        return visit.page("app.html", status, errors=errors, picture=picture, key=key, query=next_query(visit))


class PasskeyPage:
    """A new passkey, by the one script of ours."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def show(self, visit: Visit) -> Response:
        return await self._page(visit, {}, {})

    async def change(self, visit: Visit, form: Form) -> Response:
        session, now = visit.session, visit.desk.now()
        credential, label = form.get("passkey", ""), form.get("label", "")

        def work(connection: BlockingConnection) -> _SetUp:
            cookie = add_passkey(connection, self._premises, session, credential, label, now)
            return _set_up(connection, self._premises, session, cookie, now)

        try:
            done = await visit.desk.run(work)
        except BadUserInput as error:
            field = "label" if error.path == ("name",) else ""
            return await self._page(visit, {"label": label}, {field: error.message}, 422)
        return _finished(visit, done, "passkey")

    async def _page(self, visit: Visit, fields: Form, errors: Form, status: int = 200) -> Response:
        if not may_have_passkeys(self._premises):
            raise not_found()
        session, now = visit.session, visit.desk.now()
        options = await visit.desk.run(lambda c: registration_options(c, self._premises, session, now))
        query = next_query(visit)
        return visit.page(
            "passkey.html", status, script=True, fields=fields, errors=errors, options=options, query=query
        )


class RemovePage:
    """Taking a factor away, once the person has said so twice. `factor` in the address is "app", or a passkey's id."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def show(self, visit: Visit) -> Response:
        session, now, which = visit.session, visit.desk.now(), visit.asked("factor")
        recent(session, now)
        factors = await visit.desk.run(lambda c: factors_of(c, session.account_id))
        names = {one.credential_id: f"the passkey “{one.name}”" for one in factors.passkeys}
        names |= {_APP: "the authenticator app"} if factors.app else {}
        if which not in names:
            raise not_found()
        return visit.page("remove.html", name=names[which], last=len(names) == 1)

    async def change(self, visit: Visit, _: Form) -> Response:
        session, now, which = visit.session, visit.desk.now(), visit.asked("factor") or ""

        def work(connection: BlockingConnection) -> None:
            if which == _APP:
                end_authenticator(connection, self._premises, session, now)
            else:
                end_passkey(connection, self._premises, session, which, now)

        await visit.desk.run(work)
        return to(f"{SET_UP}?done=removed")


class RecoveryCodesPage:
    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def show(self, visit: Visit) -> Response:
        recent(visit.session, visit.desk.now())
        return visit.page("new_recovery_codes.html")

    async def change(self, visit: Visit, _: Form) -> Response:
        session, now = visit.session, visit.desk.now()
        codes = await visit.desk.run(lambda c: new_recovery_codes(c, self._premises, session, now))
        return visit.page("recovery_codes.html", codes=codes, next=SET_UP)


_SetUp = tuple[str, list[str]]


def _set_up(connection: BlockingConnection, premises: Premises, session: Session, cookie: str, now: datetime) -> _SetUp:
    """The cookie from now on, and recovery codes where the account had none."""
    left = factors_of(connection, session.account_id).codes_left
    return cookie, [] if left else new_recovery_codes(connection, premises, session, now)


def _finished(visit: Visit, done: _SetUp, what: str) -> Response:
    """Recovery codes first, if there are any; then where the person was going when a factor was demanded."""
    (cookie, codes), after = done, own_path(visit.asked("next"))
    after = f"{SET_UP}?done={what}" if after == ACCOUNT else after
    visit = visit.renewed(cookie)
    if codes:
        return visit.page("recovery_codes.html", codes=codes, next=after)
    return visit.visitor.greet(to(after))


def named(factors: Factors) -> str:
    """Such as "authenticator app, 2 passkeys"; empty where there is none."""
    number = len(factors.passkeys)
    keys = [f"{number} passkey{'' if number == 1 else 's'}"] if number else []
    return ", ".join([*(["authenticator app"] if factors.app else []), *keys])
