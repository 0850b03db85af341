"""The cheapest ways to the next grade, in raw marks."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from server.grading.marks import UNSAT, MarkState
from server.grading.raises import Raised, cheapest_raises
from server.grading.specification import HUNDREDTHS, RoundingPolicy
from server.grading.table import GradingTable
from server.grading.tally import Tally


@dataclass(frozen=True, slots=True)
class Move:
    """`marks` more raw marks in one component, which raise it to `raises_to`."""

    component: str
    marks: Fraction
    raises_to: Fraction


@dataclass(frozen=True, slots=True)
class Route:
    """Moves that together just reach `grade`; `marks` is their sum. Where not `certain`, there were too many ways to look
    at all of them, and another may cost less."""

    grade: str
    marks: Fraction
    moves: tuple[Move, ...]
    certain: bool = True


def next_rank(table: GradingTable, tally: Tally) -> int | None:
    """Rank of the grade above the present one (above the floor when marks are open); None at the top or when the
    learner has no mark that counts."""
    if any(mark.state is MarkState.EXEMPT for mark in tally.marks) or not _movable(tally):
        return None
    rank = table.award(_value(table, tally), tally.parts(table))
    return rank + 1 if rank < len(table.thresholds) else None


def routes(table: GradingTable, tally: Tally) -> tuple[Route, ...]:
    """Routes to the next grade, cheapest first: by each single component with enough room, and by several at once when
    that costs less or no single one suffices. A move is whole raw marks, or all that is left. No way costs less than
    the first route, unless it says that this isn't certain.

    With open marks only open components move, from 0: the routes say what is needed there for the grade above the
    floor. An absent component can't move.
    """
    rank = next_rank(table, tally)
    if rank is None:
        return ()
    raises = cheapest_raises(table, tally, _movable(tally), rank)
    return tuple(
        _as_route(table, tally, rank, raised, certain=raises.certain or bool(place))
        for place, raised in enumerate(raises.found)
    )


def _as_route(table: GradingTable, tally: Tally, rank: int, raised: Raised, *, certain: bool) -> Route:
    moves = tuple(
        Move(
            table.components[place].code,
            Fraction(to - tally.marks[place].hundredths, HUNDREDTHS),
            Fraction(to, HUNDREDTHS),
        )
        for place, to in sorted(raised.items())
    )
    return Route(table.grade_at(rank), sum((move.marks for move in moves), Fraction(0)), moves, certain)


def _policy(table: GradingTable) -> RoundingPolicy:
    return table.specification.rounding.policy


def _movable(tally: Tally) -> list[int]:
    unsat = [position for position, mark in enumerate(tally.marks) if mark.state in UNSAT]
    scored = [position for position, mark in enumerate(tally.marks) if mark.state is MarkState.SCORED]
    return unsat or scored


def _value(table: GradingTable, tally: Tally) -> int:
    """The present subject mark, or the floor, in units."""
    if _policy(table) is RoundingPolicy.EACH_HALF_UP:
        return tally.each.obtained
    exact = tally.exact.obtained
    return table.round_units(exact) if _policy(table) is RoundingPolicy.SUM_THEN_HALF_UP else exact
