"""closeRecords, and what people of the school do about source systems: from GraphQL to their commands and back."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Final

from server.commands.access.outcome import AccessOutcome
from server.commands.actor import Actor
from server.commands.marks import Mode
from server.commands.rosters.approving import DECIDES, decide_closing
from server.commands.rosters.batch import MOST_ROWS, Batch
from server.commands.rosters.closing import close_records
from server.commands.rosters.closings import ClosingKind
from server.commands.rosters.mastering import WRITE, set_field_master
from server.commands.rosters.merging import merge_learners
from server.commands.rosters.rekeying import rekey
from server.commands.rosters.rights import coordinates
from server.commands.rosters.shapes import SHAPES, RecordKind
from server.database.unit_of_work import UnitOfWork
from server.policies.permit import Permit
from server.queries.ids import GlobalId
from server.queries.noun import Argument
from server.resolvers.access.changes_of_grants import PROGRAM
from server.resolvers.access.payloads import access_mutation
from server.resolvers.given import Given, key_if_given, key_of
from server.resolvers.mutation import Changed, Command, Input, Mutation
from server.resolvers.rosters.upserts import BATCH, ROW_RESULT, SYSTEM, changed

CLOSING: Final = "rcl"
_LEARNER: Final = "lrn"
_ROW: Final = Input(
    "LeavingRowInput",
    "Who or what leaves.",
    (
        Argument("id", "String!", "The source's id of the learner, the class, ...; of a link, of the guardian."),
        Argument("of", "String", "For GUARDIAN_LINK the learner's id, for TEACHING the one of the staff."),
        Argument("on", "Date!", "The first day no longer."),
    ),
)
_CLOSING: Final = Argument("closing", "ID!", "The closing, of rosterClosings.")
_REASON: Final = Argument("reason", "String!", "Why: 10 to 500 characters.")
_ELEMENTS: Final = frozenset({"education", "staff_name", "school_structure", "groups", "parent_link"})
_NAMED: Final = frozenset({"identifier", "guardian_name", "staff_name", "school_structure", "groups"})


async def _close(given: Given, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime) -> Changed:
    kind = ClosingKind(given["kind"])
    batch = Batch(
        name=f"closeRecords {kind.value}",
        kind=kind.ends[0],
        system=given["system"],
        rows=tuple(given["rows"]),
        idempotency_key=given["idempotencyKey"],
        mode=Mode(given["mode"]),
        dry_run=bool(given.get("dryRun")),
    )
    outcome = await close_records(batch, kind, unit, permit, actor, now)
    said = changed(batch, outcome, own=unit.context.person_id in outcome.touched)
    closing = None if outcome.closing is None else str(GlobalId(CLOSING, outcome.closing))
    return Changed(
        constants={**said.constants, "closing": closing}, errors=said.errors, written=said.written, recheck=said.recheck
    )


def _decide(given: Given, *, approve: bool) -> Command[AccessOutcome]:
    return partial(decide_closing, key_of(given, "closing", CLOSING), approve, given["reason"])


def _master(given: Given) -> Command[AccessOutcome]:
    program = key_if_given(given, "program", PROGRAM)
    return partial(set_field_master, RecordKind(given["kind"]), given["fields"], program)


async def _rekey(given: Given, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime) -> Changed:
    kind = RecordKind(given["kind"])
    outcome = await rekey(kind, given["system"], given["from"], given["to"], unit, permit, actor, now)
    record = None if outcome.key is None else str(GlobalId(SHAPES[kind].prefix, outcome.key))
    return Changed(constants={"record": record}, errors=outcome.errors, written=not outcome.errors)


def _merge(given: Given) -> Command[AccessOutcome]:
    return partial(merge_learners, key_of(given, "keep", _LEARNER), key_of(given, "merge", _LEARNER))


ROSTER_CHANGES: Final = (
    Mutation(
        name="closeRecords",
        description="Learners, staff, places and links that a source system holds no more end on a day. Where more than a"
        " twentieth of them would within 24 hours, the call waits for a person of the school.",
        takes="Who leaves, by the ids of a source system.",
        inputs=(_ROW,),
        arguments=(
            SYSTEM,
            Argument("kind", "RosterClosingKind!", "What leaves."),
            Argument("rows", f"[{_ROW.name}!]!", f"At most {MOST_ROWS:,} rows."),
            *BATCH,
        ),
        constants=(
            ("results", "[RosterRowResult!]!", "Each row in order; of a batch that was refused, its refused rows."),
            ("closing", "ID", "What waits, for approveClosing; null where nothing does."),
            ("replayed", "Boolean!", "True: this key was used before, and nothing was written now."),
        ),
        kinds=(ROW_RESULT,),
        coordinates=coordinates(_ELEMENTS),
        change=_close,
    ),
    access_mutation(
        "approveClosing",
        "What a source system asked to close, and what waited for a person, ends as was asked.",
        (_CLOSING, _REASON),
        frozenset(DECIDES),
        CLOSING,
        partial(_decide, approve=True),
    ),
    access_mutation(
        "refuseClosing",
        "Nothing of what waited is closed.",
        (_CLOSING, _REASON),
        frozenset(DECIDES),
        CLOSING,
        partial(_decide, approve=False),
    ),
    access_mutation(
        "setFieldMaster",
        "Whose word counts for fields from now on: that program's alone, or the school's own people's.",
        (
            Argument("kind", "RosterKind!", "Of which records."),
            Argument("fields", "[String!]!", "Names of fields of that kind's rows, such as givenName."),
            Argument("program", "ID", "Of clientGrants; left out: no program, but the school's own people."),
        ),
        frozenset({WRITE}),
        PROGRAM,
        _master,
    ),
    Mutation(
        name="rekey",
        description="A source system's new id for a record that it named otherwise; the former id is kept.",
        takes="Both ids.",
        arguments=(
            SYSTEM,
            Argument("kind", "RosterKind!", "What the record is of."),
            Argument("from", "String!", "The id until now."),
            Argument("to", "String!", "The id from now on, which means nothing yet."),
        ),
        constants=(("record", "ID", "The record; null where nothing was changed."),),
        coordinates=coordinates(_NAMED),
        change=_rekey,
    ),
    access_mutation(
        "mergeLearners",
        "Two records of one child become one: marks, grades, reports, links and all that is recorded of one are the"
        " other's. Refused where both have a mark of one sitting, and not the same.",
        (
            Argument("keep", "ID!", "The learner who stays."),
            Argument("merge", "ID!", "The learner whose record is closed."),
        ),
        coordinates(("identifier",)),
        _LEARNER,
        _merge,
    ),
)
