"""Support access, broken glass, restrictions of links, and notices: what opens and closes for a time, and is told of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from server.commands.access.notice_kinds import Subject
from server.errors import Forbidden
from server.policies.vocabulary import Capacity
from server.queries.access.restrictions import restrictions
from server.queries.access.rows import broken_glass, live_sessions, notices, support_requests
from server.queries.ids import decode
from server.queries.noun import Argument
from server.resolvers.access.changes import GLASS, NOTICE, REQUEST, RESTRICTION
from server.resolvers.access.changes_of_apps import ACTIVATION
from server.resolvers.access.changes_of_grants import PROGRAM
from server.resolvers.access.changes_of_invitations import INVITATION
from server.resolvers.access.changes_of_roles import ROLE
from server.resolvers.access.fact_kinds import (
    GLASS_KIND,
    NOTICE_KIND,
    REQUEST_KIND,
    RESTRICTION_KIND,
    SESSION_KIND,
    SUBJECT_KIND,
)
from server.resolvers.access.fact_values import OF_PERSON, StaffNames, id_of, whose
from server.resolvers.inquiry import Inquirer, Inquiry

_GRANTS: Final = ("client_grant", "read")
_AUDIT: Final = ("audit", "read")
_LINKS: Final = ("parent_link", "read")
_NAMES_OF_LEARNERS: Final = ("name", "read")
_STRUCTURE: Final = ("school_structure", "read")


async def _support_requests(given: dict[str, Any], inquirer: Inquirer) -> Iterable[dict[str, Any]]:
    return [
        {
            "id": id_of(REQUEST, row.key),
            "requester": id_of("per", row.person_id),
            "name": row.name,
            "reason": row.reason,
            "hours": row.hours,
            "requestedAt": row.requested_at,
            "state": row.state(inquirer.now),
            "decidedAt": row.decided_at,
            "refusal": row.refusal,
            "startsAt": row.starts_at,
            "endsAt": row.ended_at or row.ends_at,
        }
        for row in await support_requests(inquirer.connection, whose(given, inquirer, "client_grant"))
    ]


async def _support_sessions(_: dict[str, Any], inquirer: Inquirer) -> Iterable[dict[str, Any]]:
    if inquirer.asked.profile.capacity is not Capacity.STAFF:
        raise Forbidden("supportSessions is for the school's staff.", ("supportSessions",))
    return [
        {
            "id": id_of(REQUEST, row.key),
            "name": row.name,
            "reason": row.reason,
            "startsAt": row.starts_at,
            "endsAt": row.ends_at,
        }
        for row in await live_sessions(inquirer.connection, inquirer.school_id, inquirer.now)
    ]


async def _break_glass_sessions(given: dict[str, Any], inquirer: Inquirer) -> Iterable[dict[str, Any]]:
    names = StaffNames(inquirer)
    return [
        {
            **names.subject(GLASS, row),
            "reason": row.reason,
            "startedAt": row.started_at,
            "endsAt": row.ended_at or row.ends_at,
            "live": row.ended_at is None and inquirer.now < row.ends_at,
        }
        for row in await broken_glass(inquirer.connection, whose(given, inquirer, "audit"))
    ]


async def _link_restrictions(given: dict[str, Any], inquirer: Inquirer) -> Iterable[dict[str, Any]]:
    if inquirer.asked.profile.capacity is not Capacity.STAFF:
        raise Forbidden("linkRestrictions is for the school's staff.", ("linkRestrictions",))
    text, plan = given.get("learner"), inquirer.permit.plan(*_LINKS)
    rows = await restrictions(
        inquirer.connection,
        inquirer.school_id,
        inquirer.person_id,
        inquirer.now.date(),
        (plan, inquirer.permit.plan(*_NAMES_OF_LEARNERS)),
        None if text is None else decode(text, ("learner",), "lrn", yearly=False).key,
    )
    if "log" in plan.duties:
        inquirer.log("parent_link", (row.learner_id for row in rows))
    return [
        {
            "id": id_of(RESTRICTION, row.key),
            "guardian": id_of("per", row.guardian_id),
            "learner": id_of("lrn", row.learner_id),
            "kind": row.kind,
            "evidence": row.evidence,
            "restrictedAt": row.restricted_at,
            "liftedAt": row.lifted_at,
            "lifting": row.lifting,
        }
        for row in rows
    ]


async def own_notices(given: dict[str, Any], inquirer: Inquirer) -> Iterable[dict[str, Any]]:
    """Of the asker; `read` False: only those that were not read."""
    every = given.get("read") is not False
    return [
        {
            "id": id_of(NOTICE, row.key),
            "kind": row.kind,
            "postedAt": row.posted_at,
            "readAt": row.read_at,
            "about": [
                {"name": name, "id": id_of(_PREFIXES[Subject(name)], UUID(key))} for name, key in row.payload.items()
            ],
        }
        for row in await notices(inquirer.connection, inquirer.school_id, inquirer.person_id, every=every)
    ]


# What a notice's payload names, and the prefix of its ids.
_PREFIXES: Final = {
    Subject.GLASS: GLASS,
    Subject.PERSON: "per",
    Subject.REQUEST: REQUEST,
    Subject.ASSIGNMENT: ROLE,
    Subject.SUBMISSION: "psb",
    Subject.AUTHOR: "per",
    Subject.EXAMPLE: "pex",
    Subject.PROGRAM: PROGRAM,
    Subject.CLOSING: "rcl",
    Subject.ACTIVATION: ACTIVATION,
    Subject.INVITATION: INVITATION,
}

FACT_INQUIRIES: Final = (
    Inquiry(
        "supportRequests", "[SupportRequest!]!", "What the vendor's staff asked for, and what became of it.",
        (), frozenset({_GRANTS}), _support_requests, (REQUEST_KIND,),
    ),
    Inquiry(
        "supportSessions", "[SupportSession!]!", "The vendor's staff who are in now: all staff see it.",
        (), frozenset({_STRUCTURE}), _support_sessions, (SESSION_KIND,),
    ),
    Inquiry(
        "breakGlassSessions", "[BreakGlassSession!]!", "Who broke the glass, when and why.",
        (OF_PERSON,), frozenset({_AUDIT}), _break_glass_sessions, (GLASS_KIND,),
    ),
    Inquiry(
        "linkRestrictions", "[LinkRestriction!]!", "What keeps guardians from learners; at most 1,000, newest first.",
        (Argument("learner", "ID", "Of this learner alone."),), frozenset({_LINKS, _NAMES_OF_LEARNERS}),
        _link_restrictions, (RESTRICTION_KIND,),
    ),
    Inquiry(
        "notices", "[Notice!]!", "What you were told; at most 1,000, newest first.",
        (Argument("read", "Boolean", "False: only those that you have not read."),), frozenset(), own_notices,
        (NOTICE_KIND, SUBJECT_KIND),
    ),
)  # fmt: skip
