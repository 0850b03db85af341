"""The rules that a course could be graded by: versions and tiers of one qualification, with the boundaries of series."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from server.grading.boundaries import BoundarySet
from server.grading.errors import ErrorCode, GradingError
from server.grading.papers import Contents, Paper, Sat, as_sat
from server.grading.specification import Specification


@dataclass(frozen=True, slots=True)
class Known:
    """A specification and boundaries that belong together, read."""

    contents: Contents
    specification: Specification
    boundaries: BoundarySet

    def sat(self, papers: frozenset[Paper]) -> Sat:
        return as_sat(self.contents, papers)


@dataclass(frozen=True, slots=True)
class RuleFamily:
    """`rules` are (specification, boundaries), canonical JSON, newest first."""

    rules: tuple[Contents, ...] = ()

    def own(self, contents: Contents) -> Known:
        """Raises GradingError for contents that can't be read."""
        return _known(contents)

    def siblings(self, of: Known) -> Iterator[Known]:
        """Of other tiers of the same qualification."""
        for each in self._read():
            if each.specification.identity != of.specification.identity:
                yield each

    def choose(self, own: Known, tier: str | None, series: str | None, option: str | None) -> Known:
        """What is not named is as it is in `own`; of several versions its own counts, then the newest.

        Raises UNKNOWN_TIER, UNKNOWN_OPTION, UNKNOWN_SERIES.
        """
        pool = (own, *self._read())
        if tier is None or tier == own.specification.tier:
            pool = tuple(each for each in pool if each.specification.identity == own.specification.identity)
        else:
            pool = tuple(each for each in pool if each.specification.tier == tier)
        if not pool:
            raise GradingError(
                ErrorCode.UNKNOWN_TIER, f"{own.specification.identity} has no such tier, or no boundaries of it."
            )
        option = own.boundaries.option if option is None else option
        if option is not None:
            pool[0].specification.route(option)
        wanted = own.boundaries.series if series is None else series
        found = [each for each in pool if each.boundaries.series == wanted and each.boundaries.option == option]
        if not found:
            raise GradingError(
                ErrorCode.UNKNOWN_SERIES,
                f"{pool[0].specification.identity} has no boundaries of that series and option.",
            )
        return next((each for each in found if each.contents.specification == own.contents.specification), found[0])

    def _read(self) -> Sequence[Known]:
        return [_known(each) for each in self.rules]


def _known(contents: Contents) -> Known:
    sat = as_sat(contents, frozenset[Paper]())
    return Known(contents, sat.specification, sat.boundaries)
