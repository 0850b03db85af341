"""Links of guardians, support access, broken glass and notices: from GraphQL to their commands and back."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from server.commands.access.break_glass import break_glass, end_break_glass
from server.commands.access.links import RestrictLink, end_link, lift_restriction, restrict_link
from server.commands.access.notices import mark_notices_read
from server.commands.access.support import (
    RequestSupport,
    approve_support,
    end_support,
    refuse_support,
    request_support,
)
from server.commands.actor import Actor
from server.database.unit_of_work import UnitOfWork
from server.errors import BadUserInput, Forbidden
from server.policies.emergency import glass_opens
from server.policies.permit import Permit
from server.policies.planner import Planner
from server.policies.profile import Profile
from server.queries.ids import MOST_NODES, decode
from server.queries.noun import Argument
from server.resolvers.access_change import access_mutation, changed, key_of
from server.resolvers.mutation import Changed

LINK: Final = "gdn"
RESTRICTION: Final = "rst"
REQUEST: Final = "sup"
GLASS: Final = "gls"
NOTICE: Final = "ntc"
_LINKS: Final = frozenset({("parent_link", "write")})
_GRANTS: Final = frozenset({("client_grant", "write")})
_LINK = Argument("link", "ID!", "The link, a Guardian.")
_REQUEST = Argument("request", "ID!", "The request, of supportRequests.")
_EVIDENCE = Argument("evidence", "String!", "Where the decision is written.")


async def _restrict(given: dict[str, Any], unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime) -> Changed:
    command = RestrictLink(key_of(given, "link", LINK), given["kind"], given["evidence"])
    return changed(await restrict_link(command, unit, permit, actor, now), unit, RESTRICTION)


async def _lift(given: dict[str, Any], unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime) -> Changed:
    link = key_of(given, "link", LINK)
    return changed(await lift_restriction(link, given["evidence"], unit, permit, actor, now), unit, RESTRICTION)


async def _end_link(given: dict[str, Any], unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime) -> Changed:
    return changed(await end_link(key_of(given, "link", LINK), unit, permit, actor, now), unit, LINK)


async def _request(given: dict[str, Any], unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime) -> Changed:
    command = RequestSupport(given["name"], given["reason"], given["hours"])
    return changed(await request_support(command, unit, permit, actor, now), unit, REQUEST)


async def _approve(given: dict[str, Any], unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime) -> Changed:
    request = key_of(given, "request", REQUEST)
    outcome = await approve_support(request, given.get("hours"), unit, permit, actor, now)
    return changed(outcome, unit, REQUEST, session=True)


async def _refuse(given: dict[str, Any], unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime) -> Changed:
    request = key_of(given, "request", REQUEST)
    return changed(await refuse_support(request, given["reason"], unit, permit, actor, now), unit, REQUEST)


async def _end_support(given: dict[str, Any], unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime) -> Changed:
    request = key_of(given, "request", REQUEST)
    return changed(await end_support(request, unit, permit, actor, now), unit, REQUEST, session=True)


async def _break(given: dict[str, Any], unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime) -> Changed:
    return changed(await break_glass(given["reason"], unit, permit, actor, now), unit, GLASS, session=True)


async def _mend(given: dict[str, Any], unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime) -> Changed:
    glass = key_of(given, "session", GLASS)
    return changed(await end_break_glass(glass, unit, permit, actor, now), unit, GLASS, session=True)


async def _read(given: dict[str, Any], unit: UnitOfWork, _: Permit, __: Actor, now: datetime) -> Changed:
    if len(given["notices"]) > MOST_NODES:
        raise BadUserInput(f"input.notices holds at most {MOST_NODES} ids.", ("input", "notices"))
    keys = [decode(text, ("input", "notices"), NOTICE, yearly=False).key for text in given["notices"]]
    return changed(await mark_notices_read(unit, keys, now), unit, NOTICE)


def _something_opens(planner: Planner, profile: Profile) -> None:
    if not glass_opens(planner, profile):
        raise Forbidden(
            "Breaking the glass would open nothing for you: it never stands in for the certificate of a course.",
            ("breakGlass",),
        )


ACCESS_MUTATIONS: Final = (
    access_mutation(
        "restrictGuardianLink",
        "A court order, or the learner's protection: the guardian's links to this learner give nothing from now on.",
        (_LINK, Argument("kind", "String!", "COURT_ORDER or PROTECTION."), _EVIDENCE),
        _LINKS,
        _restrict,
    ),
    access_mutation(
        "liftGuardianLinkRestriction",
        "The guardian's links to this learner give again what they gave.",
        (_LINK, _EVIDENCE),
        _LINKS,
        _lift,
    ),
    access_mutation("endGuardianLink", "A link counts no longer, from today on.", (_LINK,), _LINKS, _end_link),
    access_mutation(
        "requestSupportAccess",
        "A person of the vendor asks the school to be let in. Each session needs a request of its own.",
        (
            Argument("name", "String!", "Who you are, for the school to read."),
            Argument("reason", "String!", "What you want to look at, and why."),
            Argument("hours", "Int!", "For how long: 1 to 8."),
        ),
        _GRANTS,
        _request,
    ),
    access_mutation(
        "approveSupportAccess",
        "Let the requester in from now on; everybody on the staff sees it in supportSessions.",
        (_REQUEST, Argument("hours", "Int", "Fewer than were asked for.")),
        _GRANTS,
        _approve,
        session=True,
    ),
    access_mutation(
        "refuseSupportAccess",
        "Refuse a request.",
        (_REQUEST, Argument("reason", "String!", "Why.")),
        _GRANTS,
        _refuse,
    ),
    access_mutation(
        "endSupportAccess",
        "End a session before its time: it sees nothing from its next request on.",
        (_REQUEST,),
        _GRANTS,
        _end_support,
        session=True,
    ),
    access_mutation(
        "breakGlass",
        "In an emergency: see for two hours what your training allows of every learner. The data protection officer and "
        "the safeguarding lead are told at once. It doesn't stand in for a certificate.",
        (Argument("reason", "String!", "What has happened."),),
        frozenset(),
        _break,
        session=True,
        gate=_something_opens,
    ),
    access_mutation(
        "endBreakGlass",
        "End one's own break-glass session; the data protection officer may end anybody's.",
        (Argument("session", "ID!", "The session."),),
        frozenset({("audit", "read")}),
        _mend,
        session=True,
    ),
    access_mutation(
        "markNoticeRead",
        "Say that you have read notices of yours.",
        (Argument("notices", "[ID!]!", "At most 100."),),
        frozenset(),
        _read,
    ),
)
