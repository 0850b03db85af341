"""One night's facts and relations as values: made from what is now, stored as JSON, and read again years later."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID

from server.policies.profile import Profile
from server.policies.vocabulary import CONDITIONS, Capacity
from server.queries.reach.masks import mask_of
from server.queries.reach.people import Person
from server.queries.reach.relations import KEYS, Key, Relations, is_personal
from server.queries.reach.school import COLUMNS, Rows, School, Value
from server.queries.scopes import OWNER

Account = tuple[UUID, str]
"""A person and a capacity."""

OWNED: Final = {family: columns[1:] for family, columns in COLUMNS.items() if OWNER in columns and len(columns) > 1}
"""Families whose rows are stored with their learners, and the columns that tell those of one learner apart."""


@dataclass(frozen=True)
class Held:
    """What is stored of one account: roles and facts as words, and the ids that each relation reaches."""

    role_names: tuple[str, ...]
    facts: tuple[str, ...]
    relations: Mapping[str, Sequence[Any]]

    def profile(self, capacity: str) -> Profile:
        """Words that have left the vocabulary since are in no rule either."""
        return Profile.of(Capacity(capacity), self.role_names, (fact for fact in self.facts if fact in CONDITIONS))


@dataclass(frozen=True)
class Night:
    """`learners` maps each learner to the rows of each family; `shared` are relations that hold for everybody."""

    day: date
    policy_version: int
    people: Mapping[Account, Held]
    learners: Mapping[str, Mapping[str, Sequence[Sequence[str]]]]
    shared: Mapping[str, Sequence[Any]]
    staff: Sequence[str]
    _personal: dict[Key, dict[UUID, Sequence[Value]]] = field(default_factory=dict[Key, dict[UUID, Sequence[Value]]])

    def personal(self) -> Mapping[Key, Mapping[UUID, Sequence[Value]]]:
        """The relations of people, by key."""
        if not self._personal:
            self._personal.update({key: {} for key in KEYS if is_personal(key)})
            for (person_id, _), held in self.people.items():
                for name, values in held.relations.items():
                    self._personal.setdefault(_key(name), {})[person_id] = _values(values)
        return self._personal

    def of_everybody(self) -> dict[Key, Sequence[Value]]:
        none: dict[Key, Sequence[Value]] = {key: () for key in KEYS if not is_personal(key)}
        return none | {_key(name): _values(values) for name, values in self.shared.items()}

    def school(self, learners: Sequence[str], staff: Sequence[str]) -> School:
        """With the learners and staff of another night in their places, though absent."""
        families = {family: self._rows(family, columns) for family, columns in OWNED.items()}
        families["learner"] = _placed("learner", OWNER, learners, self.learners)
        families["staff"] = _placed("staff", "staff_id", staff, frozenset(self.staff))
        empty = {family: Rows(family, {}, 1) for family, columns in COLUMNS.items() if not columns}
        return School(families | empty)

    def _rows(self, family: str, columns: Sequence[str]) -> Rows:
        rows = [(learner, *row) for learner, held in self.learners.items() for row in held.get(family, ())]
        values = list(zip(*rows, strict=True)) if rows else [()] * (len(columns) + 1)
        return Rows(family, dict(zip((OWNER, *columns), values, strict=True)), len(rows))


def night(day: date, policy_version: int, people: Iterable[Person], school: School, relations: Relations) -> Night:
    """Of what is so now. Lists are sorted, so that what did not change is equal."""
    reached = _by_person(relations)
    return Night(
        day,
        policy_version,
        {
            (one.person_id, one.capacity.value): Held(
                tuple(one.profile.named()), tuple(sorted(one.profile.facts)), reached.get(one.person_id, {})
            )
            for one in people
        },
        _by_learner(school),
        {_name(key): _listed(values) for key, values in relations.shared.items()},
        sorted(school.families["staff"].columns["staff_id"]),
    )


def _by_person(relations: Relations) -> dict[UUID, dict[str, list[Any]]]:
    found: dict[UUID, dict[str, list[Any]]] = {}
    for key, people in relations.personal.items():
        for person_id, values in people.items():
            found.setdefault(person_id, {})[_name(key)] = _listed(values)
    return found


def _by_learner(school: School) -> dict[str, dict[str, list[list[str]]]]:
    found: dict[str, dict[str, list[list[str]]]] = {learner: {} for learner in school.learners.columns[OWNER]}
    for family, columns in OWNED.items():
        rows = school.families[family].columns
        for owner, *values in zip(rows[OWNER], *(rows[name] for name in columns), strict=True):
            found[owner].setdefault(family, []).append(values)
    return {learner: {family: sorted(rows) for family, rows in held.items()} for learner, held in found.items()}


def _placed(family: str, column: str, ids: Sequence[str], present: Iterable[str]) -> Rows:
    there = frozenset(present)
    absent = mask_of((place for place, one in enumerate(ids) if one not in there), len(ids))
    return Rows(family, {column: ids}, len(ids), absent)


def _name(key: Key) -> str:
    return f"{key[0]}:{','.join(key[1])}"


def _key(name: str) -> Key:
    atom, _, columns = name.partition(":")
    return atom, tuple(columns.split(","))


def _listed(values: Iterable[Value]) -> list[Any]:
    return [one if isinstance(one, str) else list(one) for one in sorted(values)]


def _values(stored: Iterable[Any]) -> list[Value]:
    return [one if isinstance(one, str) else tuple(one) for one in stored]
