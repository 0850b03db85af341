"""The running sums behind one learner's grade. A changed mark is a delta: nothing else is added up again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import cast

from server.grading.errors import ErrorCode, GradingError
from server.grading.marks import NOT_ENTERED, UNSAT, Mark, MarkState, read_mark
from server.grading.specification import Retake, RoundingPolicy
from server.grading.table import GradingTable


@dataclass(frozen=True, slots=True)
class Sums:
    """Units of what was scored (`obtained`) and of full marks in what is still open (`open_marks`)."""

    obtained: int = 0
    open_marks: int = 0


@dataclass(frozen=True, slots=True)
class Tally:
    """`exact` adds weighted marks as they are; `each` adds them rounded half up; `marks` are in component order."""

    marks: tuple[Mark, ...]
    exact: Sums
    each: Sums

    def with_mark(self, table: GradingTable, component: str, value: object) -> Tally:
        """The tally after one mark changed, by delta. Errors as `read_mark` and `GradingTable.index`."""
        position = table.index(component)
        new = _counting(table, position, value)
        old = self.marks[position]
        exact, each = (
            _moved(sums, _part(table, position, old, policy), _part(table, position, new, policy))
            for sums, policy in ((self.exact, RoundingPolicy.SUM_EXACT), (self.each, RoundingPolicy.EACH_HALF_UP))
        )
        return replace(self, marks=(*self.marks[:position], new, *self.marks[position + 1 :]), exact=exact, each=each)

    def parts(self, table: GradingTable, *, full: bool = False) -> tuple[int, ...]:
        """What each component gives, in units; open ones nothing, or with `full` all they can."""
        found = [_part(table, place, mark, RoundingPolicy.SUM_EXACT) for place, mark in enumerate(self.marks)]
        return tuple(part.obtained + (part.open_marks if full else 0) for part in found)

    def codes(self, table: GradingTable, *states: MarkState) -> tuple[str, ...]:
        """Codes of the components whose mark is in one of the states, in component order."""
        return tuple(c.code for c, mark in zip(table.components, self.marks, strict=True) if mark.state in states)


def tally(table: GradingTable, marks: Mapping[str, object]) -> Tally:
    """Add up one learner's marks by component code; a component that is not named is NOT_ENTERED.

    A list or tuple holds attempts, oldest first: the specification says which of them counts.
    Raises NO_COMPONENTS for a specification that states none; otherwise errors as `read_mark` and `GradingTable.index`.
    """
    if not table.components:
        raise GradingError(
            ErrorCode.NO_COMPONENTS,
            f"{table.specification.identity} states no components; grade a subject mark instead.",
        )
    for code in marks:
        table.index(code)
    read = tuple(
        _counting(table, place, marks.get(component.code, NOT_ENTERED))
        for place, component in enumerate(table.components)
    )
    return Tally(
        marks=read,
        exact=_sums(table, read, RoundingPolicy.SUM_EXACT),
        each=_sums(table, read, RoundingPolicy.EACH_HALF_UP),
    )


def _counting(table: GradingTable, position: int, value: object) -> Mark:
    component = table.components[position]
    if isinstance(value, list | tuple):
        return counting_attempt(
            table, position, [read_mark(component, each) for each in cast("Sequence[object]", value)]
        )
    return read_mark(component, value)


def counting_attempt(table: GradingTable, position: int, attempts: Sequence[Mark]) -> Mark:
    """The one that counts of several, oldest first: an absence never displaces a mark, and a blank is no attempt.

    BEST needs marks: what is pending or exempt counts only where nothing was scored.
    """
    place = counting_place(table, position, attempts)
    return NOT_ENTERED if place is None else attempts[place]


def counting_place(table: GradingTable, position: int, attempts: Sequence[Mark]) -> int | None:
    """Which attempt counts, from 0; None where there is none. As `counting_attempt`."""

    def worth(place: int) -> int:
        return table.contribution(position, attempts[place].hundredths, RoundingPolicy.SUM_EXACT)

    return counting_of(table.specification.retake, attempts, worth)


def counting_of(retake: Retake, attempts: Sequence[Mark], worth: Callable[[int], int | Fraction]) -> int | None:
    """As `counting_place`; `worth` tells what a scored attempt comes to, by its place."""
    scored = [place for place, mark in enumerate(attempts) if mark.state is MarkState.SCORED]
    if scored and retake is Retake.BEST:
        return max(scored, key=worth)
    ranked = ((mark.state is not MarkState.NOT_ENTERED, mark.state is not MarkState.ABSENT) for mark in attempts)
    best = max(((rank, place) for place, rank in enumerate(ranked)), default=None)
    return None if best is None else best[1]


def _sums(table: GradingTable, marks: tuple[Mark, ...], policy: RoundingPolicy) -> Sums:
    parts = [_part(table, position, mark, policy) for position, mark in enumerate(marks)]
    return Sums(sum(part.obtained for part in parts), sum(part.open_marks for part in parts))


def _part(table: GradingTable, position: int, mark: Mark, policy: RoundingPolicy) -> Sums:
    if mark.state in UNSAT:
        return Sums(open_marks=table.contribution(position, table.components[position].max_hundredths, policy))
    return Sums(obtained=table.contribution(position, mark.hundredths, policy))


def _moved(sums: Sums, old: Sums, new: Sums) -> Sums:
    return Sums(sums.obtained - old.obtained + new.obtained, sums.open_marks - old.open_marks + new.open_marks)
