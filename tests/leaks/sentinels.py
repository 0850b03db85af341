"""Sentinels: unique words in what the test worlds hold of learners and guardians.

`insert_world` plants them, so every world has them: a word after the text or the list that stands there, or in place of
nothing. A test that begins with `plant(world, whole=True)` has one in every special-category value, codes too.
tests/leaks/watching.py finds them again in what leaves a server.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from server import tables
from server.tables.row import Row

if TYPE_CHECKING:  # worlds plant what they insert
    from tests.worlds.world import World

WORD: Final = re.compile(r"Zs[0-9a-f]{16}", re.IGNORECASE)
Values = Mapping[str, Any]
Put = Callable[[Any, str], Any]


def after(value: Any, word: str) -> Any:
    """Behind a text; another item of a list; a text where nothing stood."""
    if isinstance(value, list):
        return [*value, word]
    return f"{value} {word}" if value else word


def only_after(value: Any, word: str) -> Any:
    """Nothing stays nothing: a test asks whether what is missing is null."""
    return value and after(value, word)


@dataclass(frozen=True, slots=True)
class Planting:
    """A column that tells of `element` on rows of `type`; for `special`, the row names the element."""

    table: type[Row]
    column: str
    type: str
    element: str
    put: Put = after

    def of(self, row: Values) -> str:
        """The element that the row's column tells of."""
        return row["element"] if self.table is tables.LearnerSpecialRow else self.element


LISTS: Final = frozenset({"medical", "access_arrangements", "sen_needs"})
# Everywhere: free text, and lists of words.
EVERYWHERE: Final = (
    Planting(tables.LearnerSpecialRow, "value", "Learner", "special"),
    Planting(tables.LearnerContactRow, "address", "Learner", "learner_address", only_after),
    Planting(tables.LearnerContactRow, "email", "Learner", "learner_contact", only_after),
    Planting(tables.BehaviourEventRow, "note", "BehaviourEvent", "behaviour"),
    Planting(tables.GuardianRow, "address", "Guardian", "guardian_contact"),
    Planting(tables.GuardianRow, "phone", "Guardian", "guardian_contact"),
    Planting(tables.LearnerNameRow, "preferred_name", "", "name"),
)
# Where no test expects the words that stand there: codes, comments, reasons and telephones too.
WHOLE: Final = (
    *EVERYWHERE,
    Planting(tables.LearnerContactRow, "phone", "Learner", "learner_contact"),
    Planting(tables.LearnerRow, "first_language", "Learner", "first_language"),
    Planting(tables.LearnerRow, "preferred_name", "Learner", "name"),
    Planting(tables.GuardianRow, "email", "Guardian", "guardian_contact"),
    Planting(tables.MarkVersionRow, "reason", "MarkVersion", "mark"),
    Planting(tables.MarkModerationRow, "reason", "MarkModeration", "mark"),
    Planting(tables.CourseCommentRow, "text", "", "comment"),
    Planting(tables.ReportLineRow, "comment", "ReportLine", "comment"),
)


@dataclass(frozen=True, slots=True)
class Planted:
    """Where a word stands: `type` is empty where no field of the schema reads it."""

    word: str
    world: World
    type: str
    element: str
    row: Values

    def __str__(self) -> str:
        return f"{self.element} of a {self.type or 'row without a field'}"


PLANTED: Final[dict[str, Planted]] = {}
"""By word, of all worlds that this process has planted."""
_WORLDS: Final[set[UUID]] = set()


def plant(world: World, *, whole: bool = False) -> World:
    """Once a world, before its rows are inserted."""
    if world.school_id not in _WORLDS:
        _WORLDS.add(world.school_id)
        for planting in WHOLE if whole else EVERYWHERE:
            for row in world.rows.get(planting.table, ()):
                _plant(world, planting, row, whole)
    return world


def _plant(world: World, planting: Planting, row: dict[str, Any], whole: bool) -> None:
    element = planting.of(row)
    if planting.table is tables.LearnerSpecialRow and not (whole or element in LISTS):
        return
    word = _word(world, planting, row)
    row[planting.column] = planting.put(row.get(planting.column), word)
    if row[planting.column] is not None:
        PLANTED[word] = Planted(word, world, planting.type, element, row)


def _word(world: World, planting: Planting, row: Values) -> str:
    keys = "/".join(
        str(value) for name, value in sorted(row.items()) if isinstance(value, UUID) and name != "school_id"
    )
    whole = f"{world.school_id}/{vars(planting.table)['__tablename__']}/{planting.column}/{keys}/{row.get('version')}"
    return f"Zs{hashlib.sha256(whole.encode()).hexdigest()[:16]}"
