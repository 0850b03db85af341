"""recordMarks, from GraphQL to its command and back."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from server.commands.actor import Actor
from server.commands.input_error import InputError
from server.commands.marks import (
    MarkEntry,
    MarkPart,
    Mode,
    RecordMarks,
    RecordMarksOutcome,
    RowError,
    YearlyKey,
    record_marks,
)
from server.database.unit_of_work import UnitOfWork
from server.grading.marks import MarkState
from server.policies.permit import Permit
from server.queries.ids import GlobalId, decode
from server.queries.noun import Argument
from server.resolvers.given import Given
from server.resolvers.mutation import Changed, Input, Mutation

_PART: Final = Input(
    "MarkPartInput",
    "One question's share of a mark.",
    (
        Argument("question", "String!", "The question, such as 3b."),
        Argument("topic", "String!", "What it is about."),
        Argument("maximum", "Decimal!", "The most it gives."),
        Argument("score", "Decimal", "Raw mark on it; left out where there is none."),
    ),
)
_MARK: Final = Input(
    "MarkInput",
    "One mark to record.",
    (
        Argument("learner", "ID!", "Whose mark."),
        Argument("assessment", "ID!", "What was assessed."),
        Argument("attempt", "Int", "1 for the first attempt, which is meant where left out."),
        Argument("state", "MarkState! = SCORED", "Whether there is a score, and why not."),
        Argument("score", "Decimal", "Raw mark; for SCORED alone."),
        Argument(
            "expectedVersion", "Int", "The version you saw, 0 for none; a conflict is refused. Left out: overwrite."
        ),
        Argument("reason", "String", "Why a mark is changed."),
        Argument(
            "parts",
            "[MarkPartInput!]",
            "The mark by question. Left out, it stays as it is; where the mark changes, it loses its scores.",
        ),
    ),
)


async def _record(given: Given, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime) -> Changed:
    command = RecordMarks(
        marks=tuple(_entry(i, mark) for i, mark in enumerate(given["marks"])),
        idempotency_key=given["idempotencyKey"],
        mode=Mode(given["mode"]),
        dry_run=bool(given.get("dryRun")),
    )
    outcome = await record_marks(command, unit, permit, actor, now)
    return Changed(
        keys={
            "marks": ids_of("mrk", outcome.marks),
            "grades": ids_of("grd", outcome.grades),
            "conflicting": ids_of("mrk", tuple(e.stored for e in outcome.errors if e.stored is not None)),
        },
        constants=constants_of(outcome),
        errors=[error_of(error) for error in outcome.errors],
        written=not command.dry_run,
    )


def constants_of(outcome: RecordMarksOutcome) -> dict[str, Any]:
    return {
        "batch": None if outcome.batch is None else str(outcome.batch),
        "replayed": outcome.replayed,
        "wouldWrite": outcome.would_write,
    }


def _entry(position: int, mark: dict[str, Any]) -> MarkEntry:
    path = ("input", "marks", position)
    parts = mark.get("parts")
    return MarkEntry(
        learner=decode(mark["learner"], (*path, "learner"), "lrn", yearly=False),
        assessment=decode(mark["assessment"], (*path, "assessment"), "asm", yearly=False),
        attempt=1 if mark.get("attempt") is None else mark["attempt"],
        state=MarkState(mark["state"]),
        score=mark.get("score"),
        expected_version=mark.get("expectedVersion"),
        reason=mark.get("reason"),
        parts=None if parts is None else tuple(_part(part) for part in parts),
    )


def _part(part: dict[str, Any]) -> MarkPart:
    return MarkPart(part["question"], part["topic"], part["maximum"], part.get("score"))


def ids_of(prefix: str, keys: tuple[YearlyKey, ...]) -> list[GlobalId]:
    return [GlobalId(prefix, key.key, key.year) for key in keys]


def error_of(error: RowError) -> InputError:
    return InputError(error.code, error.message, error.path)


RECORD_MARKS: Final = Mutation(
    name="recordMarks",
    description="Record marks, and recompute every grade that rests on them.",
    takes="A batch of marks.",
    inputs=(_PART, _MARK),
    arguments=(
        Argument("marks", "[MarkInput!]!", "At most 500 marks."),
        Argument("mode", "BatchMode! = ATOMIC", "What a refused row does to the others."),
        Argument("dryRun", "Boolean", "True: check everything and write nothing."),
        Argument("idempotencyKey", "String!", "Yours for this batch: a repeat within 7 days writes nothing again."),
    ),
    rows={
        "marks": ("Mark", "mark_id", "The accepted marks that you may read, in order of the input."),
        "grades": ("Grade", "grade_id", "Grades that rest on them."),
        "conflicting": ("Mark", "mark_id", "What is stored where the version was another, if you may read it."),
    },
    constants=(
        ("batch", "String", "Names what was done, for undoMarks; as in Mark.history."),
        ("replayed", "Boolean!", "True: this key was used before, and nothing was written now."),
        ("wouldWrite", "Int", "For a dry run: how many marks would be written."),
    ),
    coordinates=frozenset({("mark", "write"), ("mark", "read")}),
    change=_record,
)
