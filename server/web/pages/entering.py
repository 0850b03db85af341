"""What follows when somebody has shown a factor: a cookie, and the next step, or where the person wanted to go."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from starlette.responses import Response

from server.database.blocking_pool import BlockingConnection
from server.identity.people.accounts import Account
from server.identity.people.hats import Hat, hats
from server.identity.people.sessions import begin_session, end_session
from server.web.pages.cookies import give
from server.web.pages.demands import Demands
from server.web.pages.destinations import ACCOUNT, own_path
from server.web.pages.endpoint import Visit
from server.web.pages.factors import owes_factor
from server.web.pages.page import onward, to

FACTOR: Final = "/sign-in/factor"
SET_UP: Final = "/account/factors"


class Entering:
    def __init__(self, demands: Demands) -> None:
        self._demands = demands

    async def begin(self, visit: Visit, account: Account, now: datetime) -> Response:
        """After the password: a session, in place of whichever this browser had."""
        before, agent = visit.visitor.session, visit.request.headers.get("user-agent", "")

        def work(connection: BlockingConnection) -> tuple[str, bool, list[Hat]]:
            if before is not None:
                end_session(connection, before.session_id, now)
            cookie = begin_session(connection, account.account_id, now, factor=False, agent=agent)
            return cookie, owes_factor(connection, account.account_id), hats(connection, account.identity)

        cookie, owes, worn = await visit.desk.run(work)
        if owes:
            response = to(FACTOR + next_query(visit))
        elif await self._demands.any_of(worn, now):
            response = to(SET_UP + next_query(visit))
        else:
            response = onward(own_path(visit.asked("next")))
        give(response, cookie)
        return response


def next_query(visit: Visit) -> str:
    """`next` of this page for the address of another; nothing where it would lead to the account anyway."""
    path = own_path(visit.asked("next"))
    return "" if path == ACCOUNT else "?" + urlencode({"next": path}, safe="/")
