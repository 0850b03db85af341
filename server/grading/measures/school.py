"""Figures of many learners: means and shares, over how many, and why the others are left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from server.grading.measures.cohorts import cohort_progress8
from server.grading.measures.learners import Lacking, Measures
from server.grading.measures.methods import ATTAINMENT_8, BASICS_1, EBACC_1, PROGRESS_8
from server.grading.measures.progress8 import Progress8
from server.grading.measures.results import Reason
from server.grading.measures.rounding import RoundTo, rounded_text

TARIFF_METHOD = "ucas_tariff/1"


class Measure(StrEnum):
    ATTAINMENT_8 = "ATTAINMENT_8"
    PROGRESS_8 = "PROGRESS_8"
    EBACC_ENTERED = "EBACC_ENTERED"
    EBACC_STANDARD = "EBACC_STANDARD"
    EBACC_STRONG = "EBACC_STRONG"
    EBACC_AVERAGE = "EBACC_AVERAGE"
    BASICS_STANDARD = "BASICS_STANDARD"
    BASICS_STRONG = "BASICS_STRONG"
    UCAS_TARIFF = "UCAS_TARIFF"


SAID: Mapping[Measure, str] = {
    Measure.ATTAINMENT_8: "Attainment 8, 0 to 90.",
    Measure.PROGRESS_8: "Progress 8, or its labelled proxy.",
    Measure.EBACC_ENTERED: "Entered every pillar of the EBacc.",
    Measure.EBACC_STANDARD: "Every pillar at 4 or above.",
    Measure.EBACC_STRONG: "Every pillar at 5 or above.",
    Measure.EBACC_AVERAGE: "Average point score of the EBacc.",
    Measure.BASICS_STANDARD: "English and mathematics at 4 or above.",
    Measure.BASICS_STRONG: "English and mathematics at 5 or above.",
    Measure.UCAS_TARIFF: "UCAS tariff points, of courses after year 11.",
}


@dataclass(frozen=True, slots=True)
class Reckoned:
    """How a figure is made. `share`: each learner gives 1 or 0, so that the mean is a share."""

    of: Callable[[Measures], Fraction | Lacking]
    method: str
    confidence: str
    places: int = 2
    rounding: RoundTo = RoundTo.HALF_EVEN
    share: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """`mean` is exact, None of nobody. `gaps`: how many of the learners have a result that may still come to count.
    `interval` (rounded ends) and `labels` (whose estimates) are of Progress 8 alone."""

    measure: Measure
    how: Reckoned
    learners: int
    mean: Fraction | None
    interval: tuple[str, str] | None
    left_out: Mapping[Reason, int]
    gaps: int
    labels: tuple[str, ...] = ()

    @property
    def text(self) -> str | None:
        """The mean, rounded by the named rounding."""
        return None if self.mean is None else rounded_text(self.mean, self.how.places, self.how.rounding)


def _attainment8(one: Measures) -> Fraction | Lacking:
    return one.attainment8 if isinstance(one.attainment8, Lacking) else one.attainment8.total


def _progress8(one: Measures) -> Fraction | Lacking:
    return one.progress8 if isinstance(one.progress8, Lacking) else one.progress8.unrounded


def _ebacc(name: str) -> Callable[[Measures], Fraction | Lacking]:
    return lambda one: one.ebacc if isinstance(one.ebacc, Lacking) else Fraction(getattr(one.ebacc, name))


def _basics(name: str) -> Callable[[Measures], Fraction | Lacking]:
    return lambda one: one.basics if isinstance(one.basics, Lacking) else Fraction(getattr(one.basics, name))


def _tariff(one: Measures) -> Fraction | Lacking:
    return one.tariff if isinstance(one.tariff, Lacking) else one.tariff.total


def _of_ebacc(name: str, *, share: bool = True) -> Reckoned:
    return Reckoned(_ebacc(name), EBACC_1.name, EBACC_1.confidence, places=4 if share else 2, share=share)


def _of_basics(name: str) -> Reckoned:
    return Reckoned(_basics(name), BASICS_1.name, BASICS_1.confidence, places=4, share=True)


HOW: Mapping[Measure, Reckoned] = {
    Measure.ATTAINMENT_8: Reckoned(_attainment8, ATTAINMENT_8.name, ATTAINMENT_8.confidence),
    Measure.PROGRESS_8: Reckoned(
        _progress8, PROGRESS_8.name, PROGRESS_8.confidence, PROGRESS_8.places, PROGRESS_8.rounding
    ),
    Measure.EBACC_ENTERED: _of_ebacc("entered"),
    Measure.EBACC_STANDARD: _of_ebacc("standard"),
    Measure.EBACC_STRONG: _of_ebacc("strong"),
    Measure.EBACC_AVERAGE: _of_ebacc("average", share=False),
    Measure.BASICS_STANDARD: _of_basics("standard"),
    Measure.BASICS_STRONG: _of_basics("strong"),
    Measure.UCAS_TARIFF: Reckoned(_tariff, TARIFF_METHOD, "each line as printed"),
}


def figures(learners: Iterable[Measures | Lacking]) -> tuple[Figure, ...]:
    """One of each measure; a learner who is Lacking altogether is left out of all."""
    every = tuple(learners)
    return tuple(_figure(measure, how, every) for measure, how in HOW.items())


def _figure(measure: Measure, how: Reckoned, learners: tuple[Measures | Lacking, ...]) -> Figure:
    values: list[Fraction] = []
    left = Counter[Reason]()
    gaps = 0
    for one in learners:
        value = one if isinstance(one, Lacking) else how.of(one)
        if isinstance(value, Lacking):
            left[value.reason] += 1
        else:
            values.append(value)
            gaps += isinstance(one, Measures) and one.gaps
    if not values:
        return Figure(measure, how, 0, None, None, left, 0)
    mean = sum(values, Fraction(0)) / len(values)
    if measure is not Measure.PROGRESS_8:
        return Figure(measure, how, len(values), mean, None, left, gaps)
    return Figure(measure, how, len(values), mean, cohort_progress8(values).interval, left, gaps, _labels(learners))


def _labels(learners: Iterable[Measures | Lacking]) -> tuple[str, ...]:
    scores = (one.progress8 for one in learners if isinstance(one, Measures))
    return tuple(sorted({score.label for score in scores if isinstance(score, Progress8)}))
