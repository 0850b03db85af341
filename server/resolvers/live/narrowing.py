"""The arguments of a subscription, and which events they let through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from server.queries.ids import decode
from server.queries.noun import Argument

LEARNER: Final = Argument("learner", "ID", "Of this learner alone.", "lrn")
CLASS: Final = Argument("class", "ID", "Of those in this class, in its course.", "cls")
COURSE: Final = Argument("course", "ID", "In this course alone.", "crs")


@dataclass(frozen=True, slots=True)
class ClassRoll:
    """Who is in a class now, as far as the asker may know, and its course."""

    course: UUID
    learners: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Keys by argument, None where it was left out."""

    learner: UUID | None
    class_id: UUID | None
    course: UUID | None

    @property
    def ids(self) -> tuple[str, ...]:
        """Global ids of what the stream is about."""
        named = (("lrn", self.learner), ("cls", self.class_id), ("crs", self.course))
        return tuple(f"{prefix}_{key.hex}" for prefix, key in named if key is not None)

    def whom(self, roll: ClassRoll | None) -> frozenset[UUID] | None:
        """The learners that it is narrowed to; None: all."""
        if self.learner is not None:
            return frozenset({self.learner})
        return roll.learners if roll is not None else None

    def holds(self, payload: Mapping[str, Any], roll: ClassRoll | None) -> bool:
        """Whether the event is one of those asked for. An import names its course and no learner."""
        course, learner = payload.get("course"), payload.get("learner")
        if self.course is not None and course != str(self.course):
            return False
        if self.learner is not None and learner not in (None, str(self.learner)):
            return False
        if self.class_id is None:
            return True
        if roll is None or course != str(roll.course):
            return False
        return learner is None or UUID(learner) in roll.learners


def narrowing(given: Mapping[str, Any]) -> Narrowing:
    """Raises BadUserInput for what is no id."""
    return Narrowing(*(_key(given, one) for one in (LEARNER, CLASS, COURSE)))


def _key(given: Mapping[str, Any], argument: Argument) -> UUID | None:
    text = given.get(argument.name)
    return None if text is None else decode(text, (argument.name,), argument.prefix, yearly=False).key
