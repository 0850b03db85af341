"""The authorization endpoint: where a person says whether an app may act for them, and in which hat.

An app that was registered as the installation's own needs no consent. That goes without a page where nobody else can have
asked in its name: its code is sent to an https address (RFC 8252, section 8.6). Which hat is chosen wherever there are several.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.database.blocking_pool import BlockingConnection
from server.errors import Unauthenticated
from server.identity.issuer import Issuer
from server.identity.oauth.authorization import AppRequest, Fields, SentBack, Unsendable
from server.identity.oauth.codes import give_code
from server.identity.oauth.hats_in_force import hats_in_force
from server.identity.oauth.metadata import AUTHORIZATION
from server.identity.oauth.pushed_requests import read_any_request
from server.identity.oauth.redirects import is_assured
from server.identity.oauth.scopes import OFFLINE, READ, WRITE
from server.identity.people.hats import Hat
from server.identity.people.sessions import Session
from server.resolvers.asked import Standings
from server.web.pages.account import CAPACITIES
from server.web.pages.demands import Demands
from server.web.pages.destinations import own_path, sign_in_to
from server.web.pages.endpoint import Form, Needs, PageEndpoint, Visit
from server.web.pages.entering import SET_UP
from server.web.pages.page import to
from server.web.pages.problems import Problem
from server.web.pages.threads import PagesDesk

# A little less than what a page leads back to after signing in.
_LONGEST: Final = 4000
_MOST_FIELDS: Final = 30
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_HEADING: Final = "This app can't sign you in"
PERMITS: Final = {
    READ: "see what you may see",
    WRITE: "change what you may change",
    OFFLINE: "go on when you have left: until you end it on your account's page, for 90 days at the most (staff for 30)",
}


def consent_routes(desk: PagesDesk, standings: Standings, issuer: Issuer) -> list[BaseRoute]:
    page = ConsentPage(Demands(standings), issuer)
    return [Route(AUTHORIZATION, PageEndpoint(desk, page.show, page.change, needs=Needs.NOTHING))]


class ConsentPage:
    """`change` is posted to the address that `show` was asked at, with all that the app asks in it."""

    def __init__(self, demands: Demands, issuer: Issuer) -> None:
        self._demands = demands
        self._issuer = issuer

    async def show(self, visit: Visit) -> Response:
        try:
            request, worn = await self._asked(visit)
        except SentBack as back:
            return _sent(back.location)
        if visit.visitor.session is None:
            return _signing_in(visit)
        if len(worn) == 1:
            owed = await self._owed(visit, worn[0])
            if owed is not None:
                return owed
            if request.client.first_party and is_assured(request.asking.redirect_uri):
                return await self._given(visit, _key(worn[0]))
        return _page(visit, request, worn, {})

    async def change(self, visit: Visit, form: Form) -> Response:
        try:
            request, worn = await self._asked(visit)
        except SentBack as back:
            return _sent(back.location)
        if visit.visitor.session is None:
            return _signing_in(visit)
        if form.get("decision") != "yes":
            return _sent(request.asking.refused("access_denied", "The person said no."))
        chosen = next((hat for hat in worn if _key(hat) == form.get("hat")), None)
        if chosen is None:
            return _page(visit, request, worn, {"hat": "Choose what you sign in as."}, 422)
        return await self._owed(visit, chosen) or await self._given(visit, _key(chosen))

    async def _asked(self, visit: Visit) -> tuple[AppRequest, Sequence[Hat]]:
        """What the app asks, and the hats that the person may wear for it. Raises Problem and SentBack."""
        fields, now, session = _fields(visit.request), visit.desk.now(), visit.visitor.session

        def work(connection: BlockingConnection) -> tuple[AppRequest, Sequence[Hat]]:
            request = read_any_request(connection, self._issuer, fields, now)
            return request, _worn(connection, request, session, now)

        try:
            return await visit.desk.run(work)
        except Unsendable as unsendable:
            raise Problem(400, _HEADING, unsendable.sentence) from None

    async def _owed(self, visit: Visit, hat: Hat) -> Response | None:
        """The page that has a second factor set up, where the hat demands one and the account has none to show."""
        if visit.session.factor_at is not None or not await self._demands.any_of([hat], visit.desk.now()):
            return None
        return to(f"{SET_UP}?{urlencode({'next': _path(visit.request)}, safe='/')}")

    async def _given(self, visit: Visit, key: str) -> Response:
        """The app's code, sent by way of the browser."""
        fields, now, session = _fields(visit.request), visit.desk.now(), visit.session

        def work(connection: BlockingConnection) -> str | None:
            request = read_any_request(connection, self._issuer, fields, now)
            hat = next((one for one in _worn(connection, request, session, now) if _key(one) == key), None)
            if hat is None:
                return None
            consented = not request.client.first_party
            code = give_code(connection, request, session, hat, now, consented=consented)
            return request.asking.answered(code=code)

        try:
            location = await visit.desk.run(work)
        except Unauthenticated:  # signed out at this very moment
            return _signing_in(visit)
        return to(_path(visit.request)) if location is None else _sent(location)


