"""The account's apps: which of them act for the person, in which hat, and the button that ends it."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.identity.issuer import Issuer
from server.identity.oauth.families import ListedFamily, end_family, families_of
from server.resolvers.asked import Standings
from server.web.pages.account import CAPACITIES
from server.web.pages.consent import PERMITS, consent_routes
from server.web.pages.endpoint import Form, PageEndpoint, Visit
from server.web.pages.moments import moment
from server.web.pages.page import to
from server.web.pages.threads import PagesDesk

PATH: Final = "/account/apps"
_DONE: Final = "It does nothing for you any more. To use it again, sign in to it anew."


def app_routes(desk: PagesDesk, standings: Standings, issuer: Issuer) -> list[BaseRoute]:
    return [*consent_routes(desk, standings, issuer), Route(PATH, PageEndpoint(desk, show_apps, end_app))]


async def show_apps(visit: Visit) -> Response:
    session, now = visit.session, visit.desk.now()
    found = await visit.desk.run(lambda c: families_of(c, session.account_id, now))
    done = _DONE if visit.asked("done") == "ended" else ""
    return visit.page("apps.html", apps=[_shown(one) for one in found], done=done)


async def end_app(visit: Visit, form: Form) -> Response:
    """`end` names one of the account's own; of anybody else's nothing happens, and nothing is told."""
    session, now, which = visit.session, visit.desk.now(), form.get("end", "")
    try:
        family_id = UUID(which)
    except ValueError:
        return to(PATH)
    ended = await visit.desk.run(lambda c: end_family(c, session.account_id, family_id, now))
    return to(f"{PATH}?done=ended" if ended else PATH)


def _shown(family: ListedFamily) -> dict[str, object]:
    return {
        "key": family.family_id,
        "name": family.app,
        "hat": f"{family.school_name}: {CAPACITIES.get(family.capacity, family.capacity)}",
        "permits": [PERMITS[scope] for scope in PERMITS if scope in family.scopes],
        "begun": moment(family.begun_at),
        "used": moment(family.used_at),
        "until": moment(family.expires_at),
    }
