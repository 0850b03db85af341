"""What feeds the facts: certificates, roles, classes, supervisors, support access, broken glass, notices."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from server.commands.access.notice_kinds import Subject
from server.errors import Forbidden
from server.policies.vocabulary import ROLES, Capacity, relations
from server.queries.access.restrictions import restrictions
from server.queries.access.rows import (
    Whose,
    broken_glass,
    live_sessions,
    notices,
    roles_held,
    supervisions,
    support_requests,
    teaching,
    training,
)
from server.queries.ids import GlobalId, decode
from server.queries.noun import Argument
from server.resolvers.access_change import PEOPLE
from server.resolvers.changes_of_access import GLASS, NOTICE, REQUEST, RESTRICTION
from server.resolvers.changes_of_roles import CERTIFICATE, ROLE, SUPERVISION, TEACHING
from server.resolvers.fact_kinds import (
    GLASS_KIND,
    NOTICE_KIND,
    REQUEST_KIND,
    RESTRICTION_KIND,
    ROLE_KIND,
    SESSION_KIND,
    SUBJECT_KIND,
    SUPERVISION_KIND,
    TEACHING_KIND,
    TRAINING_KIND,
)
from server.resolvers.inquiry import Inquirer, Inquiry

_UNASSIGNED: Final = sorted(role for role, acting in ROLES.items() if acting not in (Capacity.STAFF, Capacity.OPERATOR))
_PERSON: Final = (Argument("person", "ID", "Of this member of staff alone."),)
_TRAINING: Final = ("training_record", "read")
_ASSIGNMENTS: Final = ("role_assignment", "read")
_GRANTS: Final = ("client_grant", "read")
_AUDIT: Final = ("audit", "read")
_LINKS: Final = ("parent_link", "read")
_NAMES_OF_LEARNERS: Final = ("name", "read")
_STRUCTURE: Final = ("school_structure", "read")


def _id(prefix: str, key: UUID) -> str:
    return str(GlobalId(prefix, key))


def _whose(given: dict[str, Any], inquirer: Inquirer, element: str) -> Whose:
    plan = inquirer.permit.plan(element, "read")
    text = given.get("person")
    person = None
    if text is not None:
        found = decode(text, ("person",), yearly=False)
        person = found.key if found.prefix in PEOPLE else decode(text, ("person",), PEOPLE[1]).key
    return Whose(
        inquirer.school_id,
        inquirer.person_id,
        others=plan.visible(relations()),
        own=plan.visible(relations(("own",))),
        person=person,
    )


class _Names:
    """Names of staff, as far as the asker may read them; a name that is read under a log duty is logged."""

    def __init__(self, inquirer: Inquirer) -> None:
        asked = inquirer.asked
        self._inquirer = inquirer
        self._plan = asked.planner.plan(asked.profile, "staff_name", "read")

    def of(self, person_id: UUID, name: str) -> str | None:
        own = ("own",) if person_id == self._inquirer.person_id else ()
        if not name or not self._plan.visible(relations(own)):
            return None
        if "log" in self._plan.duties:
            self._inquirer.log("staff_name")
        return name


async def _training_records(given: dict[str, Any], inquirer: Inquirer) -> Iterable[dict[str, Any]]:
    names, today = _Names(inquirer), inquirer.now.date()
    return [
        {
            "id": _id(CERTIFICATE, row.key),
            "person": _id("per", row.person_id),
            "personName": names.of(row.person_id, row.name),
            "course": row.course,
            "completedOn": row.completed_on,
            "expiresOn": row.expires_on,
            "evidence": row.evidence,
            "inDate": row.completed_on <= today < row.expires_on,
        }
        for row in await training(inquirer.connection, _whose(given, inquirer, "training_record"))
    ]


async def _role_assignments(given: dict[str, Any], inquirer: Inquirer) -> Iterable[dict[str, Any]]:
    names = _Names(inquirer)
    whose = _whose(given, inquirer, "role_assignment")
    return [
        {
            "id": _id(ROLE, row.key),
            "person": _id("per", row.person_id),
            "personName": names.of(row.person_id, row.name),
            "role": row.role,
            "source": row.source,
            "from": row.valid_from,
            "until": row.valid_to,
        }
        for row in await roles_held(inquirer.connection, whose, _UNASSIGNED)
    ]


async def _teaching_assignments(given: dict[str, Any], inquirer: Inquirer) -> Iterable[dict[str, Any]]:
    names = _Names(inquirer)
    return [
        {
            "id": _id(TEACHING, row.key),
            "person": _id("per", row.person_id),
            "personName": names.of(row.person_id, row.name),
            "class": _id("cls", row.class_id),
            "className": row.class_name,
            "kind": row.kind,
            "source": row.source,
            "from": row.valid_from,
            "until": row.valid_to,
        }
        for row in await teaching(inquirer.connection, _whose(given, inquirer, "role_assignment"))
    ]


async def _supervisions(given: dict[str, Any], inquirer: Inquirer) -> Iterable[dict[str, Any]]:
    names = _Names(inquirer)
    return [
        {
            "id": _id(SUPERVISION, row.key),
            "person": _id("per", row.person_id),
            "personName": names.of(row.person_id, row.name),
            "supervisor": _id("per", row.supervisor_id),
            "supervisorName": names.of(row.supervisor_id, row.supervisor),
            "from": row.valid_from,
            "until": row.valid_to,
        }
        for row in await supervisions(inquirer.connection, _whose(given, inquirer, "role_assignment"))
    ]


async def _support_requests(given: dict[str, Any], inquirer: Inquirer) -> Iterable[dict[str, Any]]:
    return [
        {
            "id": _id(REQUEST, row.key),
            "requester": _id("per", row.person_id),
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
        for row in await support_requests(inquirer.connection, _whose(given, inquirer, "client_grant"))
    ]


async def _support_sessions(_: dict[str, Any], inquirer: Inquirer) -> Iterable[dict[str, Any]]:
    if inquirer.asked.profile.capacity is not Capacity.STAFF:
        raise Forbidden("supportSessions is for the school's staff.", ("supportSessions",))
    return [
        {
            "id": _id(REQUEST, row.key),
            "name": row.name,
            "reason": row.reason,
            "startsAt": row.starts_at,
            "endsAt": row.ends_at,
        }
        for row in await live_sessions(inquirer.connection, inquirer.school_id, inquirer.now)
    ]


async def _break_glass_sessions(given: dict[str, Any], inquirer: Inquirer) -> Iterable[dict[str, Any]]:
    names = _Names(inquirer)
    return [
        {
            "id": _id(GLASS, row.key),
            "person": _id("per", row.person_id),
            "personName": names.of(row.person_id, row.name),
            "reason": row.reason,
            "startedAt": row.started_at,
            "endsAt": row.ended_at or row.ends_at,
            "live": row.ended_at is None and inquirer.now < row.ends_at,
        }
        for row in await broken_glass(inquirer.connection, _whose(given, inquirer, "audit"))
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
            "id": _id(RESTRICTION, row.key),
            "guardian": _id("per", row.guardian_id),
            "learner": _id("lrn", row.learner_id),
            "kind": row.kind,
            "evidence": row.evidence,
            "restrictedAt": row.restricted_at,
            "liftedAt": row.lifted_at,
            "lifting": row.lifting,
        }
        for row in rows
    ]


async def _notices(given: dict[str, Any], inquirer: Inquirer) -> Iterable[dict[str, Any]]:
    every = given.get("read") is not False
    return [
        {
            "id": _id(NOTICE, row.key),
            "kind": row.kind,
            "postedAt": row.posted_at,
            "readAt": row.read_at,
            "about": [
                {"name": name, "id": _id(_PREFIXES[Subject(name)], UUID(key))} for name, key in row.payload.items()
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
}

FACT_INQUIRIES: Final = (
    Inquiry(
        "trainingRecords", "[TrainingRecord!]!", "Certificates, one's own or everybody's; at most 1,000, newest first.",
        _PERSON, frozenset({_TRAINING}), _training_records, (TRAINING_KIND,),
    ),
    Inquiry(
        "roleAssignments", "[RoleAssignment!]!", "Roles, one's own or everybody's; at most 1,000, newest first.",
        _PERSON, frozenset({_ASSIGNMENTS}), _role_assignments, (ROLE_KIND,),
    ),
    Inquiry(
        "teachingAssignments", "[TeachingAssignment!]!", "Who teaches which class; at most 1,000, newest first.",
        _PERSON, frozenset({_ASSIGNMENTS}), _teaching_assignments, (TEACHING_KIND,),
    ),
    Inquiry(
        "supervisions", "[Supervision!]!", "Trainees and their supervisors; at most 1,000, newest first.",
        _PERSON, frozenset({_ASSIGNMENTS}), _supervisions, (SUPERVISION_KIND,),
    ),
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
        _PERSON, frozenset({_AUDIT}), _break_glass_sessions, (GLASS_KIND,),
    ),
    Inquiry(
        "linkRestrictions", "[LinkRestriction!]!", "What keeps guardians from learners; at most 1,000, newest first.",
        (Argument("learner", "ID", "Of this learner alone."),), frozenset({_LINKS, _NAMES_OF_LEARNERS}),
        _link_restrictions, (RESTRICTION_KIND,),
    ),
    Inquiry(
        "notices", "[Notice!]!", "What you were told; at most 1,000, newest first.",
        (Argument("read", "Boolean", "False: only those that you have not read."),), frozenset(), _notices,
        (NOTICE_KIND, SUBJECT_KIND),
    ),
)  # fmt: skip
