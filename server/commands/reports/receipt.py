"""acknowledgeReport: a parent or learner says that a report was received."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, and_, bindparam, select

from server.commands.actor import Actor
from server.commands.input_error import InputError
from server.commands.keys import new_key
from server.commands.statements import Compiled, compiled, execute, fetch
from server.compliance.audit import write_audit
from server.database.unit_of_work import UnitOfWork
from server.errors import Forbidden
from server.policies.permit import Permit
from server.policies.plan import Plan
from server.policies.vocabulary import Capacity
from server.queries.binds import SCHOOL, VIEWER
from server.queries.ids import GlobalId
from server.queries.noun import alias
from server.queries.passing import passes
from server.tables import ReportLineRow, ReportReceiptRow, ReportRow

READ = ("grade", "read")
_READERS = frozenset({Capacity.PARENT, Capacity.LEARNER})
_UNKNOWN = InputError(
    "NOT_FOUND", "There is no such report among those you may read.", ("input", "report")
)  # unknown, of another school, of another child, superseded: one sentence

# The first receipt stands.
_INSERT = """\
INSERT INTO usher.report_receipt (school_id, report_id, person_id, learner_id, received_at)
VALUES ($1::uuid, $2::uuid, $3::uuid, $4::uuid, $5::timestamptz)
ON CONFLICT (school_id, report_id, person_id) DO NOTHING"""


@dataclass(frozen=True, slots=True)
class AcknowledgeReport:
    report: GlobalId


@dataclass(frozen=True, slots=True)
class AcknowledgeReportOutcome:
    """`received_at` is the time of the first receipt; `report` its key, None with errors."""

    report: UUID | None = None
    received_at: datetime | None = None
    errors: tuple[InputError, ...] = ()


async def acknowledge_report(
    command: AcknowledgeReport, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime
) -> AcknowledgeReportOutcome:
    """Write the caller's receipt in `unit`, which the caller commits; a second one changes nothing.

    The permit needs ("grade", "read"). Raises Forbidden in any capacity but PARENT and LEARNER.
    """
    if permit.profile.capacity not in _READERS:
        raise Forbidden("Receipts are given by parents and learners: act in that capacity.")
    context, connection = unit.context, unit.connection
    statement = _statement(permit.plan(*READ))
    values = statement.values(
        {
            "school": context.school_id,
            "viewer": context.person_id,
            "today": now.date(),
            "report": command.report.key,
        }
    )
    rows = await fetch(connection, statement.text, values)
    if not rows:
        return AcknowledgeReportOutcome(errors=(_UNKNOWN,))
    learner_id, received_at = rows[0]
    if received_at is not None:
        return AcknowledgeReportOutcome(command.report.key, received_at)
    await execute(connection, _INSERT, [context.school_id, command.report.key, context.person_id, learner_id, now])
    elements = {"parent_link": [str(learner_id)]}
    details = {"report": str(command.report.key)}
    await write_audit(connection, actor.record(context.school_id, new_key(), now, "write", elements, details))
    return AcknowledgeReportOutcome(command.report.key, now)


@lru_cache(maxsize=64)
def _statement(read: Plan) -> Compiled:
    return compiled(_select(read))


def _select(read: Plan) -> Any:
    """The report's learner and the caller's receipt, if one of its lines is readable."""
    report, line, receipt = alias(ReportRow), alias(ReportLineRow), alias(ReportReceiptRow)
    readable = (
        select(line.c.report_line_id)
        .where(
            line.c.school_id == SCHOOL,
            line.c.report_id == report.c.report_id,
            passes(read, "report_line", line, line.c.learner_id).is_(True),
        )
        .correlate(report)
        .exists()
    )
    own = and_(receipt.c.school_id == SCHOOL, receipt.c.report_id == report.c.report_id, receipt.c.person_id == VIEWER)
    return (
        select(report.c.learner_id, receipt.c.received_at)
        .select_from(report.outerjoin(receipt, own))
        .where(report.c.school_id == SCHOOL, report.c.report_id == bindparam("report", type_=Uuid()), readable)
    )
