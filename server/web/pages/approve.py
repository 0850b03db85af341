"""/approve: a vendor's link, by which an officer of a school reads what its program asks for, and lets it in or not.

    /approve?client=acme-sync&scopes=roster-core.readonly+gradebook.readonly&purpose=Names+for+the+timetable

The link says nothing that counts: who registered the program is looked up, the person chooses the school, says in words
of their own what they declare, and may change the purpose. What is done is the mutation grantClient, asked as they would
ask it: by the school's rule book, with two factors, and audited.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.commands.access.grants import LONGEST, SPECIAL
from server.database.blocking_pool import BlockingConnection
from server.identity.oauth.clients import find_client
from server.identity.oauth.hats_in_force import hats_in_force
from server.identity.people.hats import Hat
from server.identity.principal import Principal
from server.policies.vocabulary import CLIENT_SCOPES, Capacity, expanded
from server.resolvers.execution import OperationRequest
from server.web.endpoint import Executes
from server.web.pages.demands import Demands
from server.web.pages.destinations import path_of, sign_in_to
from server.web.pages.endpoint import Form, PageEndpoint, Visit
from server.web.pages.entering import SET_UP
from server.web.pages.page import to
from server.web.pages.problems import Problem
from server.web.pages.threads import PagesDesk

APPROVE: Final = "/approve"
_SCOPES: Final = re.compile(r"[a-z.-]{1,40}(?:[ +,][a-z.-]{1,40}){0,20}", re.ASCII)
_LONGEST_PURPOSE: Final = 500
_GRANT: Final = """\
mutation ApproveProgram($input: GrantClientInput!) { grantClient(input: $input) { userErrors { message path } } }"""
_FIELDS: Final = ("purpose", "until", "declaration", "reason")


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the link asks for, and where the person may say so."""

    client: str
    name: str
    scopes: Sequence[str]
    purpose: str
    hats: Sequence[Hat]


def approve_routes(desk: PagesDesk, executes: Executes, demands: Demands) -> list[BaseRoute]:
    page = ApprovePage(executes, demands)
    return [Route(APPROVE, PageEndpoint(desk, page.show, page.change))]


class ApprovePage:
    def __init__(self, executes: Executes, demands: Demands) -> None:
        self._executes = executes
        self._demands = demands

    async def show(self, visit: Visit) -> Response:
        asked = await _asked(visit)
        return await self._owed(visit, asked.hats) or _page(visit, asked, {}, {})

    async def change(self, visit: Visit, form: Form) -> Response:
        asked = await _asked(visit)
        hat = next((one for one in asked.hats if _key(one) == form.get("hat")), None)
        if hat is None:
            return _page(visit, asked, form, {"hat": "Choose the school."}, 422)
        owed = await self._owed(visit, [hat])
        if owed is not None:
            return owed
        errors = await self._granted(visit, asked, hat, form)
        if errors:
            return _page(visit, asked, form, errors, 422)
        return visit.page("approved.html", app=asked.name, school=hat.school_name, until=form.get("until", ""))

    async def _granted(self, visit: Visit, asked: _Asked, hat: Hat, form: Form) -> Mapping[str, str]:
        """Field -> sentence; nothing once it is done. Raises Problem for what no field can mend, and UsherError."""
        if not _is_day(form.get("until", "")):
            return {"until": "Enter a date, such as 2027-08-31."}
        given: dict[str, Any] = {name: form.get(name, "") for name in ("purpose", "until", "declaration")}
        given |= {"client": asked.client, "scopes": list(asked.scopes)}
        given |= {"reason": form.get("reason", "")} if SPECIAL in asked.scopes else {}
        request = OperationRequest(_GRANT, None, {"input": given}, _principal(visit, hat), None, None)
        body = json.loads((await self._executes.run(request)).body)
        if "errors" in body:
            raise Problem(403, "You can't let this program in", str(body["errors"][0]["message"]))
        found = body["data"]["grantClient"]["userErrors"]
        return {_field(error["path"]): str(error["message"]) for error in found}

    async def _owed(self, visit: Visit, hats: Sequence[Hat]) -> Response | None:
        """The page that has a second factor set up, where one is demanded and the session has none."""
        if visit.session.factor_at is not None or not await self._demands.any_of(hats, visit.desk.now()):
            return None
        return to(f"{SET_UP}?{urlencode({'next': path_of(visit.request)}, safe='/')}")


async def _asked(visit: Visit) -> _Asked:
    """Raises Problem for a link that asks for nothing that there is."""
    client_id, text, now = visit.asked("client") or "", visit.asked("scopes") or "", visit.desk.now()
    session = visit.session
    scopes = tuple(dict.fromkeys(re.split("[ +,]", text))) if _SCOPES.fullmatch(text) else ()

    def work(connection: BlockingConnection) -> tuple[str | None, Sequence[Hat]]:
        client = find_client(connection, client_id)
        return None if client is None else client.name, hats_in_force(connection, session.account_id, now)

    name, hats = await visit.desk.run(work)
    if name is None or not scopes or not expanded(scopes) <= set(CLIENT_SCOPES):
        raise Problem(
            404,
            "This link doesn't work",
            "It names no program that is known here, or asks for something that there isn't. Ask the vendor for another.",
        )
    staff = [hat for hat in hats if hat.capacity == Capacity.STAFF]
    return _Asked(client_id, name, scopes, (visit.asked("purpose") or "")[:_LONGEST_PURPOSE], staff)


def _page(visit: Visit, asked: _Asked, fields: Form, errors: Mapping[str, str], status: int = 200) -> Response:
    return visit.page(
        "approve.html",
        status,
        errors=dict(errors),
        fields=dict(fields),
        app=asked.name,
        client=asked.client,
        permits=[(one, phrase) for one, phrase in CLIENT_SCOPES.items() if one in expanded(asked.scopes)],
        special=SPECIAL in asked.scopes,
        purpose=asked.purpose,
        hats=[(_key(hat), hat.school_name) for hat in asked.hats],
        days=LONGEST.days,
        again=sign_in_to(path_of(visit.request)),
    )


def _principal(visit: Visit, hat: Hat) -> Principal:
    """As a token for this moment would say it: the session was looked at with this request."""
    address = None if visit.request.client is None else visit.request.client.host
    return Principal(
        hat.school_id,
        hat.person_id,
        hat.capacity,
        None,
        "",
        int(time.time()) + 60,
        address,
        factor=visit.session.factor_at is not None,
    )


def _field(path: Sequence[str]) -> str:
    """The form's field that an argument of the mutation stands in."""
    return path[-1] if path and path[-1] in _FIELDS else "hat"


def _key(hat: Hat) -> str:
    return f"{hat.school_id}.{hat.person_id}"


def _is_day(text: str) -> bool:
    try:
        return len(text) == len("2027-08-31") and bool(date.fromisoformat(text))
    except ValueError:
        return False
