"""upsertLearners and the like, from GraphQL to their command and back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from server.commands.actor import Actor
from server.commands.marks import Mode
from server.commands.rosters.batch import MOST_ROWS, Batch, BatchOutcome
from server.commands.rosters.classes import Classes
from server.commands.rosters.columns import Kind as ColumnKind
from server.commands.rosters.enrolments import Enrolments
from server.commands.rosters.guardians import Guardians
from server.commands.rosters.layout import RELATIONSHIPS
from server.commands.rosters.learners import Learners
from server.commands.rosters.masters import TIES
from server.commands.rosters.rights import coordinates
from server.commands.rosters.shapes import SHAPES, Field, RecordKind, Shape
from server.commands.rosters.staff import Staff
from server.commands.rosters.upserting import upsert
from server.commands.rosters.work import Writer
from server.database.unit_of_work import UnitOfWork
from server.policies.permit import Permit
from server.queries.ids import GlobalId
from server.queries.kinds import kind
from server.queries.noun import Argument
from server.resolvers.given import Given
from server.resolvers.mutation import Changed, Input, Mutation

ROW_RESULT: Final = kind(
    "RosterRowResult",
    "What came of one row.",
    ("position", "Int!", "Its place in the input, from 0."),
    ("id", "String!", "The source's id."),
    ("outcome", "RosterOutcome!", "What was done, or would be done."),
    ("record", "ID", "The record that the id means from now on; null for a row that was refused, and in a dry run."),
    (
        "version",
        "String",
        "Of what you may read of the record: equal versions, equal content. Null where you gave what you may not read.",
    ),
)
_TYPES: Final = {
    ColumnKind.TEXT: "String",
    ColumnKind.CODE: "String",
    ColumnKind.UPN: "String",
    ColumnKind.CODES: "[String!]",
    ColumnKind.WORDS: "[String!]",
    ColumnKind.WHOLE: "Int",
    ColumnKind.DECIMAL: "Decimal",
    ColumnKind.DATE: "Date",
}
SYSTEM: Final = Argument(
    "system", "String!", "The source that the ids are of, such as sims. The first program to name it goes on alone."
)
BATCH: Final = (
    Argument("mode", "BatchMode! = ATOMIC", "What a refused row does to the others."),
    Argument("dryRun", "Boolean", "True: check everything and write nothing."),
    Argument("idempotencyKey", "String!", "Yours for this batch: a repeat within 7 days writes nothing again."),
)


def changed(batch: Batch, outcome: BatchOutcome, *, own: bool = False) -> Changed:
    """`own`: the caller's own profile was raised, so that the guard of COMMIT would refuse the caller's own step."""
    prefix = SHAPES[batch.kind].prefix
    results = [
        {
            "position": one.position,
            "id": one.source_id,
            "outcome": one.outcome.value,
            "record": None if one.record is None or batch.dry_run else str(GlobalId(prefix, one.record)),
            "version": one.version,
        }
        for one in outcome.results
    ]
    return Changed(
        constants={"results": results, "replayed": outcome.replayed},
        errors=outcome.errors,
        written=outcome.written,
        recheck=not own,
    )


def _field(field: Field) -> Argument:
    return Argument(field.name, _TYPES[field.column.kind], field.said)


def _rows(shape: Shape, further: tuple[Argument, ...]) -> Input:
    title = shape.kind.value.capitalize()
    first = Argument("id", "String!", "The source's own id of the record.")
    said = f"One {shape.kind.value.lower()}: a field that is left out stays as it is, null empties it."
    return Input(f"{title}RowInput", said, (first, *(_field(one) for one in shape.fields), *further))


def _mutation(
    name: str,
    of: RecordKind,
    description: str,
    writer: Callable[[], Writer],
    further: tuple[Argument, ...] = (),
    inputs: tuple[Input, ...] = (),
) -> Mutation:
    shape = SHAPES[of]
    row = _rows(shape, further)

    async def change(given: Given, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime) -> Changed:
        rows: list[dict[str, Any]] = given["rows"]
        batch = Batch(
            name=name,
            kind=of,
            system=given["system"],
            rows=tuple(rows),
            idempotency_key=given["idempotencyKey"],
            mode=Mode(given["mode"]),
            dry_run=bool(given.get("dryRun")),
        )
        outcome = await upsert(writer(), batch, unit, permit, actor, now)
        return changed(batch, outcome, own=unit.context.person_id in outcome.touched)

    ties = {TIES[of][1]} if of in TIES else set[str]()
    return Mutation(
        name=name,
        description=description,
        takes="Rows of a source system.",
        inputs=(*inputs, row),
        arguments=(SYSTEM, Argument("rows", f"[{row.name}!]!", f"At most {MOST_ROWS:,} rows."), *BATCH),
        constants=(
            ("results", "[RosterRowResult!]!", "Each row in order; of a batch that was refused, its refused rows."),
            ("replayed", "Boolean!", "True: this key was used before, and nothing was written now."),
        ),
        kinds=(ROW_RESULT,),
        coordinates=coordinates(shape.elements | ties),
        change=change,
    )


_LINKED: Final = Input(
    "LinkedLearnerInput",
    "A learner whom a guardian is to be linked with.",
    (
        Argument("learner", "String!", "The source's id of the learner."),
        Argument("relationship", "String!", f"One of {', '.join(RELATIONSHIPS)}."),
    ),
)
_TAUGHT: Final = Input(
    "ClassTeacherInput",
    "One of the staff who teaches a class.",
    (
        Argument("staff", "String!", "The source's id of the member of staff."),
        Argument("kind", "String!", "TEACHER or ASSISTANT."),
    ),
)

UPSERTS: Final = (
    _mutation(
        "upsertLearners",
        RecordKind.LEARNER,
        "Bring learners to what a source system holds. Who is left out stays: closeRecords tells who leaves.",
        Learners,
    ),
    _mutation(
        "upsertGuardians",
        RecordKind.GUARDIAN,
        "Bring guardians, and their links to learners, to what a source system holds. Links count once they are verified.",
        Guardians,
        (Argument("learners", f"[{_LINKED.name}!]", "Their children; a link that is left out stays."),),
        (_LINKED,),
    ),
    _mutation(
        "upsertStaff",
        RecordKind.STAFF,
        "Bring staff to what a source system holds. Their roles are given by people of the school.",
        Staff,
    ),
    _mutation(
        "upsertClasses",
        RecordKind.CLASS,
        "Bring classes, their courses and teachers to what a source system holds. A class keeps its year and course.",
        Classes,
        (Argument("teachers", f"[{_TAUGHT.name}!]", "Who teaches it from today on; one who is left out stays."),),
        (_TAUGHT,),
    ),
    _mutation(
        "upsertEnrolments",
        RecordKind.ENROLMENT,
        "Bring places of learners in classes to what a source system holds. A place keeps its class and learner.",
        Enrolments,
    ),
)
