"""The cheapest ways to the next grade, in raw marks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from server.grading.marks import UNSAT, MarkState
from server.grading.specification import HUNDREDTHS, RoundingPolicy
from server.grading.table import GradingTable
from server.grading.tally import Tally
from server.grading.unit_routes import cheapest_raises


@dataclass(frozen=True, slots=True)
class Move:
    """`marks` more raw marks in one component, which raise it to `raises_to`."""

    component: str
    marks: Fraction
    raises_to: Fraction


@dataclass(frozen=True, slots=True)
class Route:
    """Moves that together just reach `grade`; `marks` is their sum."""

    grade: str
    marks: Fraction
    moves: tuple[Move, ...]


def next_rank(table: GradingTable, tally: Tally) -> int | None:
    """Rank of the grade above the present one (above the floor when marks are open); None at the top or when the
    learner has no mark that counts."""
    if any(mark.state is MarkState.EXEMPT for mark in tally.marks) or not _movable(tally):
        return None
    rank = table.award(_value(table, tally), tally.parts(table))
    return rank + 1 if rank < len(table.thresholds) else None


def routes(table: GradingTable, tally: Tally) -> tuple[Route, ...]:
    """Routes to the next grade, cheapest first: by each single component with enough room, and by several at once,
    heaviest first, when that costs less or no single one suffices. A move is whole raw marks, or all that is left.

    With open marks only open components move, from 0: the routes say what is needed there for the grade above the
    floor. An absent component can't move.
    """
    rank = next_rank(table, tally)
    if rank is None:
        return ()
    if table.hurdles or any(lookup is not None for lookup in table.lookups):
        return tuple(
            _as_route(table, tally, rank, raised) for raised in cheapest_raises(table, tally, _movable(tally), rank)
        )
    search = _Search(table, [mark.hundredths for mark in tally.marks], _needed(table, rank))
    movable = _movable(tally)
    singles = [route for position in movable if (route := search.route([position], table.grade_at(rank)))]
    heaviest_first = sorted(movable, key=lambda position: -table.weights[position])
    joint = search.route(heaviest_first, table.grade_at(rank))
    found = singles if joint is None or len(joint.moves) == 1 else [*singles, joint]
    cheapest = min((route.marks for route in singles), default=None)
    kept = [route for route in found if len(route.moves) == 1 or cheapest is None or route.marks < cheapest]
    return tuple(sorted(kept, key=lambda route: route.marks))


def _as_route(table: GradingTable, tally: Tally, rank: int, raised: Mapping[int, int]) -> Route:
    moves = tuple(
        Move(
            table.components[place].code,
            Fraction(to - tally.marks[place].hundredths, HUNDREDTHS),
            Fraction(to, HUNDREDTHS),
        )
        for place, to in sorted(raised.items())
    )
    return Route(table.grade_at(rank), sum((move.marks for move in moves), Fraction(0)), moves)


@dataclass(frozen=True, slots=True)
class _Search:
    table: GradingTable
    raw: Sequence[int]
    needed: int

    def route(self, order: Sequence[int], grade: str) -> Route | None:
        """Fill components in this order until enough is reached; None when all of them together don't suffice."""
        raw = list(self.raw)
        moves: list[Move] = []
        for position in order:
            others = sum(self._units(each, value) for each, value in enumerate(raw) if each != position)
            wanted = _raised(self.table, position, raw[position], self.needed - others)
            reached = min(wanted, self.table.components[position].max_hundredths)
            if reached > raw[position]:
                moves.append(self._move(position, raw[position], reached))
            raw[position] = reached
            if sum(self._units(each, value) for each, value in enumerate(raw)) >= self.needed:
                return Route(grade, sum((move.marks for move in moves), Fraction(0)), tuple(moves))
        return None

    def _move(self, position: int, old: int, new: int) -> Move:
        code = self.table.components[position].code
        return Move(code, Fraction(new - old, HUNDREDTHS), Fraction(new, HUNDREDTHS))

    def _units(self, position: int, hundredths: int) -> int:
        return self.table.contribution(position, hundredths, _policy(self.table))


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


def _needed(table: GradingTable, rank: int) -> int:
    """The least sum of contributions, in units, that reaches a rank: half a mark less if the sum is then rounded up."""
    threshold = table.thresholds[rank - 1]
    if _policy(table) is RoundingPolicy.SUM_EXACT:
        return threshold
    whole = -(-threshold // table.scale) * table.scale
    return whole - table.scale // 2 if _policy(table) is RoundingPolicy.SUM_THEN_HALF_UP else whole


def _raised(table: GradingTable, position: int, raw: int, units: int) -> int:
    """The raw mark in hundredths, whole marks above the present one, that contributes at least so many units.

    Moves are whole marks even where half marks are allowed: nobody aims at half a mark more.
    """
    if _policy(table) is RoundingPolicy.EACH_HALF_UP:
        units = -(-units // table.scale) * table.scale - table.scale // 2
    step = table.components[position].step_hundredths
    move = -(-HUNDREDTHS // step) * step
    short = units - raw * table.weights[position]
    return raw + max(0, -(-short // (table.weights[position] * move)) * move)
