"""Names of records in source systems: whose system it is, which record an id means, and how new ids are kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from server.commands.keys import new_key
from server.commands.rosters.batch import UPN_SYSTEM
from server.commands.rosters.shapes import RecordKind
from server.commands.rosters.store import add, change, rows_of
from server.commands.statements import execute, fetch
from server.database.pool import PoolConnection
from server.errors import BadUserInput

_OWNER = "SELECT s.program FROM usher.source_system AS s WHERE s.school_id = $1::uuid AND s.system = $2::text"
_CLAIM = """\
INSERT INTO usher.source_system (school_id, system, program, since)
VALUES ($1::uuid, $2::text, $3::uuid, $4::timestamptz)"""
_TAKEN: Final = "Another program of the school writes by this system's name: take one of your own, or ask the school."


async def claim_system(
    connection: PoolConnection, school_id: UUID, system: str, program: UUID | None, now: datetime, *, keep: bool = True
) -> None:
    """The first program that names a system is the one that goes on. People of the school may use each.

    `keep` False claims nothing. Raises BadUserInput.
    """
    found = await fetch(connection, _OWNER, [school_id, system])
    if found and program is not None and found[0][0] != program:
        raise BadUserInput(_TAKEN, ("input", "system"))
    if not found and keep:
        await execute(connection, _CLAIM, [school_id, system, program, now])


async def own_systems(connection: PoolConnection, school_id: UUID, program: UUID) -> list[str]:
    return [row[0] for row in await rows_of(connection, "source_system", school_id, "system", program=[program])]


async def records_named(
    connection: PoolConnection, school_id: UUID, kind: RecordKind, system: str, source_ids: Iterable[str]
) -> dict[str, UUID]:
    """Records by their current ids in the system."""
    rows = await rows_of(
        connection, "external_id", school_id, "source_id", "record_id", "ended_at",
        kind=[kind.value], system=[system], source_id=sorted(set(source_ids)),
    )  # fmt: skip
    return {source_id: record for source_id, record, ended_at in rows if ended_at is None}


async def names_of(
    connection: PoolConnection, school_id: UUID, kind: RecordKind, system: str, records: Iterable[UUID]
) -> dict[UUID, str]:
    """Current ids in the system by record."""
    rows = await rows_of(
        connection, "external_id", school_id, "record_id", "source_id", "ended_at",
        kind=[kind.value], system=[system], record_id=sorted(set(records)),
    )  # fmt: skip
    return {record: source_id for record, source_id, ended_at in rows if ended_at is None}


async def former_holders(connection: PoolConnection, school_id: UUID, upns: Iterable[str]) -> dict[str, set[UUID]]:
    """Learners who had these numbers before others."""
    rows = await rows_of(
        connection, "external_id", school_id, "source_id", "record_id",
        kind=[RecordKind.LEARNER.value], system=[UPN_SYSTEM], source_id=sorted(set(upns)),
    )  # fmt: skip
    found: dict[str, set[UUID]] = {}
    for upn, learner in rows:
        found.setdefault(upn, set()).add(learner)
    return found


async def keep_names(
    connection: PoolConnection,
    school_id: UUID,
    kind: RecordKind,
    system: str,
    names: Mapping[str, UUID],
    now: datetime,
) -> None:
    """Each id means its record from now on."""
    await add(connection, "external_id", school_id, [_named(kind, system, *one, now) for one in names.items()])


def _named(kind: RecordKind, system: str, source_id: str, record: UUID, now: datetime) -> dict[str, object]:
    named = {"naming_id": new_key(), "kind": kind.value, "system": system, "source_id": source_id}
    return {**named, "record_id": record, "begun_at": now, "ended_at": None}


def former_numbers(numbers: Sequence[tuple[UUID, str]], now: datetime) -> list[dict[str, object]]:
    """Rows that keep UPNs which learners have no more; since when they had them is in the learner's audit."""
    return [
        {
            "naming_id": new_key(),
            "kind": RecordKind.LEARNER.value,
            "system": UPN_SYSTEM,
            "source_id": upn,
            "record_id": learner,
            "begun_at": None,
            "ended_at": now,
        }
        for learner, upn in numbers
    ]


async def end_names(
    connection: PoolConnection, school_id: UUID, kind: RecordKind, records: Sequence[UUID], now: datetime
) -> None:
    """Their ids mean them no more."""
    rows = await rows_of(
        connection, "external_id", school_id, "naming_id", "ended_at", kind=[kind.value], record_id=records
    )
    ends = [{"naming_id": naming, "ended_at": now} for naming, ended_at in rows if ended_at is None]
    await change(connection, "external_id", school_id, ("naming_id",), ends)
