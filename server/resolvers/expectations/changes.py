"""recordEstimates, setTargets and confirmForecast, from GraphQL to their commands and back."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from server.commands.actor import Actor
from server.commands.expectations import (
    BatchOutcome,
    ConfirmForecast,
    EstimateEntry,
    RecordEstimates,
    SetTargets,
    TargetEntry,
    confirm_forecast,
    record_estimates,
    set_targets,
)
from server.commands.marks import Mode
from server.database.unit_of_work import UnitOfWork
from server.grading.forecasts import Method
from server.policies.permit import Permit
from server.policies.vocabulary import relations
from server.queries.expectations import READ, Wanted, confirmations, courses
from server.queries.ids import GlobalId, decode
from server.queries.kinds import kind
from server.queries.noun import Argument
from server.resolvers.expectations.forecast_kinds import CONFIRMATION_KIND
from server.resolvers.expectations.forecast_values import confirmed
from server.resolvers.given import Given
from server.resolvers.mutation import Changed, Input, Mutation

_STAFF_NAME: Final = ("staff_name", "read")
_RECORDED: Final = kind(
    "RecordedEstimate",
    "An estimate as it was recorded.",
    ("learner", "ID!", "Of whom.", None),
    ("course", "ID!", "In which course.", None),
    ("component", "String", "The component; null for the whole course."),
    ("version", "Int!", "Its version."),
    element="forecast",
)
_ESTIMATE: Final = Input(
    "EstimateInput",
    "One estimate: a score in a component, a grade of the whole course, or neither, which takes it back.",
    (
        Argument("learner", "ID!", "Of whom."),
        Argument("course", "ID!", "In which course."),
        Argument("component", "String", "A component of the course's specification; left out: the whole course."),
        Argument("score", "Decimal", "Raw mark of the specification's component, whatever test was sat."),
        Argument("grade", "String", "Grade of the whole course."),
        Argument(
            "expectedVersion", "Int", "The version you saw, 0 for none; a conflict is refused. Left out: overwrite."
        ),
        Argument("reason", "String", "Why it is expected, or changed."),
    ),
)
_TARGET: Final = Input(
    "TargetInput",
    "One target.",
    (
        Argument("learner", "ID!", "Of whom."),
        Argument("course", "ID!", "In which course."),
        Argument("grade", "String!", "The grade to aim at, one of the course's specification."),
        Argument("method", "String", "How it was found."),
    ),
)
_BATCH: Final = (
    Argument("mode", "BatchMode! = ATOMIC", "What a refused row does to the others."),
    Argument("dryRun", "Boolean", "True: check everything and write nothing."),
    Argument("idempotencyKey", "String!", "Yours for this batch: a repeat within 7 days writes nothing again."),
)
_REPLAYED: Final = ("replayed", "Boolean!", "True: this key was used before, and nothing was written now.")
_WOULD_WRITE: Final = ("wouldWrite", "Int", "For a dry run: how many would be written.")


async def _record(given: Given, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime) -> Changed:
    command = RecordEstimates(
        entries=tuple(_estimate(place, one) for place, one in enumerate(given["estimates"])),
        idempotency_key=given["idempotencyKey"],
        mode=Mode(given["mode"]),
        dry_run=bool(given.get("dryRun")),
    )
    outcome = await record_estimates(command, unit, permit, actor, now)
    return Changed(
        constants={"estimates": outcome.rows, **_constants(outcome)},
        errors=outcome.errors("estimates"),
        written=not command.dry_run,
    )


async def _set(given: Given, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime) -> Changed:
    command = SetTargets(
        entries=tuple(_target(place, one) for place, one in enumerate(given["targets"])),
        idempotency_key=given["idempotencyKey"],
        mode=Mode(given["mode"]),
        dry_run=bool(given.get("dryRun")),
    )
    outcome = await set_targets(command, unit, permit, actor, now)
    return Changed(
        keys={"targets": [GlobalId("tgt", UUID(row["target"]), row["year"]) for row in outcome.rows]},
        constants=_constants(outcome),
        errors=outcome.errors("targets"),
        written=not command.dry_run,
    )


async def _confirm(given: Given, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime) -> Changed:
    command = ConfirmForecast(
        learner=decode(given["learner"], ("input", "learner"), "lrn", yearly=False),
        course=decode(given["course"], ("input", "course"), "crs", yearly=False),
        window=decode(given["window"], ("input", "window"), "win", yearly=False),
        method=Method[given["method"]],
        expected_value=given["expectedValue"],
        expected_method_version=given["expectedMethodVersion"],
        note=given.get("note"),
        idempotency_key=given["idempotencyKey"],
    )
    outcome = await confirm_forecast(command, unit, permit, actor, now)
    shown = None
    if outcome.confirmation is not None:
        shown = await _shown(command, outcome.confirmation, unit, permit, now)
    return Changed(constants={"confirmation": shown, "replayed": outcome.replayed}, errors=outcome.errors)


async def _shown(
    command: ConfirmForecast, key: UUID, unit: UnitOfWork, permit: Permit, now: datetime
) -> dict[str, Any] | None:
    """As the caller may read it today."""
    context = unit.context
    learner, wanted_course = command.learner.key, command.course.key
    wanted = Wanted(context.school_id, context.person_id, now.date(), (learner,), wanted_course, command.window.key)
    found = [one for one in await courses(unit.connection, wanted, permit) if one.course_id == wanted_course]
    stored = await confirmations(unit.connection, context.school_id, found)
    named = permit.plan(*_STAFF_NAME)
    tells = named.visible(relations(("own",))) and "log" not in named.duties
    for course in found:
        for one in stored.get((learner, course.course_id), ()):
            if one.key == key:
                return confirmed(one, course, one.name if tells and one.confirmed_by == context.person_id else None)
    return None


def _constants(outcome: BatchOutcome) -> dict[str, Any]:
    return {"replayed": outcome.replayed, "wouldWrite": outcome.would_write}


def _estimate(position: int, one: dict[str, Any]) -> EstimateEntry:
    path = ("input", "estimates", position)
    return EstimateEntry(
        learner=decode(one["learner"], (*path, "learner"), "lrn", yearly=False),
        course=decode(one["course"], (*path, "course"), "crs", yearly=False),
        component=one.get("component") or "",
        score=one.get("score"),
        grade=one.get("grade"),
        expected_version=one.get("expectedVersion"),
        reason=one.get("reason"),
    )


def _target(position: int, one: dict[str, Any]) -> TargetEntry:
    path = ("input", "targets", position)
    return TargetEntry(
        learner=decode(one["learner"], (*path, "learner"), "lrn", yearly=False),
        course=decode(one["course"], (*path, "course"), "crs", yearly=False),
        grade=one["grade"],
        method=one.get("method"),
    )


_RECORD_ESTIMATES: Final = Mutation(
    name="recordEstimates",
    description="Record what teachers expect. Each is a new version; the newest counts in forecasts by PROJECTED.",
    takes="A batch of estimates.",
    inputs=(_ESTIMATE,),
    arguments=(Argument("estimates", "[EstimateInput!]!", "At most 500."), *_BATCH),
    constants=(
        ("estimates", "[RecordedEstimate!]!", "The accepted estimates, in order of the input."),
        _REPLAYED,
        _WOULD_WRITE,
    ),
    kinds=(_RECORDED,),
    coordinates=frozenset({("forecast", "write")}),
    change=_record,
)
_SET_TARGETS: Final = Mutation(
    name="setTargets",
    description="Set the grades that learners aim at. A target that was there is replaced.",
    takes="A batch of targets.",
    inputs=(_TARGET,),
    arguments=(Argument("targets", "[TargetInput!]!", "At most 500."), *_BATCH),
    rows={"targets": ("Target", "target_id", "The targets that you may read, in order of the input.")},
    constants=(_REPLAYED, _WOULD_WRITE),
    coordinates=frozenset({("target", "write")}),
    change=_set,
)
_CONFIRM_FORECAST: Final = Mutation(
    name="confirmForecast",
    description="Say in your own name that a forecast may be used, as it stands now. What you saw must still stand.",
    takes="The forecast, as you saw it.",
    arguments=(
        Argument("learner", "ID!", "Of whom."),
        Argument("course", "ID!", "In which course."),
        Argument("window", "ID!", "In which assessment window."),
        Argument("method", "ForecastMethod!", "By which method."),
        Argument("expectedValue", "String!", "The value that you saw."),
        Argument("expectedMethodVersion", "Int!", "The version of the method that you saw."),
        Argument("note", "String", "What is to be remembered."),
        Argument(
            "idempotencyKey", "String!", "Yours for this confirmation: a repeat within 7 days confirms nothing again."
        ),
    ),
    constants=(("confirmation", "ForecastConfirmation", "The confirmation, as far as you may read it."), _REPLAYED),
    kinds=(CONFIRMATION_KIND,),
    coordinates=frozenset({("forecast", "write"), *READ, _STAFF_NAME}),
    change=_confirm,
)
EXPECTATION_CHANGES: Final = (_RECORD_ESTIMATES, _SET_TARGETS, _CONFIRM_FORECAST)
