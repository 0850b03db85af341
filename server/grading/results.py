"""What grading gives back. Marks are exact fractions of subject marks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import TypeAlias

from server.grading.specification import RoundingPolicy

ENGINE_VERSION = "1.0.0"
"""Stored with every grade; raised whenever any result could differ."""


class Status(StrEnum):
    COMPLETE = "complete"
    INCOMPLETE = "incomplete"
    NOT_ATTEMPTED = "not_attempted"
    NOT_GRADABLE = "not_gradable"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A subject mark and the grade it reaches."""

    mark: Fraction
    grade: str


PolicyOutcomes: TypeAlias = tuple[tuple[RoundingPolicy, Outcome], ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a reader of the grade must know: a stable code, a sentence, and how sure the rule is."""

    code: str
    message: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Result:
    """The grade of one learner in one subject.

    COMPLETE: every component counts (absent ones as 0), and floor, ceiling and the grade are one.
    INCOMPLETE: no grade; `floor` counts missing marks as 0, `ceiling` as full marks.
    NOT_ATTEMPTED: every component absent. NOT_GRADABLE: an exemption that no rule covers.
    `fine` is points + (mark - boundary)/(next boundary - boundary) of the way to the next grade's points; none below
    the lowest grade. `by_policy` has the outcome under each rounding policy, and `rounding_matters` says that their
    grades differ (when incomplete: those of floor or ceiling).
    """

    status: Status
    rounding: RoundingPolicy
    grade: str | None = None
    subject_mark: Fraction | None = None
    points: Fraction | None = None
    fine: Fraction | None = None
    next_grade: str | None = None
    marks_to_next: Fraction | None = None
    marks_above: Fraction | None = None
    floor: Outcome | None = None
    ceiling: Outcome | None = None
    flags: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()
    by_policy: PolicyOutcomes = ()
    rounding_matters: bool = False
    confidence: str = ""
    engine_version: str = ENGINE_VERSION