def _worn(connection: BlockingConnection, request: AppRequest, session: Session | None, now: datetime) -> Sequence[Hat]:
    return [] if session is None else hats_in_force(connection, session.account_id, now, request.school_id)


def _signing_in(visit: Visit) -> Response:
    """With the way back to all that the app asks, also after a form."""
    return to(sign_in_to(_path(visit.request)))


def _page(
    visit: Visit, request: AppRequest, worn: Sequence[Hat], errors: Form, status: int = 200
) -> Response:  # fmt: skip
    return visit.page(
        "consent.html",
        status,
        errors=errors,
        app=request.client.name,
        own=request.client.first_party,
        permits=[PERMITS[scope] for scope in (READ, WRITE, OFFLINE) if scope in request.scopes],
        hats=[(_key(hat), f"{hat.school_name}: {CAPACITIES.get(hat.capacity, hat.capacity)}") for hat in worn],
        lasting=OFFLINE in request.scopes,
        place=_place(request.asking.redirect_uri),
        again=sign_in_to(_path(visit.request)),
        forms_lead_to=[_origin(request.asking.redirect_uri)],
    )


def _key(hat: Hat) -> str:
    return f"{hat.school_id}.{hat.person_id}.{hat.capacity}"


def _place(redirect_uri: str) -> str:
    """Where the answer goes, in words that the person can compare with what they opened."""
    parts = urlsplit(redirect_uri)
    return parts.netloc if parts.scheme == "https" else "an app on this device"


def _origin(redirect_uri: str) -> str:
    """As a policy names it, which has no way to write an IPv6 address."""
    parts = urlsplit(redirect_uri)
    plain = parts.scheme in ("https", "http") and "[" not in parts.netloc
    return f"{parts.scheme}://{parts.netloc}" if plain else f"{parts.scheme}:"


def _sent(location: str) -> Response:
    """As it is: what was registered is compared to the letter."""
    return Response(None, 303, {"Location": location})


def _path(request: Request) -> str:
    return own_path(f"{AUTHORIZATION}?{request.scope['query_string'].decode('ascii', 'replace')}")


def _fields(request: Request) -> Fields:
    """What was sent with a value, which is as good as none without (RFC 6749, section 3.1). Raises Problem."""
    raw: bytes = request.scope["query_string"]
    try:
        text = raw.decode("ascii") if len(raw) <= _LONGEST else "="
        pairs = parse_qsl(
            text, keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=_MOST_FIELDS
        )
    except ValueError:
        pairs = [("", "\x00")]
    if any(_CONTROL.search(part) for pair in pairs for part in pair) or _path(request) == own_path(None):
        raise Problem(400, _HEADING, "What the app sent can not be read.")
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        if value:
            found.setdefault(name, []).append(value)
    return found
