"""The cheapest ways to the next grade, in raw marks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from server.grading.marks import UNSAT, MarkState
from server.grading.raises import Raised, cheapest_raises, least_units
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
    movable = _movable(tally)
    if not _each_mark_gives_its_weight(table, tally, movable):
        raises = cheapest_raises(table, tally, movable, rank)
        return tuple(
            _as_route(table, tally, rank, raised, certain=raises.certain or bool(place))
            for place, raised in enumerate(raises.found)
        )
    search = _Search(table, [mark.hundredths for mark in tally.marks], least_units(table, rank))
    singles = [route for position in movable if (route := search.route([position], table.grade_at(rank)))]
    # Each mark costs one, so the heaviest marks are the fewest.
    heaviest_first = sorted(movable, key=lambda position: -table.weights[position])
    joint = search.route(heaviest_first, table.grade_at(rank))
    found = singles if joint is None or len(joint.moves) == 1 else [*singles, joint]
    cheapest = min((route.marks for route in singles), default=None)
    kept = [route for route in found if len(route.moves) == 1 or cheapest is None or route.marks < cheapest]
    return tuple(sorted(kept, key=lambda route: route.marks))


def _each_mark_gives_its_weight(table: GradingTable, tally: Tally, movable: Sequence[int]) -> bool:
    """Whether there is nothing but weights, and no part of a mark is left at the top of a component."""
    if table.hurdles or any(table.lookups) or _policy(table) is RoundingPolicy.EACH_HALF_UP:
        return False
    return not any(
        (table.components[place].max_hundredths - tally.marks[place].hundredths) % HUNDREDTHS
        or HUNDREDTHS % table.components[place].step_hundredths
        for place in movable
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


def _raised(table: GradingTable, position: int, raw: int, units: int) -> int:
    """The raw mark in hundredths, whole marks above the present one, that contributes at least so many units.

    Moves are whole marks even where half marks are allowed: nobody aims at half a mark more.
    """
    short = units - raw * table.weights[position]
    return raw + max(0, -(-short // (table.weights[position] * HUNDREDTHS)) * HUNDREDTHS)
