"""Links of guardians, support access, broken glass and notices: from GraphQL to their commands and back."""

from __future__ import annotations

from functools import partial
from typing import Final

from server.commands.access.break_glass import break_glass, end_break_glass
from server.commands.access.links import (
    RestrictGuardianLink,
    end_guardian_link,
    lift_guardian_link_restriction,
    restrict_guardian_link,
)
from server.commands.access.notices import mark_notice_read
from server.commands.access.outcome import AccessOutcome
from server.commands.access.support import (
    RequestSupportAccess,
    approve_support_access,
    end_support_access,
    refuse_support_access,
    request_support_access,
)
from server.errors import BadUserInput, Forbidden
from server.policies.emergency import glass_opens
from server.policies.planner import Planner
from server.policies.profile import Profile
from server.queries.ids import MOST_NODES, decode
from server.queries.noun import Argument
from server.resolvers.access.payloads import access_mutation
from server.resolvers.given import Given, key_of
from server.resolvers.mutation import Command

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


def _read(given: Given) -> Command[AccessOutcome]:
    if len(given["notices"]) > MOST_NODES:
        raise BadUserInput(f"input.notices holds at most {MOST_NODES} ids.", ("input", "notices"))
    keys = [decode(text, ("input", "notices"), NOTICE, yearly=False).key for text in given["notices"]]
    return lambda unit, _permit, _actor, now: mark_notice_read(unit, keys, now)


def _something_opens(planner: Planner, profile: Profile) -> None:
    if not glass_opens(planner, profile):
        raise Forbidden(
            "Breaking the glass would open nothing for you: it never stands in for the certificate of a course.",
            ("breakGlass",),
        )


ACCESS_MUTATIONS: Final = (
    access_mutation(
        "restrictGuardianLink",
        "A court order, the learner's protection or own choice: the guardian's links to this learner give nothing from now on.",
        (_LINK, Argument("kind", "String!", "COURT_ORDER, PROTECTION or LEARNER_CHOICE."), _EVIDENCE),
        _LINKS,
        RESTRICTION,
        lambda given: partial(
            restrict_guardian_link, RestrictGuardianLink(key_of(given, "link", LINK), given["kind"], given["evidence"])
        ),
    ),
    access_mutation(
        "liftGuardianLinkRestriction",
        "The guardian's links to this learner give again what they gave.",
        (_LINK, _EVIDENCE),
        _LINKS,
        RESTRICTION,
        lambda given: partial(lift_guardian_link_restriction, key_of(given, "link", LINK), given["evidence"]),
    ),
    access_mutation(
        "endGuardianLink",
        "A link counts no longer, from today on.",
        (_LINK,),
        _LINKS,
        LINK,
        lambda given: partial(end_guardian_link, key_of(given, "link", LINK)),
    ),
    access_mutation(
        "requestSupportAccess",
        "A person of the vendor asks the school to be let in. Each session needs a request of its own.",
        (
            Argument("name", "String!", "Who you are, for the school to read."),
            Argument("reason", "String!", "What you want to look at, and why."),
            Argument("hours", "Int!", "For how long: 1 to 8."),
        ),
        _GRANTS,
        REQUEST,
        lambda given: partial(
            request_support_access, RequestSupportAccess(given["name"], given["reason"], given["hours"])
        ),
    ),
    access_mutation(
        "approveSupportAccess",
        "Let the requester in from now on; everybody on the staff sees it in supportSessions.",
        (_REQUEST, Argument("hours", "Int", "Fewer than were asked for.")),
        _GRANTS,
        REQUEST,
        lambda given: partial(approve_support_access, key_of(given, "request", REQUEST), given.get("hours")),
        session=True,
    ),
    access_mutation(
        "refuseSupportAccess",
        "Refuse a request.",
        (_REQUEST, Argument("reason", "String!", "Why.")),
        _GRANTS,
        REQUEST,
        lambda given: partial(refuse_support_access, key_of(given, "request", REQUEST), given["reason"]),
    ),
    access_mutation(
        "endSupportAccess",
        "End a session before its time: it sees nothing from its next request on.",
        (_REQUEST,),
        _GRANTS,
        REQUEST,
        lambda given: partial(end_support_access, key_of(given, "request", REQUEST)),
        session=True,
    ),
    access_mutation(
        "breakGlass",
        "In an emergency: see for two hours what your training allows of every learner. The data protection officer and "
        "the safeguarding lead are told at once. It doesn't stand in for a certificate.",
        (Argument("reason", "String!", "What has happened."),),
        frozenset(),
        GLASS,
        lambda given: partial(break_glass, given["reason"]),
        session=True,
        gate=_something_opens,
    ),
    access_mutation(
        "endBreakGlass",
        "End one's own break-glass session; the data protection officer may end anybody's.",
        (Argument("session", "ID!", "The session."),),
        frozenset({("audit", "read")}),
        GLASS,
        lambda given: partial(end_break_glass, key_of(given, "session", GLASS)),
        session=True,
    ),
    access_mutation(
        "markNoticeRead",
        "Say that you have read notices of yours.",
        (Argument("notices", "[ID!]!", "At most 100."),),
        frozenset(),
        NOTICE,
        _read,
    ),
)
