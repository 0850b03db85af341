"""What follows a step of signing in: cookies, and the next step, or where the person wanted to go."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from starlette.responses import Response

from server.database.blocking_pool import BlockingConnection
from server.identity.people.hats import hats
from server.identity.people.outcomes import FactorDue, SignedIn, TooMany, Wrong
from server.identity.people.premises import Premises
from server.identity.people.sessions import end_session
from server.web.pages.cookies import give, give_browser
from server.web.pages.demands import Demands
from server.web.pages.destinations import ACCOUNT, own_path
from server.web.pages.endpoint import Visit
from server.web.pages.moments import wait
from server.web.pages.page import onward, to

FACTOR: Final = "/sign-in/factor"
SET_UP: Final = "/account/factors"

Step = SignedIn | FactorDue | Wrong | TooMany | None


class Entering:
    def __init__(self, premises: Premises, demands: Demands, refused: Callable[[str], None] = lambda _: None) -> None:
        """`refused` is told of each step that was wrong, or came too soon."""
        self.premises = premises
        self._demands = demands
        self._refused = refused

    async def take(self, visit: Visit, step: Callable[[BlockingConnection], Step]) -> Step:
        """The step; where it was a right one, the session that the browser had before is over."""
        before, now = visit.visitor.session, visit.desk.now()

        def work(connection: BlockingConnection) -> Step:
            taken = step(connection)
            if before is not None and isinstance(taken, (SignedIn, FactorDue)):
                end_session(connection, before.session_id, now)
            return taken

        taken = await visit.desk.run(work)
        self.note(taken)
        return taken

    def note(self, step: Step) -> None:
        """Count a step that was wrong, or came too soon."""
        if step is None or isinstance(step, (Wrong, TooMany)):
            self._refused("too_many" if isinstance(step, TooMany) else "wrong")

    async def follow(
        self, visit: Visit, step: SignedIn | FactorDue, *, factor: bool, path: str | None = None
    ) -> Response:
        """`factor`: whether a second one was shown with this step; `path`: where to, if not as this page's `next` says."""
        path = own_path(visit.asked("next") if path is None else path)
        if isinstance(step, FactorDue):
            response = to(FACTOR + _query(path))
        elif not factor and await self._demanded(visit, step):
            response = to(SET_UP + _query(path))
        else:
            response = onward(path)
        give(response, step.cookie)
        if isinstance(step, SignedIn):
            give_browser(response, step.browser)
        return response

    async def _demanded(self, visit: Visit, step: SignedIn) -> bool:
        worn = await visit.desk.run(lambda c: hats(c, step.account.identity))
        return await self._demands.any_of(worn, visit.desk.now())


def too_many(step: TooMany, now: datetime) -> tuple[str, dict[str, str]]:
    """The sentence, and the header for programs."""
    left = step.until - now
    sentence = f"Too many tries. Wait {wait(left)}, then try again."
    return sentence, {"Retry-After": str(max(1, round(left.total_seconds() + 0.5)))}


def next_query(visit: Visit) -> str:
    """`next` of this page for the address of another; nothing where it would lead to the account anyway."""
    return _query(own_path(visit.asked("next")))


def _query(path: str) -> str:
    return "" if path == ACCOUNT else "?" + urlencode({"next": path}, safe="/")
