"""Forecasts from stored contents, the papers that were really sat, and teachers' estimates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from server.grading.errors import GradingError
from server.grading.forecasts import Estimate, Estimated, Method, forecast
from server.grading.marks import read_mark
from server.grading.papers import Contents, Paper, as_sat
from server.grading.scalar import flags_of
from server.grading.sittings import Sitting, counted
from server.grading.specification import RoundingPolicy
from server.grading.table import GradingTable, prepare
from server.grading.tally import tally


@dataclass(frozen=True, slots=True)
class Outlook:
    """`flags` say what to know: absent, exempt, scaled components, estimates that don't fit, or why there is nothing."""

    estimates: tuple[Estimate, ...]
    flags: tuple[str, ...]
    confidence: str
    rounding: str
    scale: tuple[tuple[str, Fraction], ...] = ()
    """Grades and their points, lowest first: those of courses on one scale can be compared."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What one outlook rests on, as `outlook` takes it."""

    contents: Contents
    sittings: Sequence[Sitting]
    estimates: Mapping[str, Decimal]
    shift: int = 0


def outlooks(looked: Iterable[Looked], methods: Sequence[Method] = tuple(Method)) -> list[Outlook | None]:
    """Of many learners and courses, each as `outlook` gives it, in order: rules are prepared once for all who sat by them."""
    return [outlook(one.contents, one.sittings, one.estimates, methods, one.shift) for one in looked]


def outlook(
    contents: Contents,
    sittings: Sequence[Sitting],
    estimates: Mapping[str, Decimal],
    methods: Sequence[Method] = tuple(Method),
    shift: int = 0,
) -> Outlook | None:
    """Forecasts of one learner from the windows sat, oldest first, with papers of any maximum.

    A raw mark counts by its share of its paper's maximum; an estimate is in raw marks of the specification's component.
    `shift` shifts the subject boundaries by so many per cent.
    None where no paper counts and nothing is estimated. What the engine refuses is flagged with its code.
    """
    try:
        one = counted(contents, sittings)
        sat = as_sat(contents, one.papers)
        if not sat.counted and not estimates:
            return None
        table = prepare(sat.specification, sat.boundaries, shift)
        sums = tally(table, {code: given for code, given in one.marks.items() if code in sat.counted})
        estimated, unfit = _estimated(table, published(contents), estimates)
        found = forecast(table, sums, estimated, methods)
    except GradingError as error:
        return Outlook((), (f"refused:{error.code.value}",), "none", RoundingPolicy.SUM_EXACT.value)
    flags = (*flags_of(table, sums.marks), *sat.flags, *unfit)
    scale = tuple(zip(table.grades, table.points, strict=True))
    return Outlook(found, flags, table.boundaries.confidence, table.specification.rounding.policy.value, scale)


def published(contents: Contents) -> GradingTable:
    """As it is without any paper. Raises GradingError for contents that can't be read, or belong apart."""
    sat = as_sat(contents, frozenset[Paper]())
    return prepare(sat.specification, sat.boundaries)


def _estimated(
    table: GradingTable, whole: GradingTable, estimates: Mapping[str, Decimal]
) -> tuple[Estimated, tuple[str, ...]]:
    """In units of the table; and a flag for each that the specification, as it is now, has no place for."""
    found: dict[int, dict[RoundingPolicy, Fraction]] = {}
    unfit: list[str] = []
    for code, score in sorted(estimates.items()):
        try:
            place = whole.index(code)
            raw = read_mark(whole.components[place], score).hundredths
        except GradingError:
            unfit.append(f"estimate_unfit:{code}")
            continue
        found[place] = {
            policy: Fraction(whole.contribution(place, raw, policy) * table.scale, whole.scale)
            for policy in RoundingPolicy
        }
    return found, tuple(unfit)
