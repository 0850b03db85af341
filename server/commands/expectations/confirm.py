"""confirmForecast: a person says that a forecast may be used, as it stands now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from server.commands.actor import Actor
from server.commands.expectations.access import places
from server.commands.expectations.checks import LONGEST_TEXT
from server.commands.expectations.estimates import WRITE
from server.commands.idempotency import Repeated, check_key, parameters_digest, take_key
from server.commands.input_error import InputError
from server.commands.keys import new_key
from server.commands.marks.rows import lock_courses
from server.commands.outbox import Event, writes_events
from server.commands.statements import execute
from server.commands.storable import plain_text, storable
from server.compliance.audit import write_audit
from server.database.unit_of_work import UnitOfWork
from server.errors import BadUserInput
from server.grading.exact import decimal_points
from server.grading.forecasts import OF_MARKS, Estimate, Method
from server.policies.permit import Permit
from server.queries.expectations import Course, Wanted, brought, courses, reckoned
from server.queries.ids import GlobalId

UNKNOWN: Final = InputError(
    "NOT_FOUND",
    "There is no such learner, course and window among those whose forecasts you may read and confirm.",
    ("input",),
)
NOTHING: Final = InputError(
    "NO_FORECAST", "Nothing can be said by this method yet: choose another, or wait for marks.", ("input", "method")
)
CHANGED: Final = InputError(
    "FORECAST_CHANGED", "The forecast is not what you saw: read it again and confirm what stands.", ("input",)
)

_INSERT = """\
INSERT INTO usher.forecast_confirmation (school_id, confirmation_id, academic_year, learner_id, course_id, window_id, method,
    method_version, value, low, high, points, specification_id, boundary_set_id, note, confirmed_by, confirmed_at,
    shift)
VALUES ($1::uuid, $2::uuid, $3::int, $4::uuid, $5::uuid, $6::uuid, $7::text, $8::int, $9::text, $10::text, $11::text,
    $12::numeric, $13::uuid, $14::uuid, $15::text, $16::uuid, $17::timestamptz, $18::int)"""


@dataclass(frozen=True, slots=True)
class ConfirmForecast:
    """`expected_*` are what the person saw."""

    learner: GlobalId
    course: GlobalId
    window: GlobalId
    method: Method
    expected_value: str
    expected_method_version: int
    idempotency_key: str
    note: str | None = None
    dry_run: bool = False

    def digest(self) -> str:
        """Of all parameters but the key."""
        seen = [self.method.value, self.expected_method_version, self.expected_value, self.note]
        return parameters_digest("confirmForecast", [str(self.learner), str(self.course), str(self.window), *seen])


@dataclass(frozen=True, slots=True)
class ConfirmForecastOutcome:
    confirmation: UUID | None = None
    errors: tuple[InputError, ...] = ()
    replayed: bool = False

    def stored(self) -> dict[str, object]:
        assert self.confirmation is not None
        return {"confirmation": self.confirmation.hex}

    @classmethod
    def repeated(cls, stored: Mapping[str, Any]) -> ConfirmForecastOutcome:
        return cls(UUID(stored["confirmation"]), replayed=True)


async def confirm_forecast(
    command: ConfirmForecast, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime
) -> ConfirmForecastOutcome:
    """Confirm in `unit`, which the caller commits. The permit needs ("forecast", "write") and expectations.READ.

    Raises BadUserInput for a note or key out of bounds, IdempotencyConflict, Unavailable.
    """
    check_key(command.idempotency_key)
    if command.note is not None and not (storable(command.note, LONGEST_TEXT) and plain_text(command.note)):
        raise BadUserInput(
            f"input.note is over {LONGEST_TEXT} characters, or holds control characters or direction marks.",
            ("input", "note"),
        )
    taken = await take_key(command, unit, now)
    if isinstance(taken, Repeated):
        return ConfirmForecastOutcome.repeated(taken.outcome)
    outcome = await _confirm(command, unit, permit, actor, now)
    if taken is not None and outcome.errors:
        await taken.release()
    elif taken is not None:
        await taken.keep(outcome.stored())
    return outcome


async def _confirm(
    command: ConfirmForecast, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime
) -> ConfirmForecastOutcome:
    course = await _course(command, unit, permit, now)
    if course is None:
        return ConfirmForecastOutcome(errors=(UNKNOWN,))
    sat = await brought(unit.connection, unit.context.school_id, [course])
    [found] = reckoned([course], sat, (command.method,))
    made = found.estimates[0] if found is not None and found.estimates else None
    if made is None:
        return ConfirmForecastOutcome(errors=(NOTHING,))
    if (made.value, made.version) != (command.expected_value, command.expected_method_version):
        return ConfirmForecastOutcome(errors=(CHANGED,))
    return ConfirmForecastOutcome(await _write(command, unit, actor, now, course, made))


async def _course(command: ConfirmForecast, unit: UnitOfWork, permit: Permit, now: datetime) -> Course | None:
    """None unless the forecast may be written and read, with what it tells."""
    context, today = unit.context, now.date()
    pair = (command.learner.key, command.course.key)
    [place] = await places(unit.connection, [pair], context, permit.plan(*WRITE), today)
    if place is None:
        return None
    # Its marks, estimates and series stand still from here: what is confirmed is what is stored.
    await lock_courses(unit.connection, context.school_id, {command.course.key})
    learner, course = pair
    wanted = Wanted(context.school_id, context.person_id, today, (learner,), course, command.window.key)
    found = await courses(unit.connection, wanted, permit)
    fine = command.method in OF_MARKS
    return next(
        (one for one in found if one.course_id == command.course.key and one.grade and (one.mark or not fine)), None
    )


async def _write(
    command: ConfirmForecast, unit: UnitOfWork, actor: Actor, now: datetime, course: Course, made: Estimate
) -> UUID:
    context, confirmation_id = unit.context, new_key()
    points = None if made.points is None else decimal_points(made.points)
    await execute(
        unit.connection,
        _INSERT,
        [
            context.school_id, confirmation_id, course.academic_year, command.learner.key, course.course_id,
            course.window_id, made.method.value, made.version, made.value, made.low, made.high, points,
            course.specification_id, course.boundary_set_id, command.note, context.person_id, now,
            course.shift,
        ],
    )  # fmt: skip
    learner = str(command.learner.key)
    details: dict[str, object] = {
        "confirmation": str(confirmation_id),
        "method": made.method.value,
        "methodVersion": made.version,
    }
    record = actor.record(context.school_id, new_key(), now, "write", {"forecast": [learner]}, details)
    await write_audit(unit.connection, record)
    payload: dict[str, object] = {
        "year": course.academic_year,
        "confirmation": str(confirmation_id),
        "learner": learner,
        "course": str(course.course_id),
        "window": str(course.window_id),
    }
    unit.before_commit(writes_events(context.school_id, [Event("forecastConfirmed", payload)], now))
    return confirmation_id
