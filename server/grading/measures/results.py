"""Results of a learner as measures take them: which count, and why the others don't."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from server.grading.errors import GradingError
from server.grading.measures.entries import Entry
from server.grading.measures.points import PointsRow, PointsTable
from server.grading.measures.subjects import SUBJECTS_FILE, Subject
from server.grading.measures.tables import MeasureTables

DISCOUNTING = "best of one discount word, then by name; assumed: the DfE takes the first entry"
LAST_KS4_YEAR = 11


class Stage(StrEnum):
    """By the year group of the course: up to 11, and after."""

    KS4 = "ks4"
    POST_16 = "post_16"


class Reason(StrEnum):
    """Why a result, a learner or a figure is left out."""

    NO_GRADE = "NO_GRADE"
    NO_SPECIFICATION = "NO_SPECIFICATION"
    NOT_MAPPED = "NOT_MAPPED"
    NOT_IN_TABLE = "NOT_IN_TABLE"
    DISCOUNTED = "DISCOUNTED"
    PART_READ = "PART_READ"
    NO_RESULTS = "NO_RESULTS"
    NOT_AVAILABLE = "NOT_AVAILABLE"
    NO_ESTIMATE = "NO_ESTIMATE"
    NO_PRIOR_ATTAINMENT = "NO_PRIOR_ATTAINMENT"


GAPS: Mapping[Reason, str] = {
    Reason.NO_GRADE: "There is no grade yet.",
    Reason.NO_SPECIFICATION: "The course has no published specification.",
    Reason.NOT_MAPPED: "No table says what the specification counts as at this stage.",
    Reason.NOT_IN_TABLE: "The points table lacks the type or the grade.",
    Reason.DISCOUNTED: "Another result of the same subject counts.",
    Reason.PART_READ: "You may read some of the learner's results only.",
    Reason.NO_RESULTS: "No result counts.",
    Reason.NOT_AVAILABLE: "The cohort has no such measure, or not yet.",
    Reason.NO_ESTIMATE: "The estimates lack the year, or the band of prior attainment.",
    Reason.NO_PRIOR_ATTAINMENT: "No prior attainment is recorded that you may read.",
}


UNSETTLED = frozenset({Reason.NO_GRADE, Reason.NOT_MAPPED, Reason.NOT_IN_TABLE})
"""Of a result that counts nowhere: it may, once there is a grade, or a table that has it."""


@dataclass(frozen=True, slots=True)
class Result:
    """`name` is unique for a learner. `specification` is an identity such as AQA:8300:H, None where the course has
    none; `grade` None where there is none yet."""

    name: str
    year_group: str
    specification: str | None
    grade: str | None

    @property
    def stage(self) -> Stage | None:
        """None of a year group that is no number."""
        if not (self.year_group.isascii() and self.year_group.isdigit()):
            return None
        return Stage.KS4 if int(self.year_group) <= LAST_KS4_YEAR else Stage.POST_16


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A result that counts nowhere; `sentence` says it for a reader."""

    name: str
    reason: Reason
    sentence: str


@dataclass(frozen=True, slots=True)
class Award:
    """A result after 16 with its line of the tariff."""

    name: str
    row: PointsRow


@dataclass(frozen=True, slots=True)
class Counted:
    """`ks4` are what slots are filled with, `cohorts` the year groups of their courses. `gap`: an award after 16 that
    the tariff doesn't have, so that no sum may be told."""

    ks4: tuple[Entry, ...]
    cohorts: frozenset[int]
    awards: tuple[Award, ...]
    gap: bool
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    result: Result
    subject: Subject
    row: PointsRow

    @property
    def worth(self) -> Fraction:
        return self.row.points * self.row.slots


def counted(results: Iterable[Result], tables: MeasureTables) -> Counted:
    """What of the results counts where, by the data of the tables alone: nothing is guessed from a name."""
    found: dict[Stage, list[_Found]] = {stage: [] for stage in Stage}
    left: list[LeftOut] = []
    gap = False
    for each in results:
        one, stage = _looked_up(each, tables), each.stage
        if isinstance(one, LeftOut):
            left.append(one)
            gap = gap or (one.reason is Reason.NOT_IN_TABLE and stage is Stage.POST_16)
        elif stage is not None:
            found[stage].append(one)
    ks4, after = (list(_undiscounted(found[stage], left)) for stage in Stage)
    return Counted(
        ks4=tuple(_entry(one) for one in ks4),
        cohorts=frozenset(int(one.result.year_group) for one in ks4),
        awards=tuple(Award(one.result.name, one.row) for one in after),
        gap=gap,
        left_out=tuple(sorted(left, key=lambda one: one.name)),
    )


def _looked_up(result: Result, tables: MeasureTables) -> _Found | LeftOut:
    def left_out(reason: Reason, sentence: str) -> LeftOut:
        return LeftOut(result.name, reason, sentence)

    if result.specification is None:
        return left_out(Reason.NO_SPECIFICATION, "The course has no published specification.")
    if result.grade is None:
        return left_out(Reason.NO_GRADE, "There is no grade yet.")
    subject = tables.subjects.get(result.specification)
    if subject is None:
        return left_out(Reason.NOT_MAPPED, f"{SUBJECTS_FILE} has no line of {result.specification}.")
    table, named = _table(result.stage, subject, tables)
    if table is None or named is None:
        return left_out(Reason.NOT_MAPPED, _without_type(result, result.stage))
    try:
        return _Found(result, subject, table.find(named, result.grade))
    except GradingError as problem:
        return left_out(Reason.NOT_IN_TABLE, problem.message)


def _table(stage: Stage | None, subject: Subject, tables: MeasureTables) -> tuple[PointsTable | None, str | None]:
    if stage is Stage.KS4:
        return tables.ks4, subject.ks4
    return (tables.tariff, subject.tariff) if stage is Stage.POST_16 else (None, None)


def _without_type(result: Result, stage: Stage | None) -> str:
    if stage is None:
        return f"Year group {result.year_group} belongs to no key stage that is measured."
    column = "ks4_type" if stage is Stage.KS4 else "tariff_type"
    return f"{SUBJECTS_FILE} states no {column} of {result.specification}."


def _undiscounted(found: Iterable[_Found], left: list[LeftOut]) -> Iterator[_Found]:
    """The best of each discount word; the others go to `left`."""
    best: dict[str, _Found] = {}
    for one in sorted(found, key=lambda one: (-one.worth, one.result.name)):
        word = one.subject.discount
        if word is None or best.setdefault(word, one) is one:
            yield one
        else:
            left.append(LeftOut(one.result.name, Reason.DISCOUNTED, f"Another counts for {word} ({DISCOUNTING})."))


def _entry(one: _Found) -> Entry:
    return Entry(one.result.name, one.subject.area, one.row.points, one.row.source, one.row.slots, one.row.size)
