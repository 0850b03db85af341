"""rosterClosings and fieldMasters: what waits to be closed, and whose word counts for which field."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from server.commands.rosters.approving import DECIDES
from server.commands.rosters.closings import ClosingKind
from server.commands.rosters.masters import masters
from server.commands.rosters.shapes import SHAPES, RecordKind
from server.errors import Forbidden
from server.policies.vocabulary import Capacity, relations
from server.queries.ids import GlobalId
from server.queries.kinds import kind
from server.queries.noun import Argument
from server.queries.rosters.closings import RosterClosing, roster_closings
from server.resolvers.access.changes_of_grants import PROGRAM
from server.resolvers.access.fact_values import id_of
from server.resolvers.inquiry import Inquirer, Inquiry
from server.resolvers.rosters.changes import CLOSING

_STRUCTURE: Final = ("school_structure", "read")
_FORBIDDEN: Final = "{} is for programs of the school, and for those who keep its roster or decide about programs."

LEAVING_KIND: Final = kind(
    "LeavingRecord",
    "A record that is to be closed.",
    ("record", "ID!", "The learner, the class, ...; of a link, the guardian."),
    ("of", "ID", "The other end of a link, or who teaches."),
    ("on", "Date!", "The first day no longer."),
)
CLOSING_KIND: Final = kind(
    "RosterClosing",
    "What a source system asked to close in one call.",
    ("id", "ID!", "Its id."),
    ("kind", "RosterClosingKind!", "What leaves."),
    ("program", "ID!", "Who asked: a program, or one of the staff."),
    ("requestedAt", "DateTime!", "When."),
    ("waiting", "Boolean!", "True: nothing of it is closed before somebody approves it."),
    ("count", "Int!", "How many records."),
    ("records", "[LeavingRecord!]!", "The records."),
    ("decision", "String", "APPROVED or REFUSED; null where nobody had to decide, or nobody has."),
    ("decidedBy", "ID", "Who decided."),
    ("decidedAt", "DateTime", "When."),
    ("reason", "String", "Why."),
)
MASTER_KIND: Final = kind(
    "FieldMaster",
    "Whose word counts for a field.",
    ("field", "String!", "The field of the kind's rows."),
    ("program", "ID", "The program; null: the school's own people."),
    ("byDefault", "Boolean!", "True: nobody set it, and the program was granted the field's scope first."),
)


def _program(inquirer: Inquirer, name: str) -> Any:
    """The program that asks, for its own; None for one who sees all. Raises Forbidden."""
    asked = inquirer.asked
    if asked.profile.capacity is Capacity.CLIENT and "grant" in asked.profile.facts:
        return inquirer.person_id
    plans = [asked.planner.plan(asked.profile, *one) for one in DECIDES]
    if asked.profile.capacity is not Capacity.STAFF or not any(plan.visible(relations()) for plan in plans):
        raise Forbidden(_FORBIDDEN.format(name), (name,))
    return None


async def _closings(given: dict[str, Any], inquirer: Inquirer) -> Iterable[dict[str, Any]]:
    program = _program(inquirer, "rosterClosings")
    waiting = given.get("waiting") is True
    rows = await roster_closings(inquirer.connection, inquirer.school_id, program, waiting)
    return [_closing(row) for row in rows]


def _closing(row: RosterClosing) -> dict[str, Any]:
    of, other = ClosingKind(row.kind).ends
    ends = (SHAPES[of].prefix, None if other is None else SHAPES[other].prefix)
    return {
        "id": id_of(CLOSING, row.key),
        "kind": row.kind,
        "program": id_of(PROGRAM, row.requested_by),
        "requestedAt": row.requested_at,
        "waiting": row.waits and row.decision is None,
        "count": len(row.records),
        "records": [_leaving(one, *ends) for one in row.records],
        "decision": row.decision,
        "decidedBy": None if row.decided_by is None else id_of("per", row.decided_by),
        "decidedAt": row.decided_at,
        "reason": row.reason,
    }


def _leaving(stored: list[Any], prefix: str, other: str | None) -> dict[str, Any]:
    key, end, day = stored
    of = None if end is None or other is None else str(GlobalId(other, UUID(end)))
    return {"record": str(GlobalId(prefix, UUID(key))), "of": of, "on": day}


async def _masters(given: dict[str, Any], inquirer: Inquirer) -> Iterable[dict[str, Any]]:
    _program(inquirer, "fieldMasters")
    found = await masters(inquirer.connection, inquirer.school_id, RecordKind(given["kind"]), inquirer.now.date())
    return [
        {
            "field": one.field,
            "program": None if one.program is None else id_of(PROGRAM, one.program),
            "byDefault": one.by_default,
        }
        for one in sorted(found.values(), key=lambda master: master.field)
    ]


ROSTER_INQUIRIES: Final = (
    Inquiry(
        "rosterClosings", "[RosterClosing!]!",
        "What source systems asked to close, newest first, at most 200; a program reads of its own.",
        (Argument("waiting", "Boolean", "True: only what waits for a person."),), frozenset({_STRUCTURE}), _closings,
        (LEAVING_KIND, CLOSING_KIND),
    ),
    Inquiry(
        "fieldMasters", "[FieldMaster!]!", "Whose word counts for the fields of a kind of records; other fields have no master.",
        (Argument("kind", "RosterKind!", "Of which records."),), frozenset({_STRUCTURE}), _masters, (MASTER_KIND,),
    ),
)  # fmt: skip
