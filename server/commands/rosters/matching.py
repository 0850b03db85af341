"""Which record a row is of, where its id is new: by what people know the record by, never by a guess."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from server.commands.rosters.batch import Entry
from server.commands.rosters.faults import REQUIRED, UNKNOWN_REFERENCE
from server.commands.rosters.naming import names_of, records_named
from server.commands.rosters.reading import missing
from server.commands.rosters.shapes import RecordKind, Shape
from server.commands.rosters.work import Work


def join(entry: Entry, meant: set[UUID]) -> None:
    """The one record that the row's hint means; of several none."""
    if len(meant) > 1:
        entry.contradict()
    elif meant:
        [entry.record] = meant
        entry.joined = True


async def refuse_second_names(work: Work, entries: Sequence[Entry], kind: RecordKind) -> None:
    """A record has one id in a system: another one is a mistake, or a case for rekey."""
    joined = Counter(entry.record for entry in entries if entry.joined)
    named = await names_of(work.connection, work.school_id, kind, work.batch.system, (one for one in joined if one))
    for entry in entries:
        if entry.joined and (entry.record in named or joined[entry.record] > 1):
            entry.contradict()


async def join_by_mis_id(work: Work, entries: Sequence[Entry], shape: Shape) -> None:
    """Staff and guardians: whom the school knows by the id that the row gives, if it is one person."""
    given = sorted({entry.hints["mis_id"] for entry in entries if entry.hints.get("mis_id")})
    held: dict[str, set[UUID]] = {}
    for key, mis_id in await work.rows_of(shape.table, shape.key, "mis_id", mis_id=given):
        held.setdefault(mis_id, set()).add(key)
    for entry in entries:
        holders = held.get(entry.hints.get("mis_id") or "", set[UUID]())
        if entry.record is None:
            join(entry, holders)
        elif "mis_id" in entry.values and holders - {entry.record}:
            entry.contradict()
    await refuse_second_names(work, [entry for entry in entries if not entry.refused], shape.kind)


def merged(entry: Entry, before: Mapping[str, Any] | None, columns: Sequence[str]) -> dict[str, Any]:
    """The row as it will be; what was not given stays."""
    row: dict[str, Any] = {}
    row.update({**dict.fromkeys(columns), **(before or {})})
    row.update({column: entry.values[column] for column in columns if column in entry.values})
    return row


def refuse_missing(entry: Entry, shape: Shape) -> None:
    for field in missing(entry, shape):
        message = f"{field.column.heading} is missing: a record that is new here needs it."
        entry.refuse(REQUIRED, message, field.name)


async def refer(
    work: Work, kind: RecordKind, named: Sequence[tuple[Entry, str, tuple[str | int, ...]]]
) -> list[UUID | None]:
    """Records that rows name by ids of the same system, in order; rows that name none are refused."""
    found = await records_named(
        work.connection, work.school_id, kind, work.batch.system, (source_id for _, source_id, _ in named)
    )
    for entry, source_id, place in named:
        if source_id not in found:
            refuse_reference(entry, place)
    return [found.get(source_id) for _, source_id, _ in named]


def refuse_reference(entry: Entry, place: tuple[str | int, ...]) -> None:
    """In the same words for what is not there and for what is not for the caller."""
    message = (
        "It names nothing that this system sent before and that is for you: send that record first, or correct it."
    )
    entry.refuse(UNKNOWN_REFERENCE, message, *place)
