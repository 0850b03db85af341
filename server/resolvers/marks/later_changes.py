"""moderateMarks, agreeMarks and undoMarks, from GraphQL to their commands and back."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from server.commands.actor import Actor
from server.commands.marks import Mode, SecondMark, SecondMarks, UndoMarks, second_marks, undo_marks
from server.database.unit_of_work import UnitOfWork
from server.policies.permit import Permit
from server.queries.ids import decode
from server.queries.noun import Argument
from server.resolvers.given import Given
from server.resolvers.marks.changes import constants_of, error_of, ids_of
from server.resolvers.mutation import Change, Changed, Input, Mutation

_SECOND: Final = Input(
    "SecondMarkInput",
    "A score that a second marker gives, or that the markers agree on.",
    (
        Argument("mark", "ID!", "The mark."),
        Argument("expectedVersion", "Int!", "The version that was read; a conflict is refused."),
        Argument("score", "Decimal!", "Raw mark."),
        Argument("reason", "String!", "Why, in 1 to 500 characters."),
    ),
)
_DRY_RUN: Final = Argument("dryRun", "Boolean", "True: check everything and write nothing.")
_KEY: Final = Argument(
    "idempotencyKey", "String!", "Yours for this batch: a repeat within 7 days writes nothing again."
)
_CONSTANTS: Final = (
    ("batch", "String", "Names what was done, for undoMarks; as in Mark.history."),
    ("replayed", "Boolean!", "True: this key was used before, and nothing was written now."),
    ("wouldWrite", "Int", "For a dry run: how many marks would be written."),
)
_GRADES: Final = ("Grade", "grade_id", "Grades that rest on them.")


def _seconding(*, agreeing: bool) -> Change:
    async def change(given: Given, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime) -> Changed:
        command = SecondMarks(
            marks=tuple(_second(place, one) for place, one in enumerate(given["marks"])),
            agreeing=agreeing,
            idempotency_key=given["idempotencyKey"],
            mode=Mode(given["mode"]),
            dry_run=bool(given.get("dryRun")),
        )
        outcome = await second_marks(command, unit, permit, actor, now)
        found = tuple(error.stored for error in outcome.errors if error.stored is not None)
        keys = {"marks": ids_of("mrk", outcome.marks), "conflicting": ids_of("mrk", found)}
        constants = constants_of(outcome)
        if agreeing:
            keys["grades"] = ids_of("grd", outcome.grades)
        else:
            del constants["batch"]
        errors = [error_of(error) for error in outcome.errors]
        return Changed(keys=keys, constants=constants, errors=errors, written=not command.dry_run)

    return change


def _second(position: int, one: dict[str, Any]) -> SecondMark:
    mark = decode(one["mark"], ("input", "marks", position, "mark"), "mrk", yearly=True)
    return SecondMark(mark, one["expectedVersion"], one["score"], one["reason"])


def _second_mutation(name: str, description: str, *, agreeing: bool) -> Mutation:
    rows = {
        "marks": ("Mark", "mark_id", "The accepted marks that you may read, in order of the input."),
        "conflicting": ("Mark", "mark_id", "What is stored where the version was another, if you may read it."),
    }
    return Mutation(
        name=name,
        description=description,
        takes="Marks, each with a score.",
        inputs=(_SECOND,),
        arguments=(
            Argument("marks", "[SecondMarkInput!]!", "At most 500 marks."),
            Argument("mode", "BatchMode! = ATOMIC", "What a refused row does to the others."),
            _DRY_RUN,
            _KEY,
        ),
        rows={**rows, "grades": _GRADES} if agreeing else rows,
        constants=_CONSTANTS if agreeing else _CONSTANTS[1:],
        coordinates=frozenset({("mark", "write")}),
        change=_seconding(agreeing=agreeing),
    )


async def _undo(given: Given, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime) -> Changed:
    after = given.get("after")
    begin = None if after is None else decode(after, ("input", "after"), "mrk", yearly=True)
    command = UndoMarks(given["batch"], given["idempotencyKey"], bool(given.get("dryRun")), begin)
    outcome = await undo_marks(command, unit, permit, actor, now)
    return Changed(
        keys={
            "marks": ids_of("mrk", outcome.marks),
            "grades": ids_of("grd", outcome.grades),
            "staying": ids_of("mrk", outcome.staying),
        },
        constants={
            "batch": None if outcome.batch is None else str(outcome.batch),
            "replayed": outcome.replayed,
            "wouldWrite": outcome.would_write,
            "next": None if outcome.next is None else str(ids_of("mrk", (outcome.next,))[0]),
        },
        errors=outcome.errors,
        written=not command.dry_run,
    )


_UNDO: Final = Mutation(
    name="undoMarks",
    description="Put back what stood before a batch, where nobody has changed it since, and recompute the grades.",
    takes="Which batch.",
    arguments=(
        Argument("batch", "String!", "As `batch` of a payload or of Mark.history: yours, or of a department you lead."),
        Argument("after", "String", "What `next` said, to go on with a batch of more than 500 marks."),
        _DRY_RUN,
        _KEY,
    ),
    rows={
        "marks": ("Mark", "mark_id", "The marks that were put back."),
        "grades": _GRADES,
        "staying": ("Mark", "mark_id", "Marks of the batch that stay: userErrors say why, in their order."),
    },
    constants=(*_CONSTANTS, ("next", "String", "There are more: ask again with this as `after`, and another key.")),
    coordinates=frozenset({("mark", "write"), ("mark", "read")}),
    change=_undo,
)
LATER_CHANGES: Final = (
    _second_mutation(
        "moderateMarks",
        "Give second scores for marks of a course that is moderated; nobody moderates what they recorded.",
        agreeing=False,
    ),
    _second_mutation(
        "agreeMarks", "Record the marks that were agreed on after moderation, as new versions.", agreeing=True
    ),
    _UNDO,
)
