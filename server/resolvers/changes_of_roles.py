"""Training, roles, classes and supervisors: from GraphQL to their commands and back."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from server.commands.access.roles import AssignRole, assign_role, end_role
from server.commands.access.supervision import SuperviseTrainee, end_supervision, supervise_trainee
from server.commands.access.teaching import AssignTeaching, assign_teaching, end_teaching
from server.commands.access.training import RecordTraining, end_training, record_training
from server.commands.actor import Actor
from server.database.unit_of_work import UnitOfWork
from server.policies.permit import Permit
from server.queries.noun import Argument
from server.resolvers.access_change import PEOPLE, access_mutation, changed, key_of
from server.resolvers.mutation import Changed

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


async def _record(given: dict[str, Any], unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime) -> Changed:
    command = RecordTraining(
        person=key_of(given, "person", *PEOPLE[:2]),
        course=given["course"],
        completed_on=given["completedOn"],
        expires_on=given["expiresOn"],
        evidence=given["evidence"],
    )
    return changed(await record_training(command, unit, permit, actor, now), unit, CERTIFICATE)


async def _end_record(given: dict[str, Any], unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime) -> Changed:
    certificate = key_of(given, "certificate", CERTIFICATE)
    return changed(await end_training(certificate, unit, permit, actor, now), unit, CERTIFICATE)


async def _assign_role(given: dict[str, Any], unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime) -> Changed:
    command = AssignRole(key_of(given, "person", *PEOPLE[:2]), given["role"], given["from"], given.get("until"))
    return changed(await assign_role(command, unit, permit, actor, now), unit, ROLE)


async def _end_role(given: dict[str, Any], unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime) -> Changed:
    assignment = key_of(given, "assignment", ROLE)
    return changed(await end_role(assignment, given.get("on"), unit, permit, actor, now), unit, ROLE)


async def _assign_class(
    given: dict[str, Any], unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime
) -> Changed:
    command = AssignTeaching(
        staff=key_of(given, "staff", "stf", "per"),
        class_id=key_of(given, "class", "cls"),
        kind=given["kind"],
        begins=given["from"],
        ends=given["until"],
    )
    return changed(await assign_teaching(command, unit, permit, actor, now), unit, TEACHING)


async def _end_class(given: dict[str, Any], unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime) -> Changed:
    assignment = key_of(given, "assignment", TEACHING)
    return changed(await end_teaching(assignment, given.get("on"), unit, permit, actor, now), unit, TEACHING)


async def _supervise(given: dict[str, Any], unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime) -> Changed:
    command = SuperviseTrainee(
        trainee=key_of(given, "trainee", "stf", "per"),
        supervisor=key_of(given, "supervisor", "stf", "per"),
        begins=given["from"],
        ends=given["until"],
    )
    return changed(await supervise_trainee(command, unit, permit, actor, now), unit, SUPERVISION)


async def _end_supervision(
    given: dict[str, Any], unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime
) -> Changed:
    supervision = key_of(given, "supervision", SUPERVISION)
    return changed(await end_supervision(supervision, unit, permit, actor, now), unit, SUPERVISION)


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
        _record,
    ),
    access_mutation(
        "endTraining",
        "A certificate counts no longer, from today on.",
        (Argument("certificate", "ID!", "The certificate."),),
        _TRAINING,
        _end_record,
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
        _assign_role,
    ),
    access_mutation(
        "endRole",
        "End a role. The last data protection officer or approver of policies stays: LAST_OFFICER.",
        (Argument("assignment", "ID!", "The role, of roleAssignments."), _ON),
        _ROLES,
        _end_role,
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
        _assign_class,
    ),
    access_mutation(
        "endTeaching",
        "End an assignment to a class.",
        (Argument("assignment", "ID!", "The assignment."), _ON),
        _ASSIGNMENTS,
        _end_class,
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
        _supervise,
    ),
    access_mutation(
        "endSupervision",
        "A trainee is supervised no longer, from today on.",
        (Argument("supervision", "ID!", "The supervision."),),
        _ASSIGNMENTS,
        _end_supervision,
    ),
)
