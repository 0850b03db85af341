"""What people came to see and lost sight of between two nights, and because of which fact."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from server.policies.planner import Planner
from server.policies.vocabulary import Capacity
from server.queries.reach.access import Seen, Sight, Viewpoint
from server.queries.reach.night import Account, Held, Night
from server.queries.reach.people import Person
from server.queries.reach.places import READ
from server.queries.reach.plans import Plans
from server.queries.reach.relations import Key, Relations
from server.queries.reach.school import School, Value
from server.register.elements import ELEMENTS

NOTHING: Final = Seen()
_NOBODY: Final = Held((), (), {})


class Cause(StrEnum):
    """Kinds of facts that decide access."""

    ACCOUNT = "ACCOUNT"
    RULES = "RULES"
    ROLE = "ROLE"
    FACT = "FACT"
    RELATION = "RELATION"
    SCHOOL = "SCHOOL"


@dataclass(frozen=True, slots=True)
class Changed:
    """Elements of which the same was gained and lost, for the same causes."""

    elements: tuple[str, ...]
    gained: Seen
    lost: Seen
    causes: tuple[Cause, ...]


@dataclass(frozen=True, slots=True)
class AccountChange:
    """`told` says in words what of the causes' kinds differs for this account."""

    person: Person
    changes: tuple[Changed, ...]
    told: Mapping[Cause, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class AccessChanges:
    """`school` gives ids to both nights' rows."""

    before: Night
    after: Night
    school: School
    accounts: tuple[AccountChange, ...]


async def access_changes(before: Night, after: Night, old: Planner, new: Planner) -> AccessChanges:
    """Of reading, in a thread. `old` and `new` plan the rule books of the two nights."""
    return await asyncio.to_thread(_Comparison(before, after, old, new).told)


@dataclass(frozen=True)
class _Side:
    """What one night gives to each component of a decision."""

    night: Night
    school: School
    plans: Plans

    @cached_property
    def shared(self) -> Mapping[Key, Sequence[Value]]:
        return self.night.of_everybody()


class _Comparison:
    def __init__(self, before: Night, after: Night, old: Planner, new: Planner) -> None:
        learners = sorted({*before.learners, *after.learners})
        staff = sorted({*before.staff, *after.staff})
        plans = Plans(old)
        self._old = _Side(before, before.school(learners, staff), plans)
        same = old.book_digest == new.book_digest
        self._new = _Side(after, after.school(learners, staff), plans if same else Plans(new))
        self._rules = not same
        self._rows = (before.learners, before.shared, list(before.staff)) != (
            after.learners, after.shared, list(after.staff),
        )  # fmt: skip

    def told(self) -> AccessChanges:
        accounts = sorted({*self._old.night.people, *self._new.night.people}, key=_order)
        found = [change for account in accounts for change in self._of(account)]
        return AccessChanges(self._old.night, self._new.night, self._new.school, tuple(found))

    def _of(self, account: Account) -> Iterator[AccountChange]:
        old, new = (side.night.people.get(account) for side in (self._old, self._new))
        causes = list(self._causes(old, new))
        if not causes:
            return
        had, has = self._sight(account, frozenset()), self._sight(account, frozenset(causes))
        differing = {
            element: (first, last)
            for element in ELEMENTS
            if (first := _seen(had, element)) != (last := _seen(has, element))
        }
        if not differing:
            return
        alone = {cause: self._sight(account, frozenset({cause})) for cause in causes}
        together: dict[tuple[Any, ...], list[str]] = {}
        for element, (first, last) in differing.items():
            because = tuple(cause for cause in causes if _seen(alone[cause], element) != first) or tuple(causes)
            together.setdefault((last.without(first), first.without(last), because), []).append(element)
        held = new or old or _NOBODY
        yield AccountChange(
            Person(account[0], held.profile(account[1])),
            tuple(Changed(tuple(elements), *key) for key, elements in together.items()),
            {cause: tuple(self._words(cause, old, new)) for cause in causes},
        )

    def _causes(self, old: Held | None, new: Held | None) -> Iterator[Cause]:
        if old is None or new is None:
            yield Cause.ACCOUNT
            return
        if self._rules:
            yield Cause.RULES
        if old.role_names != new.role_names:
            yield Cause.ROLE
        if old.facts != new.facts:
            yield Cause.FACT
        if old.relations != new.relations:
            yield Cause.RELATION
        if self._rows:
            yield Cause.SCHOOL

    def _sight(self, account: Account, newer: frozenset[Cause]) -> Sight | None:
        """What the account sees where only these components are the later night's; None: it isn't there."""
        person_id, capacity = account
        sides = {cause: self._new if cause in newer else self._old for cause in Cause}
        if Cause.ACCOUNT in newer:
            sides = dict.fromkeys(Cause, self._new)
        held = {cause: sides[cause].night.people.get(account) for cause in Cause}
        names, facts, ties = held[Cause.ROLE], held[Cause.FACT], held[Cause.RELATION]
        if names is None or facts is None or ties is None:
            return None
        profile = Held(names.role_names, facts.facts, {}).profile(capacity)
        rows = sides[Cause.SCHOOL]
        relations = Relations(sides[Cause.RELATION].night.personal(), rows.shared)
        view = Viewpoint(rows.school, relations, person_id)
        return Sight(view, profile, sides[Cause.RULES].plans)

    def _words(self, cause: Cause, old: Held | None, new: Held | None) -> Iterator[str]:
        first, last = old or _NOBODY, new or _NOBODY
        match cause:
            case Cause.ACCOUNT:
                yield "The account has begun." if old is None else "The account has ended."
            case Cause.RULES:
                yield f"Rule book: version {self._old.night.policy_version} to {self._new.night.policy_version}."
            case Cause.ROLE:
                yield from _words(first.role_names, last.role_names, "Role begun: {}.", "Role ended: {}.")
            case Cause.FACT:
                yield from _words(first.facts, last.facts, "Holds now: {}.", "Holds no more: {}.")
            case Cause.RELATION:
                yield from _counted(first.relations, last.relations)
            case Cause.SCHOOL:
                yield from self._of_the_school()

    def _of_the_school(self) -> Iterator[str]:
        old, new = self._old.night, self._new.night
        yield from _counted({"learners": list(old.learners)}, {"learners": list(new.learners)})
        yield from _counted({"staff": old.staff}, {"staff": new.staff})
        yield from _counted(old.shared, new.shared)
        moved = sum(old.learners[one] != new.learners[one] for one in old.learners.keys() & new.learners.keys())
        if moved:
            yield f"Other courses, reports or guardians: of {moved}."


def _seen(sight: Sight | None, element: str) -> Seen:
    return NOTHING if sight is None else sight.seen(element, READ)


def _words(old: Iterable[str], new: Iterable[str], begun: str, ended: str) -> Iterator[str]:
    first, last = set(old), set(new)
    yield from (begun.format(word) for word in sorted(last - first))
    yield from (ended.format(word) for word in sorted(first - last))


def _counted(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """How many of each are new, and how many are gone."""
    for name in sorted({*old, *new}):
        first, last = ({str(one) for one in held.get(name, ())} for held in (old, new))
        if first != last:
            yield f"{name.partition(':')[0]}: {len(last - first)} more, {len(first - last)} fewer."


def _order(account: Account) -> tuple[int, UUID]:
    return list(Capacity).index(Capacity(account[1])), account[0]
