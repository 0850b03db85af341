"""publishReports: a window's reports of one year group, frozen; the live ones of before are superseded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from server.commands.actor import Actor
from server.commands.idempotency import Repeated, check_key, parameters_digest, take_key
from server.commands.input_error import InputError
from server.commands.keys import new_key
from server.commands.outbox import Event, writes_events
from server.commands.reports.lines import Pair, pairs
from server.commands.reports.rows import Publication, lock_school, window_of, write_publication
from server.commands.storable import plain_line, storable
from server.compliance.audit import write_audit
from server.database.unit_of_work import UnitOfWork
from server.errors import BadUserInput, Forbidden
from server.policies.permit import Permit
from server.policies.plan import Plan
from server.queries.ids import GlobalId

EXPORT = ("grade", "export")
FROZEN: tuple[str, ...] = ("grade", "target", "comment", "staff_name", "groups")
"""The elements that a report line holds."""

_LONGEST_NAME = 200
_LONGEST_YEAR_GROUP = 40
_UNKNOWN_WINDOW = InputError(
    "NOT_FOUND", "There is no such window: give the id of one of your school's.", ("input", "window")
)
_NOBODY = InputError(
    "NO_LEARNERS",
    "No learner of the year group has a line in this window that you may publish.",
    ("input", "yearGroup"),
)


@dataclass(frozen=True, slots=True)
class PublishReports:
    """`name` is what parents read, such as "Autumn reports"."""

    window: GlobalId
    year_group: str
    name: str
    idempotency_key: str
    dry_run: bool = False

    def digest(self) -> str:
        """Of all parameters but the key."""
        return parameters_digest("publishReports", [str(self.window), self.year_group, self.name, self.dry_run])


@dataclass(frozen=True, slots=True)
class PublishReportsOutcome:
    """`reports` counts the learners; a dry run gives that and no publication."""

    publication: UUID | None = None
    version: int | None = None
    reports: int = 0
    errors: tuple[InputError, ...] = ()
    replayed: bool = False

    def stored(self) -> dict[str, object]:
        assert self.publication is not None
        return {"publication": self.publication.hex, "version": self.version, "reports": self.reports}

    @classmethod
    def repeated(cls, stored: Mapping[str, Any]) -> PublishReportsOutcome:
        return cls(UUID(stored["publication"]), stored["version"], stored["reports"], replayed=True)


async def publish_reports(
    command: PublishReports, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime
) -> PublishReportsOutcome:
    """Freeze a report for each learner of the year group, in `unit`, which the caller commits.

    Raises Forbidden unless ("grade", "export") reaches the whole school; learners whom it excepts get no report.
    Raises BadUserInput for texts out of bounds, IdempotencyConflict, Unavailable.
    """
    export = permit.plan(*EXPORT)
    _check(command, export)
    taken = await take_key(command, unit, now)
    if isinstance(taken, Repeated):
        return PublishReportsOutcome.repeated(taken.outcome)
    if taken is not None:
        await lock_school(unit.connection, unit.context.school_id)
    outcome = await _prepare(command, unit, export, actor, now)
    if taken is not None and outcome.errors:
        await taken.release()
    elif taken is not None:
        await taken.keep(outcome.stored())
    return outcome


def _check(command: PublishReports, export: Plan) -> None:
    if not all("school" in gate.allow for gate in export.gates):
        raise Forbidden("Publishing reports is for those who may export the grades of the whole school.")
    check_key(command.idempotency_key)
    for text, longest, name in (
        (command.name, _LONGEST_NAME, "name"),
        (command.year_group, _LONGEST_YEAR_GROUP, "yearGroup"),
    ):
        if not text.strip() or not storable(text, longest):
            raise BadUserInput(f"input.{name} must be a text of 1 to {longest} characters.", ("input", name))
        if not plain_line(text):
            said = "holds a line break, a control character or a direction mark: write one line without them."
            raise BadUserInput(f"input.{name} {said}", ("input", name))


async def _prepare(
    command: PublishReports, unit: UnitOfWork, export: Plan, actor: Actor, now: datetime
) -> PublishReportsOutcome:
    context, connection = unit.context, unit.connection
    window = await window_of(connection, context.school_id, command.window.key)
    if window is None:
        return PublishReportsOutcome(errors=(_UNKNOWN_WINDOW,))
    lines = await pairs(connection, window, command.year_group, context, export, now.date())
    if not lines:
        return PublishReportsOutcome(errors=(_NOBODY,))
    if command.dry_run:
        return PublishReportsOutcome(reports=len({line.learner_id for line in lines}))
    publication = Publication(
        context.school_id, new_key(), window, command.year_group, command.name, context.person_id, now
    )
    return await _write(unit, publication, lines, actor)


async def _write(
    unit: UnitOfWork, publication: Publication, lines: Sequence[Pair], actor: Actor
) -> PublishReportsOutcome:
    version, reports = await write_publication(unit.connection, publication, lines)
    learners = [str(learner_id) for learner_id in reports]
    details: dict[str, object] = {"publication": str(publication.publication_id), "reports": len(reports)}
    elements = dict.fromkeys(FROZEN, learners)
    record = actor.record(publication.school_id, new_key(), publication.now, "export", elements, details)
    await write_audit(unit.connection, record)
    events = [_published(publication, learner_id, report_id) for learner_id, report_id in reports.items()]
    unit.before_commit(writes_events(publication.school_id, events, publication.now))
    return PublishReportsOutcome(publication.publication_id, version, len(reports))


def _published(publication: Publication, learner_id: UUID, report_id: UUID) -> Event:
    return Event(
        "reportPublished",
        {"publication": str(publication.publication_id), "report": str(report_id), "learner": str(learner_id)},
    )
