"""The account's own page: who it is, where it may act, how it is proved, and where it is signed in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from starlette.responses import Response

from server.database.blocking_pool import BlockingConnection
from server.errors import Unauthenticated
from server.identity.oauth.hats_in_force import hats_in_force
from server.identity.people.accounts import Account, account_of
from server.identity.people.factors import Factors, factors_of
from server.identity.people.hats import Hat
from server.identity.people.sessions import Session, end_all_sessions, end_session, sessions_of
from server.web.pages.browsers import browser_name
from server.web.pages.demands import Demands
from server.web.pages.endpoint import Form, Visit
from server.web.pages.factors import named
from server.web.pages.moments import moment
from server.web.pages.page import to

CAPACITIES: Final = {
    "STAFF": "member of staff",
    "PARENT": "parent or carer",
    "LEARNER": "learner",
    "OPERATOR": "support staff of Usher",
}
# What `done` in the address may say was done: an address can be written by anybody, so it holds no sentence.
DONE: Final[Mapping[str, str]] = {
    "password": "Your password has changed. You are signed out everywhere else.",
    "sessions": "Signed out there.",
}


@dataclass(frozen=True, slots=True)
class _Known:
    account: Account
    hats: Sequence[Hat]
    sessions: Sequence[Session]
    factors: Factors


class AccountPage:
    def __init__(self, demands: Demands) -> None:
        self._demands = demands

    async def show(self, visit: Visit) -> Response:
        session, now = visit.session, visit.desk.now()
        known = await visit.desk.run(lambda c: _known(c, session, now))
        demanded = session.factor_at is None and await self._demands.any_of(known.hats, now)
        return visit.page(
            "account.html",
            account=known.account,
            hats=known.hats,
            capacities=CAPACITIES,
            factors=named(known.factors),
            sessions=[_shown(one, session) for one in known.sessions],
            demanded=demanded,
            done=DONE.get(visit.asked("done") or "", ""),
        )


async def end_sessions(visit: Visit, form: Form) -> Response:
    """`end` is the id of one of the account's own sessions, or "others"."""
    session, now, which = visit.session, visit.desk.now(), form.get("end", "")

    def work(connection: BlockingConnection) -> None:
        own = {str(one.session_id): one.session_id for one in sessions_of(connection, session.account_id, now)}
        if which == "others":
            end_all_sessions(connection, session.account_id, now, but=session.session_id)
        elif which in own:
            end_session(connection, own[which], now)

    await visit.desk.run(work)
    return to("/sign-in" if which == str(session.session_id) else "/account?done=sessions")


def _known(connection: BlockingConnection, session: Session, now: datetime) -> _Known:
    account = account_of(connection, session.account_id)
    if account is None:
        raise Unauthenticated("Sign in first.")
    account_id = account.account_id
    sessions, factors = sessions_of(connection, account_id, now), factors_of(connection, account_id)
    return _Known(account, hats_in_force(connection, account_id, now), sessions, factors)


def _shown(session: Session, here: Session) -> dict[str, object]:
    return {
        "session_id": session.session_id,
        "browser": browser_name(session.agent),
        "begun": moment(session.begun_at),
        "seen": moment(session.seen_at),
        "here": session.session_id == here.session_id,
    }
