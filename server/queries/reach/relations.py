"""Who is related to whom, for everybody at once: each scope's own rows, with people in the place of the viewer."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, Select, Text, Uuid, any_, bindparam, cast, func, null, select, true, union_all
from sqlalchemy.sql import visitors

from server.database.pool import PoolConnection
from server.policies.vocabulary import SCOPES, atoms
from server.queries.binds import SCHOOL, VIEWER
from server.queries.constants import number
from server.queries.noun import alias
from server.queries.reach.school import COLUMNS, Value
from server.queries.reach.statements import Compiled, compiled, fetched
from server.queries.scopes import Reached, way
from server.tables import AccessProfileRow

Key = tuple[str, tuple[str, ...]]
"""An atomic relation, and the columns of a row that it looks at."""

ATOMS: Final = frozenset(atom for token in SCOPES for atom in atoms(token))
_PEOPLE: Final = bindparam("people", type_=ARRAY(Uuid()), required=False)


def key_of(family: str, atom: str) -> Key | None:
    """None for what no statement needs to look up: `school`, `own`, and what never holds in the family."""
    found = way(family, atom)
    return None if found is None else (atom, found.columns)


KEYS: Final[Mapping[Key, str]] = {
    key: family
    for family in reversed(tuple(COLUMNS))
    for atom in sorted(ATOMS)
    if (key := key_of(family, atom)) is not None
}
"""Each with a family in which it is found."""


@dataclass(frozen=True, slots=True)
class Relations:
    """What each person reaches, and what is so for everybody, such as a flag; values are those of the key's columns."""

    personal: Mapping[Key, Mapping[UUID, Sequence[Value]]]
    shared: Mapping[Key, Sequence[Value]]

    def reached(self, person_id: UUID, key: Key) -> Sequence[Value]:
        """Raises LookupError for a key that was not asked for: that is a defect, never an answer."""
        if key in self.shared:
            return self.shared[key]
        return self.personal[key].get(person_id, ())


async def relations_of(
    connection: PoolConnection, school_id: UUID, day: date, wanted: Iterable[Key], people: Collection[UUID] = ()
) -> Relations:
    """Of everybody with an account, or of `people` alone. One statement for each key. Raises psycopg.Error."""
    personal: dict[Key, dict[UUID, list[Value]]] = {}
    shared: dict[Key, list[Value]] = {}
    given = {"school": school_id, "today": day, "people": list(people)}
    for key in sorted(wanted):
        found: dict[UUID | None, list[Value]] = {}
        async for person, *columns in fetched(connection, _statement(key, bool(people)), given):
            found[person] = columns[0] if len(columns) == 1 else list(zip(*columns, strict=True))
        if is_personal(key):
            personal[key] = {person: values for person, values in found.items() if person is not None}
        else:
            shared[key] = found.get(None, [])
    return Relations(personal, shared)


@lru_cache
def is_personal(key: Key) -> bool:
    """Whether the relation is one of a person to rows, and not a fact about rows."""
    return any(VIEWER in set(visitors.iterate(one.rows)) for one in _reach(key))


def _reach(key: Key) -> tuple[Reached, ...]:
    found = way(KEYS[key], key[0])
    assert found is not None
    return found.reach()


@lru_cache
def _statement(key: Key, few: bool) -> Compiled:
    """(person or NULL, an array for each column of the key)."""
    names = [f"k{place}" for place in range(len(key[1]))]
    if not is_personal(key):
        rows = union_all(*(_named(one, names) for one in _reach(key))).subquery("reached")
        gathered = [func.array_agg(rows.c[name], type_=ARRAY(Text())) for name in names]
        return compiled(select(null().label("person_id"), *gathered).select_from(rows).having(func.count() > number(0)))
    people = _people(few)
    ways = union_all(*(_of_people(one, names, people(place)) for place, one in enumerate(_reach(key)))).subquery("ways")
    gathered = [func.array_agg(ways.c[name], type_=ARRAY(Text())) for name in names]
    return compiled(select(ways.c.person_id, *gathered).group_by(ways.c.person_id))


def _people(few: bool) -> Any:
    def people(place: int) -> Any:
        account = alias(AccessProfileRow)
        chosen = select(account.c.person_id).where(account.c.school_id == SCHOOL).distinct()
        return (chosen.where(account.c.person_id == any_(_PEOPLE)) if few else chosen).subquery(f"people{place}")

    return people


def _of_people(one: Reached, names: Sequence[str], people: Any) -> Select[*tuple[Any, ...]]:
    """The scope's own rows, once for each of the people."""

    def swapped(element: Any, **_: Any) -> Any:
        return people.c.person_id if element is VIEWER else None

    rows: Any = visitors.replacement_traverse(_named(one, names), {}, swapped)
    reached = rows.correlate(people).lateral("reached")
    chosen = select(people.c.person_id, *(reached.c[name] for name in names)).distinct()
    return chosen.select_from(people.join(reached, true()))


def _named(one: Reached, names: Sequence[str]) -> Select[*tuple[Any, ...]]:
    return one.rows.with_only_columns(*(cast(key, Text).label(name) for key, name in zip(one.keys, names, strict=True)))
