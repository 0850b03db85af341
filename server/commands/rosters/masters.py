"""Whose word counts for which field: one master each, a program or the school itself."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from server.commands.rosters.shapes import SHAPES, RecordKind, Shape
from server.commands.rosters.store import rows_of
from server.commands.statements import fetch
from server.database.pool import PoolConnection

LEARNERS: Final = "learners"
TEACHERS: Final = "teachers"
TIES: Final = {RecordKind.GUARDIAN: (LEARNERS, "parent_link"), RecordKind.CLASS: (TEACHERS, "school_structure")}
"""Lists that rows may hold besides their fields, with what they tell of."""

DEMOGRAPHICS: Final = frozenset({"date_of_birth", "gender", "first_language"})
_CORE: Final = "roster-core.createput"
_DEMOGRAPHIC: Final = "roster-demographics.createput"
_SPECIAL: Final = "special-write"

# A grant that was renewed goes back to the first of its program.
_FIRST = """\
SELECT DISTINCT ON (g.scope) g.scope, g.person_id FROM usher.client_grant AS g
JOIN usher.client_grant AS n ON n.school_id = $1::uuid AND n.person_id = g.person_id AND n.scope = g.scope
    AND n.valid_from <= $2::date AND (n.valid_to IS NULL OR n.valid_to > $2::date)
WHERE g.school_id = $1::uuid AND g.scope = ANY($3::text[])
ORDER BY g.scope, g.valid_from, g.grant_id"""


@dataclass(frozen=True, slots=True)
class Master:
    """`program` is None for the school's own people; `by_default` the one that was granted first."""

    field: str
    program: UUID | None
    by_default: bool


def scope_of(element: str, special: Collection[str]) -> str:
    """The scope under which programs write the element."""
    if element in special:
        return _SPECIAL
    return _DEMOGRAPHIC if element in DEMOGRAPHICS else _CORE


def fields_of(shape: Shape) -> dict[str, str]:
    """The scope of each field that has a master, lists of ties too."""
    special = {one.element for one in shape.fields if one.special}
    found = {one.name: scope_of(one.element, special) for one in shape.fields}
    if shape.kind in TIES:
        name, element = TIES[shape.kind]
        found[name] = scope_of(element, special)
    return found


async def masters(connection: PoolConnection, school_id: UUID, kind: RecordKind, today: date) -> dict[str, Master]:
    """By field; a field that no program was granted has none."""
    fields = fields_of(SHAPES[kind])
    first = dict(await fetch(connection, _FIRST, [school_id, today, sorted(set(fields.values()))]))
    found = {name: Master(name, first[scope], True) for name, scope in fields.items() if scope in first}
    chosen = await rows_of(connection, "field_master", school_id, "field", "program", kind=[kind.value])
    return found | {field: Master(field, program, False) for field, program in chosen}


async def foreign_fields(
    connection: PoolConnection, school_id: UUID, kind: RecordKind, program: UUID | None, today: date
) -> frozenset[str]:
    """Fields that the program may not change, being no master of them. People of the school may change each."""
    if program is None:
        return frozenset()
    found = await masters(connection, school_id, kind, today)
    return frozenset(name for name, master in found.items() if master.program != program)
