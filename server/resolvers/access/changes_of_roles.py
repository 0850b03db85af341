"""Training, roles, classes and supervisors: from GraphQL to their commands and back."""

from __future__ import annotations

from functools import partial
from typing import Final

from server.commands.access.outcome import AccessOutcome
from server.commands.access.roles import AssignRole, assign_role, end_role
from server.commands.access.supervision import SuperviseTrainee, end_supervision, supervise_trainee
from server.commands.access.teaching import AssignTeaching, assign_teaching, end_teaching
from server.commands.access.training import RecordTraining, end_training, record_training
from server.queries.noun import Argument
from server.resolvers.access.payloads import PEOPLE, access_mutation
from server.resolvers.given import Given, key_of
from server.resolvers.mutation import Command

CERTIFICATE: Final = "crt"
ROLE: Final = "rla"
TEACHING: Final = "tas"
SUPERVISION: Final = "svn"
_TRAINING: Final = frozenset({("training_record", "write")})
_ASSIGNMENTS: Final = frozenset({("role_assignment", "write")})
_ROLES: Final = _ASSIGNMENTS | {("client_grant", "write")}
_FROM = Argument("from", "Date!", "The first day: today or later.")
_UNTIL = Argument("until", "Date!", "The first day no longer.")
_ON = Argument("on", "Date", "The first day no longer: today, where it is left out.")


def _record(given: Given) -> Command[AccessOutcome]:
    command = RecordTraining(
        person=key_of(given, "person", *PEOPLE[:2]),
        course=given["course"],
        completed_on=given["completedOn"],
        expires_on=given["expiresOn"],
        evidence=given["evidence"],
    )
    return partial(record_training, command)


def _assign_role(given: Given) -> Command[AccessOutcome]:
    person = key_of(given, "person", *PEOPLE[:2])
    return partial(assign_role, AssignRole(person, given["role"], given["from"], given.get("until")))


def _assign_class(given: Given) -> Command[AccessOutcome]:
    command = AssignTeaching(
        staff=key_of(given, "staff", "stf", "per"),
        class_id=key_of(given, "class", "cls"),
        kind=given["kind"],
        begins=given["from"],
        ends=given["until"],
    )
    return partial(assign_teaching, command)


def _supervise(given: Given) -> Command[AccessOutcome]:
    command = SuperviseTrainee(
        trainee=key_of(given, "trainee", "stf", "per"),
        supervisor=key_of(given, "supervisor", "stf", "per"),
        begins=given["from"],
        ends=given["until"],
    )
    return partial(supervise_trainee, command)


ROLE_MUTATIONS: Final = (
    access_mutation(
        "recordTraining",
        "Record a certificate: while it is in date, it opens what its course is asked for.",
        (
            Argument("person", "ID!", "The member of staff."),
            Argument("course", "String!", "Such as sen, welfare, equality or safeguarding."),
            Argument("completedOn", "Date!", "Today or before."),
            Argument("expiresOn", "Date!", "The first day on which it counts no longer."),
            Argument("evidence", "String!", "Where it is written."),
        ),
        _TRAINING,
        CERTIFICATE,
        _record,
    ),
    access_mutation(
        "endTraining",
        "A certificate counts no longer, from today on.",
        (Argument("certificate", "ID!", "The certificate."),),
        _TRAINING,
        CERTIFICATE,
        lambda given: partial(end_training, key_of(given, "certificate", CERTIFICATE)),
    ),
    access_mutation(
        "assignRole",
        "Give somebody else a role.",
        (
            Argument("person", "ID!", "The person, who has an account."),
            Argument("role", "String!", "A role of staff, as policyWords has it."),
            _FROM,
            Argument("until", "Date", "The first day no longer; without it the role has no end."),
        ),
        _ROLES,
        ROLE,
        _assign_role,
    ),
    access_mutation(
        "endRole",
        "End a role. The last data protection officer or approver of policies stays: LAST_OFFICER.",
        (Argument("assignment", "ID!", "The role, of roleAssignments."), _ON),
        _ROLES,
        ROLE,
        lambda given: partial(end_role, key_of(given, "assignment", ROLE), given.get("on")),
    ),
    access_mutation(
        "assignTeaching",
        "Give somebody else a class for a time.",
        (
            Argument("staff", "ID!", "The member of staff."),
            Argument("class", "ID!", "The class."),
            Argument("kind", "String!", "TEACHER, COVER or ASSISTANT."),
            _FROM,
            _UNTIL,
        ),
        _ASSIGNMENTS,
        TEACHING,
        _assign_class,
    ),
    access_mutation(
        "endTeaching",
        "End an assignment to a class.",
        (Argument("assignment", "ID!", "The assignment."), _ON),
        _ASSIGNMENTS,
        TEACHING,
        lambda given: partial(end_teaching, key_of(given, "assignment", TEACHING), given.get("on")),
    ),
    access_mutation(
        "superviseTrainee",
        "Name a trainee's supervisor: without one, what only supervised trainees see is closed.",
        (
            Argument("trainee", "ID!", "The trainee."),
            Argument("supervisor", "ID!", "Another member of staff."),
            _FROM,
            _UNTIL,
        ),
        _ASSIGNMENTS,
        SUPERVISION,
        _supervise,
    ),
    access_mutation(
        "endSupervision",
        "A trainee is supervised no longer, from today on.",
        (Argument("supervision", "ID!", "The supervision."),),
        _ASSIGNMENTS,
        SUPERVISION,
        lambda given: partial(end_supervision, key_of(given, "supervision", SUPERVISION)),
    ),
)
