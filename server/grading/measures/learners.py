"""All measures of one learner, from results of one window."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from server.grading.errors import ErrorCode, GradingError
from server.grading.measures.attainment8 import Attainment8, attainment8
from server.grading.measures.basics import Basics, basics
from server.grading.measures.ebacc import Ebacc, ebacc
from server.grading.measures.estimates import EstimateTable
from server.grading.measures.progress8 import Progress8, availability, progress8
from server.grading.measures.results import LAST_KS4_YEAR, UNSETTLED, Award, LeftOut, Reason, Result, counted
from server.grading.measures.tables import MeasureTables


@dataclass(frozen=True, slots=True)
class Lacking:
    """Why there is no such figure; `sentence` says it for a reader."""

    reason: Reason
    sentence: str


@dataclass(frozen=True, slots=True)
class Tariff:
    """Awards with their lines, and the sum of what these print."""

    total: Fraction
    awards: tuple[Award, ...]


@dataclass(frozen=True, slots=True)
class Standpoint:
    """`year` is the one in which the school year of the window ends; `proxy`: estimates of an earlier year may do."""

    tables: MeasureTables
    year: int
    proxy: bool = False


@dataclass(frozen=True, slots=True)
class Measures:
    """Of key stage 4 all or none; `left_out` are results that count nowhere."""

    attainment8: Attainment8 | Lacking
    progress8: Progress8 | Lacking
    ebacc: Ebacc | Lacking
    basics: Basics | Lacking
    tariff: Tariff | Lacking
    left_out: tuple[LeftOut, ...]

    @property
    def gaps(self) -> bool:
        """Whether a result counts nowhere that may once it has a grade, or data that say what it counts as."""
        return any(one.reason in UNSETTLED for one in self.left_out)


_NO_KS4 = Lacking(Reason.NO_RESULTS, "No result of key stage 4 counts.")
_NO_AWARDS = Lacking(Reason.NO_RESULTS, "No award after 16 counts.")
_NO_PRIOR = Lacking(Reason.NO_PRIOR_ATTAINMENT, "No key stage 2 average is recorded that may be read.")
_GAP = Lacking(Reason.NOT_IN_TABLE, "The tariff lacks an award, and no sum hides a gap.")


def measured(results: Iterable[Result], ks2_average: Fraction | None, by: Standpoint) -> Measures:
    """`ks2_average` is None where there is none, or where it may not be used."""
    found = counted(results, by.tables)
    tariff = _tariff(found.awards, gap=found.gap)
    if not found.ks4:
        return Measures(_NO_KS4, _NO_KS4, _NO_KS4, _NO_KS4, tariff, found.left_out)
    reached = attainment8(found.ks4)
    return Measures(
        attainment8=reached,
        progress8=_progress(reached, ks2_average, found.cohorts, by),
        ebacc=ebacc(found.ks4),
        basics=basics(found.ks4),
        tariff=tariff,
        left_out=found.left_out,
    )


def _tariff(awards: tuple[Award, ...], *, gap: bool) -> Tariff | Lacking:
    if gap:
        return _GAP
    if not awards:
        return _NO_AWARDS
    return Tariff(sum((award.row.points for award in awards), Fraction(0)), awards)


def _progress(
    reached: Attainment8, ks2_average: Fraction | None, cohorts: frozenset[int], by: Standpoint
) -> Progress8 | Lacking:
    if len(cohorts) > 1:
        return Lacking(Reason.NOT_AVAILABLE, "The results are of several year groups: no one cohort can be told.")
    (cohort,) = cohorts
    year = by.year + LAST_KS4_YEAR - cohort
    known = availability(year)
    if not known.available:
        return Lacking(Reason.NOT_AVAILABLE, known.reason)
    if ks2_average is None:
        return _NO_PRIOR
    estimates = _estimates(by.tables.estimates, year)
    if estimates is None:
        return Lacking(Reason.NO_ESTIMATE, f"No estimates of {year} or before are held.")
    try:
        return progress8(reached.total, ks2_average, estimates, year=year, proxy=by.proxy)
    except GradingError as problem:
        reason = Reason.NO_ESTIMATE if problem.code is ErrorCode.NO_ESTIMATE else Reason.NOT_AVAILABLE
        return Lacking(reason, problem.message)


def _estimates(tables: Mapping[str, EstimateTable], year: int) -> EstimateTable | None:
    """Those of the year, else the newest before it."""
    before = [table for table in tables.values() if table.year <= year]
    return max(before, key=lambda table: (table.year, table.spec), default=None)
