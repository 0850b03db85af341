"""Certificates, roles, classes and supervisors: what feeds the facts about members of staff."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from server.policies.vocabulary import ROLES, Capacity
from server.queries.access.rows import roles_held, supervisions, teaching, training
from server.resolvers.access.changes_of_roles import CERTIFICATE, ROLE, SUPERVISION, TEACHING
from server.resolvers.access.fact_kinds import ROLE_KIND, SUPERVISION_KIND, TEACHING_KIND, TRAINING_KIND
from server.resolvers.access.fact_values import OF_PERSON, StaffNames, id_of, whose
from server.resolvers.inquiry import Inquirer, Inquiry

_UNASSIGNED: Final = sorted(role for role, acting in ROLES.items() if acting not in (Capacity.STAFF, Capacity.OPERATOR))
_TRAINING: Final = ("training_record", "read")
_ASSIGNMENTS: Final = ("role_assignment", "read")


async def _training_records(given: dict[str, Any], inquirer: Inquirer) -> Iterable[dict[str, Any]]:
    names, today = StaffNames(inquirer), inquirer.now.date()
    return [
        {
            **names.subject(CERTIFICATE, row),
            "course": row.course,
            "completedOn": row.completed_on,
            "expiresOn": row.expires_on,
            "evidence": row.evidence,
            "inDate": row.completed_on <= today < row.expires_on,
        }
        for row in await training(inquirer.connection, whose(given, inquirer, "training_record"))
    ]


async def _role_assignments(given: dict[str, Any], inquirer: Inquirer) -> Iterable[dict[str, Any]]:
    names = StaffNames(inquirer)
    return [
        {
            **names.subject(ROLE, row),
            "role": row.role,
            "source": row.source,
            "from": row.valid_from,
            "until": row.valid_to,
        }
        for row in await roles_held(inquirer.connection, whose(given, inquirer, "role_assignment"), _UNASSIGNED)
    ]


async def _teaching_assignments(given: dict[str, Any], inquirer: Inquirer) -> Iterable[dict[str, Any]]:
    names = StaffNames(inquirer)
    return [
        {
            **names.subject(TEACHING, row),
            "class": id_of("cls", row.class_id),
            "className": row.class_name,
            "kind": row.kind,
            "source": row.source,
            "from": row.valid_from,
            "until": row.valid_to,
        }
        for row in await teaching(inquirer.connection, whose(given, inquirer, "role_assignment"))
    ]


async def _supervisions(given: dict[str, Any], inquirer: Inquirer) -> Iterable[dict[str, Any]]:
    names = StaffNames(inquirer)
    return [
        {
            **names.subject(SUPERVISION, row),
            "supervisor": id_of("per", row.supervisor_id),
            "supervisorName": names.of(row.supervisor_id, row.supervisor),
            "from": row.valid_from,
            "until": row.valid_to,
        }
        for row in await supervisions(inquirer.connection, whose(given, inquirer, "role_assignment"))
    ]


ROLE_INQUIRIES: Final = (
    Inquiry(
        "trainingRecords", "[TrainingRecord!]!", "Certificates, one's own or everybody's; at most 1,000, newest first.",
        (OF_PERSON,), frozenset({_TRAINING}), _training_records, (TRAINING_KIND,),
    ),
    Inquiry(
        "roleAssignments", "[RoleAssignment!]!", "Roles, one's own or everybody's; at most 1,000, newest first.",
        (OF_PERSON,), frozenset({_ASSIGNMENTS}), _role_assignments, (ROLE_KIND,),
    ),
    Inquiry(
        "teachingAssignments", "[TeachingAssignment!]!", "Who teaches which class; at most 1,000, newest first.",
        (OF_PERSON,), frozenset({_ASSIGNMENTS}), _teaching_assignments, (TEACHING_KIND,),
    ),
    Inquiry(
        "supervisions", "[Supervision!]!", "Trainees and their supervisors; at most 1,000, newest first.",
        (OF_PERSON,), frozenset({_ASSIGNMENTS}), _supervisions, (SUPERVISION_KIND,),
    ),
)  # fmt: skip
