"""Changes told in few sentences: what several roles or elements share is said once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import IntEnum

from server.policies.impact_change import Change, Holders
from server.policies.sentence import USES
from server.policies.vocabulary import ACTIONS, CONDITIONS, DUTIES
from server.policies.wording_roles import holders_phrase
from server.policies.wording_rows import heads, objects


class Kind(IntEnum):
    """In the order in which they are told."""

    GAINS = 0
    LESS_DUTY = 1
    LOSES = 2
    MORE_DUTY = 3


@dataclass(frozen=True, slots=True)
class Told:
    """`special`: it is about something behind the trained-staff wall. With `widens` it needs a typed reason."""

    kind: Kind
    sentence: str
    special: bool

    @property
    def widens(self) -> bool:
        return self.kind in (Kind.GAINS, Kind.LESS_DUTY)


@dataclass(frozen=True, slots=True)
class _Fact:
    """What one sentence may say; `objects` are pairs of an element and its rows."""

    kind: Kind
    special: bool
    holders: Holders
    action: str
    conditions: tuple[str, ...]
    duties: tuple[str, ...]
    objects: frozenset[tuple[str, tuple[str, ...]]]


def told(changes: Iterable[Change]) -> tuple[Told, ...]:
    """Every change, in sentences; first what widens special category, then what else widens, then what narrows."""
    facts = [fact for change in changes for fact in _facts(change)]
    merged = min(_objects_first(facts), _people_first(facts), key=len)
    ordered = sorted(merged, key=lambda fact: (fact.kind, not fact.special, len(fact.holders)))
    return tuple(Told(fact.kind, _sentence(fact), fact.special) for fact in ordered)


def _facts(change: Change) -> Iterator[_Fact]:
    def fact(kind: Kind, duties: tuple[str, ...], rows: tuple[str, ...] = ()) -> _Fact:
        spoken = frozenset({(change.element, rows)})
        return _Fact(kind, change.special, change.holders, change.action, change.conditions, duties, spoken)

    if change.gained:
        yield fact(Kind.GAINS, change.duties_gained, change.gained)
    if change.lost:
        yield fact(Kind.LOSES, (), change.lost)
    if change.duties_lost:
        yield fact(Kind.LESS_DUTY, change.duties_lost)
    if change.duties_gained and not change.gained:
        yield fact(Kind.MORE_DUTY, change.duties_gained)


def _objects_first(facts: list[_Fact]) -> list[_Fact]:
    return _by_people(_by_objects(facts))


def _people_first(facts: list[_Fact]) -> list[_Fact]:
    return _by_objects(_by_people(facts))


def _by_objects(facts: list[_Fact]) -> list[_Fact]:
    def together(alike: list[_Fact]) -> _Fact:
        return replace(alike[0], objects=frozenset(one for fact in alike for one in fact.objects))

    return _merged(facts, lambda fact: replace(fact, objects=frozenset()), together)


def _by_people(facts: list[_Fact]) -> list[_Fact]:
    """Facts that differ in one place of their holders alone become one."""
    for place in range(3):

        def apart(fact: _Fact, place: int = place) -> _Fact:
            return _with_holder(fact, place, ()) if place < len(fact.holders) else fact

        def together(alike: list[_Fact], place: int = place) -> _Fact:
            if place >= len(alike[0].holders):
                return alike[0]
            return _with_holder(
                alike[0], place, tuple(dict.fromkeys(role for one in alike for role in one.holders[place]))
            )

        facts = _merged(facts, apart, together)
    return facts


def _with_holder(fact: _Fact, place: int, roles: tuple[str, ...]) -> _Fact:
    return replace(fact, holders=(*fact.holders[:place], roles, *fact.holders[place + 1 :]))


def _merged(
    facts: list[_Fact], apart: Callable[[_Fact], _Fact], together: Callable[[list[_Fact]], _Fact]
) -> list[_Fact]:
    alike: dict[_Fact, list[_Fact]] = defaultdict(list)
    for fact in facts:
        alike[apart(fact)].append(fact)
    return [together(found) for found in alike.values()]


def _sentence(fact: _Fact) -> str:
    who = holders_phrase(fact.holders)
    condition = f", if {' and '.join(CONDITIONS[word] for word in fact.conditions)}" if fact.conditions else ""
    duties = " and ".join(DUTIES[word].format(use=USES[fact.action]) for word in fact.duties)
    action = ACTIONS[fact.action]
    if fact.kind in (Kind.GAINS, Kind.LOSES):
        verb = "gain" if fact.kind == Kind.GAINS else "lose"
        after = f"; {duties}" if duties else ""
        return f"{_capital(who)} {verb}: may {action} {_objects(fact)}{condition}{after}."
    holds = "it no longer holds that" if fact.kind == Kind.LESS_DUTY else "from now on"
    return f"When {who} {action} {heads(element for element, _ in fact.objects)}{condition}, {holds} {duties}."


def _objects(fact: _Fact) -> str:
    by_rows: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for element, rows in sorted(fact.objects):
        by_rows[rows].add(element)
    return ", and ".join(objects(elements, rows) for rows, elements in by_rows.items())


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
