"""All that a program may read of a kind of rows, by the road of queries, so that its feed tells of nothing else.

Each kind is one statement: every row that exists for the program, with all fields that its plans open, and of the rows
that its edges lead to their ids, or, where the feed has no kind of its own for them, their values.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from server.policies.planner import Planner
from server.policies.profile import Profile
from server.queries.ask import Ask, Coordinate, EdgePick, GroupPick, IdPick, LeafPick, Lookup, Pick, existence
from server.queries.binds import current
from server.queries.cost import Cost
from server.queries.ids import GlobalId, decode
from server.queries.noun import Group, Leaf, Many, Noun, One
from server.queries.nouns import NOUNS
from server.queries.reading import Compiled, Reading, RootPart, compile_reading, footprint
from server.queries.roots import everything
from server.queries.selection import Document
from server.register.school_hours import within_school_hours

KINDS: Final = ("Staff", "TutorGroup", "Course", "Class", "AssessmentWindow", "Assessment", "Learner", "Guardian")
"""The kinds of rows that feeds tell of, in the order in which they tell what changed at once."""
MOST: Final = 100_000
"""How many rows of a kind a feed holds."""
_ROWS: Final = "rows"
_KEYS: Final = " keys"
_NO_DOCUMENT: Final = Document({}, {})


def sight_profile(planner: Planner, standing: Profile, now: datetime) -> Profile:
    """What the program's feed is reckoned for: its standing and the hour, whatever a single operation states."""
    asks_hours = any("hours" in rule.conditions for rule in planner.book.rules)
    return standing.with_facts(["hours"]) if asks_hours and within_school_hours(now) else standing


@dataclass(frozen=True, slots=True)
class Sight:
    """Of one kind, for whoever has one profile under one rule book. `some`: of the rows named in the run alone."""

    noun: Noun
    compiled: Compiled
    coordinates: frozenset[Coordinate]


@lru_cache(maxsize=512)
def sight(planner: Planner, profile: Profile, kind: str, *, some: bool = False) -> Sight:
    """Raises KeyError for what is no kind of feeds."""
    noun = NOUNS[kind]
    ask = _root(planner, profile, noun)
    if some:
        ask.lookup = Lookup(noun.key, keys=_KEYS)
    part = RootPart(_ROWS, _ROWS, (ask,))
    reading = Reading("Query", (part,), footprint((ask,)), python=False, document=_NO_DOCUMENT, cost=Cost(0))
    return Sight(noun, compile_reading(reading, planner, profile), reading.coordinates)


def named_rows(kind: str, keys: Sequence[UUID]) -> Mapping[str, Sequence[GlobalId]]:
    """What a run brings to a sight of `some`."""
    return {_KEYS: [GlobalId(NOUNS[kind].prefix, key) for key in keys]}


def digests(sight_: Sight, answer: bytes) -> dict[UUID, str]:
    """Of each row in the answer, the SHA-256 of all that was read of it."""
    rows: list[dict[str, Any]] = json.loads(answer)[_ROWS]
    return {decode(row["id"], (), sight_.noun.prefix, yearly=False).key: _digest(row) for row in rows}


def _digest(row: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def _root(planner: Planner, profile: Profile, noun: Noun) -> Ask:
    join = _of_today if "valid_from" in noun.table.c else everything
    edge = Many(_ROWS, noun.name, join, "", "", maximum=MOST)
    ask = Ask(noun, "list", edge, (), path=(_ROWS,), limit=MOST)
    ask.picks = (IdPick("id"), *_values(planner, profile, noun), *_edges(planner, profile, noun))
    return ask


def _of_today(_: Any, rows: Any, __: Any) -> list[Any]:
    return [*current(rows)]


def _open(planner: Planner, profile: Profile, *elements: str) -> bool:
    return all(not planner.plan(profile, element, "read").nothing for element in elements)


def _values(planner: Planner, profile: Profile, noun: Noun) -> Iterator[Pick]:
    for field in noun.fields:
        if isinstance(field, Leaf) and _open(planner, profile, field.element, *field.inputs):
            yield LeafPick(field.name, field)
        elif isinstance(field, Group):
            picks = [leaf for leaf in field.leaves if _open(planner, profile, leaf.element, *leaf.inputs)]
            if picks:
                yield GroupPick(field.name, tuple(LeafPick(leaf.name, leaf) for leaf in picks))


def _edges(planner: Planner, profile: Profile, noun: Noun) -> Iterator[EdgePick]:
    for field in noun.fields:
        if not isinstance(field, One | Many):
            continue
        target = NOUNS[field.target]
        governed = [field.element] if field.element else []
        if isinstance(field, Many) and field.target_element:
            governed.append(field.target_element)
        if not _open(planner, profile, *governed) or not any(
            _open(planner, profile, element) for element in existence(target)
        ):
            continue
        if target.name in KINDS:
            yield EdgePick(field.name, _below(field, target, (IdPick("id"),)))
        elif target.node and noun.owner is not None:
            # Marks, grades and what else is recorded of a learner: the learner's change tells of them.
            yield EdgePick(field.name, _below(field, target, (IdPick("id"), *_values(planner, profile, target))))


def _below(field: One | Many, target: Noun, picks: tuple[Pick, ...]) -> Ask:
    if isinstance(field, One):
        return Ask(target, "one", field, picks, path=(field.name,))
    return Ask(target, "list", field, picks, path=(field.name,), limit=MOST)
