"""Probes put to the server: packed into operations, and what comes back, byte for byte but for cursors."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar, cast

from tests.leaks.hidden import Account, Hidden
from tests.leaks.matrix import Probe
from tests.leaks.ways import Place
from tests.oracle.checking import NEVER_NULL
from tests.oracle.desk import Desk
from tests.wire_tap import WireTap

# One operation's filters hold at most 50 conditions, and what it may be reckoned at is shared by its aliases.
MOST_CONDITIONS: Final = 48
MOST_PROBES: Final = 45
MOST_NESTED: Final = 12
ARGUED: Final = frozenset({"filter", "negation", "search", "range", "alternative", "order", "page", "lookup"})
STANDING: Final = "FROM usher.access_profile p JOIN usher.policy_head h"
T = TypeVar("T")


def deep() -> bool:
    """Whether the whole matrix is run: USHER_TEST_DEEP=1."""
    return os.environ.get("USHER_TEST_DEEP", "") not in ("", "0")


def sample(found: Iterable[T], seed: str, kind: Callable[[T], str], each: int = 1) -> list[T]:
    """So many of each kind, drawn by the seed; all of them where it is deep."""
    if deep():
        return list(found)
    drawn: dict[str, list[T]] = {}
    for one in sorted(found, key=lambda one: _drawn(f"{seed} {one}")):
        drawn.setdefault(kind(one), []).append(one)
    return [one for several in drawn.values() for one in several[:each]]


def half(found: Iterable[Probe], seed: str) -> list[Probe]:
    """Of every second position, drawn by the seed; all of them where it is deep."""
    return [one for one in found if deep() or _drawn(f"{seed} {one.position}")[0] % 2]


def _drawn(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


@dataclass(frozen=True, slots=True)
class Operation:
    document: str
    probes: tuple[Probe, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """One answer: its text with cursors replaced by their rows, and the statements that it took."""

    text: str
    statements: tuple[str, ...]


def is_argument(probe: Probe) -> bool:
    """Whether asking reads the element itself, so that who may never read it is refused."""
    return probe.position in ARGUED or (probe.position == "count" and probe.element != "")


def parted(found: Iterable[Probe], hidden: Hidden) -> tuple[list[Probe], list[Probe]]:
    """Those that the account may ask, and those that it is refused whatever the rows hold."""
    asked: list[Probe] = []
    refused: list[Probe] = []
    for probe in found:
        never = is_argument(probe) and not hidden.visibility.possible(probe.element)
        never |= any(probe.place.root == name and not hidden.exists(kind) for name, kind in NEVER_NULL.items())
        if never:
            refused.append(probe)
        elif not (probe.grows and hidden.visibility.possible("audit")):
            asked.append(probe)
    return asked, refused


def packed(found: Iterable[Probe]) -> Iterator[Operation]:
    """Probes of a place together, as many as an operation holds."""
    together: dict[str, list[Probe]] = {}
    for probe in found:
        together.setdefault(probe.place.name, []).append(probe)
    for several in together.values():
        place = several[0].place
        most = MOST_PROBES if place.noun is None else MOST_NESTED
        some: list[Probe] = []
        conditions = 0
        for probe in several:
            more = 2 if probe.position == "alternative" else 1
            if some and (len(some) >= most or conditions + more > MOST_CONDITIONS):
                yield operation(place, some)
                some, conditions = [], 0
            some.append(probe)
            conditions += more
        yield operation(place, some)


def operation(place: Place, several: list[Probe]) -> Operation:
    aliased = " ".join(f"p{i}: {probe.text}" for i, probe in enumerate(several))
    return Operation(place.document(aliased), tuple(several))


@dataclass
class Asking:
    """Who asks, through a tap that sees the statements."""

    desk: Desk
    tap: WireTap
    account: Account
    reason: str | None = None
    _seen: dict[str, Told] = field(default_factory=dict[str, Told])

    async def told(self, document: str, variables: dict[str, Any] | None = None) -> Told:
        self.tap.clear()
        world = self.desk.world
        person = world.ids[self.account.handle]
        text = await self.desk.served.ask(world, person, self.account.capacity, document, variables, self.reason)
        # How the asker stands is read again now and then: that depends on the clock, not on rows.
        return Told(text, tuple(one for one in self.tap.statements if STANDING not in one))

    async def all(self, operations: Iterable[Operation]) -> list[Told]:
        return [await self.told(one.document) for one in operations]


def data_of(told: Told) -> dict[str, Any]:
    body = json.loads(told.text)
    assert "errors" not in body, body["errors"]
    return body["data"]


def code_of(told: Told) -> str | None:
    errors = json.loads(told.text).get("errors")
    return errors[0]["extensions"]["code"] if errors else None


def differences(operations: Iterable[Operation], before: Iterable[Told], after: Iterable[Told]) -> list[str]:
    """A sentence for each probe whose answer is another, and for each operation that took other statements."""
    found: list[str] = []
    for one, was, now in zip(operations, before, after, strict=True):
        if was == now:
            continue
        if was.statements != now.statements:
            found.append(f"{_heads(was)} became {_heads(now)} for {one.document}")
        if was.text != now.text:
            found += _apart(one, json.loads(was.text), json.loads(now.text))
    return found


def _heads(told: Told) -> list[str]:
    return [one[:60] for one in told.statements]


def _apart(one: Operation, was: Any, now: Any) -> list[str]:
    if was.get("data") is None or now.get("data") is None:
        return [f"{one.document}: {was.get('errors')} became {now.get('errors')}"]
    found: list[str] = []
    for i, probe in enumerate(one.probes):
        key = f"p{i}"
        if _under(key, was["data"]) != _under(key, now["data"]):
            found.append(f"{probe.name}: {_shown(_under(key, was['data']))} became {_shown(_under(key, now['data']))}")
    return found or [f"{one.document}: {_shown(was)} became {_shown(now)}"]


def _under(key: str, data: Any) -> list[Any]:
    """Everything that the alias was answered, wherever it stands."""
    if isinstance(data, list):
        return [found for inner in cast("list[Any]", data) for found in _under(key, inner)]
    if not isinstance(data, dict):
        return []
    members = cast("dict[str, Any]", data)
    return [members[key]] if key in members else [found for one in members.values() for found in _under(key, one)]


def _shown(value: Any) -> str:
    return json.dumps(value)[:400]
