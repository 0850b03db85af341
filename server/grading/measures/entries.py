"""What a learner took: one qualification with its grade, its points, its slots and where they come from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from server.grading.errors import ErrorCode, GradingError
from server.grading.measures.points import PointsTable


class Area(StrEnum):
    """What the subject is, as far as measures ask. What counts for the EBacc is the DfE's list, and so the caller's."""

    ENGLISH_LANGUAGE = "english_language"
    ENGLISH_LITERATURE = "english_literature"
    MATHS = "maths"
    BIOLOGY = "biology"
    CHEMISTRY = "chemistry"
    PHYSICS = "physics"
    COMPUTER_SCIENCE = "computer_science"
    COMBINED_SCIENCE = "combined_science"
    HUMANITY = "humanity"
    LANGUAGE = "language"
    OTHER = "other"


ENGLISH = frozenset({Area.ENGLISH_LANGUAGE, Area.ENGLISH_LITERATURE})
SINGLE_SCIENCES = frozenset({Area.BIOLOGY, Area.CHEMISTRY, Area.PHYSICS, Area.COMPUTER_SCIENCE})
EBACC = SINGLE_SCIENCES | {Area.COMBINED_SCIENCE, Area.HUMANITY, Area.LANGUAGE}

_MOST_SLOTS = 2


@dataclass(frozen=True, slots=True)
class Entry:
    """`points` are those of each slot: a double award 9-8 is 8.5 in two slots. `name` is unique for a learner."""

    name: str
    area: Area
    points: Fraction
    source: str
    slots: int = 1
    size: Fraction = Fraction(1)

    def __post_init__(self) -> None:
        if self.points < 0 or self.size <= 0 or not 1 <= self.slots <= _MOST_SLOTS:
            message = f"{self.name} needs points of 0 or more, a size above 0 and one or two slots."
            raise GradingError(ErrorCode.BAD_MEASURE, message)


def entry(table: PointsTable, name: str, area: Area, qualification: str, grade: str) -> Entry:
    """An entry with the points of its type and grade. Raises as PointsTable.find does: an unknown one has no points."""
    row = table.find(qualification, grade)
    return Entry(name, area, row.points, row.source, row.slots, row.size)


def check_entries(entries: tuple[Entry, ...]) -> None:
    """Raises BAD_MEASURE when two entries have one name: nothing may count twice unseen."""
    names = [each.name for each in entries]
    if len(set(names)) < len(names):
        raise GradingError(ErrorCode.BAD_MEASURE, "Two entries have the same name: each must be named once.")
