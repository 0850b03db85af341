"""What a qualification's specification says about marks and grades, as data. No series figures: see boundaries.

All schemes are one shape: components give subject marks, by a factor or by a conversion, and their sum is compared with
the boundaries. UMS units and BTEC units are components with a conversion.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from server.grading.conversion import Conversion
from server.grading.errors import ErrorCode, GradingError
from server.grading.requirements import Measure, Requirement

HUNDREDTHS = 100
"""Marks are held as whole hundredths: an exact decimal has at most two places."""


class ComponentKind(StrEnum):
    EXAM = "exam"
    NEA = "nea"


class Scheme(StrEnum):
    """What people call it. The arithmetic follows from the components, not from this word; that what is sat in units is
    sat over several windows follows from it."""

    LINEAR = "linear"
    UNITISED = "unitised"
    POINTS = "points"
    COMPENSATORY = "compensatory"


class Retake(StrEnum):
    """Which of several attempts counts. NEWEST: the last that was sat, which an absence never displaces."""

    NEWEST = "newest"
    BEST = "best"


class RoundingPolicy(StrEnum):
    """Where a fractional weighted mark is rounded. No board's rule could be verified, so it is a field.

    Where a component has a conversion, that rounds and this finds nothing left to round.
    """

    SUM_EXACT = "sum_exact"
    SUM_THEN_HALF_UP = "sum_then_half_up"
    EACH_HALF_UP = "each_half_up"


@dataclass(frozen=True, slots=True)
class Rounding:
    policy: RoundingPolicy = RoundingPolicy.SUM_EXACT
    confidence: str = "assumed"
    source: str = ""


@dataclass(frozen=True, slots=True)
class Absence:
    """An absent component counts 0; `all_absent_grade` is given when no component was attempted."""

    all_absent_grade: str = "X"
    confidence: str = "medium"
    source: str = "JCQ modular rule: an absent unit counts zero; the same is assumed for linear components"


@dataclass(frozen=True, slots=True)
class Component:
    """`factor` turns a raw mark into subject marks; `step` is the smallest difference between two raw marks.

    Where there is a `conversion`, it does so instead, and `factor` turns the raw mark of the paper that was sat into one
    of the published paper. `size` is in guided learning hours.
    """

    code: str
    max_raw: Fraction
    factor: Fraction = Fraction(1)
    kind: ComponentKind = ComponentKind.EXAM
    step: Fraction = Fraction(1)
    name: str = ""
    conversion: Conversion | None = None
    size: int = 0

    def __post_init__(self) -> None:
        if not self.code or self.max_raw <= 0 or self.factor <= 0 or self.step <= 0:
            raise _bad(f"Component {self.code!r} needs a code, and a maximum, factor and step above 0.")
        if (self.step * HUNDREDTHS).denominator != 1:
            raise _bad(f"The step of component {self.code} has more than two decimal places.")
        if (self.max_raw / self.step).denominator != 1:
            raise _bad(f"The maximum of component {self.code} is no multiple of its step.")

    @property
    def max_hundredths(self) -> int:
        return int(self.max_raw * HUNDREDTHS)

    @property
    def step_hundredths(self) -> int:
        return int(self.step * HUNDREDTHS)

    def marks_from(self, hundredths: int) -> list[int]:
        """Raw hundredths from there on in whole marks, or steps if coarser, and all there is: nobody aims at half a mark."""
        move = -(-HUNDREDTHS // self.step_hundredths) * self.step_hundredths
        return [*range(hundredths, self.max_hundredths, move), self.max_hundredths]


@dataclass(frozen=True, slots=True)
class Option:
    """An entry code that fixes which components count."""

    entry_code: str
    components: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GradeStep:
    grade: str
    points: Fraction


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where the rules were read, and who answers for the copy. `checksum` is the SHA-256 of the published document."""

    sources: tuple[str, ...] = ()
    confidence: str = ""
    note: str = ""
    published: str | None = None
    checksum: str | None = None
    entered_by: str | None = None
    checked_by: str | None = None


@dataclass(frozen=True, slots=True)
class Specification:
    """One version of one qualification and tier. `grades` are best first.

    `identity` is the pack id without its series, such as "AQA:8300:H". `max_mark` is the published subject maximum.
    Endorsements are named because they are reported beside the grade; they never change it.
    Raises BAD_SPECIFICATION when its parts contradict one another.
    """

    identity: str
    board: str
    code: str
    title: str
    qualification: str
    tier: str | None
    max_mark: Fraction
    components: tuple[Component, ...]
    grades: tuple[GradeStep, ...]
    options: tuple[Option, ...] = ()
    rounding: Rounding = Rounding()
    absence: Absence = Absence()
    below_lowest: str = "U"
    endorsements: tuple[str, ...] = ()
    valid_from: str | None = None
    valid_to: str | None = None
    scheme: Scheme = Scheme.LINEAR
    retake: Retake = Retake.NEWEST
    requirements: tuple[Requirement, ...] = ()
    provenance: Provenance = Provenance()

    def __post_init__(self) -> None:
        if not self.identity or self.max_mark <= 0:
            raise _bad("A specification needs an identity and a maximum mark above 0.")
        _unique([component.code for component in self.components], "component")
        _unique([step.grade for step in self.grades], "grade")
        _unique([option.entry_code for option in self.options], "option")
        self._check_grades()
        self._check_options()
        self._check_requirements()

    def _check_grades(self) -> None:
        if not self.grades:
            raise _bad(f"{self.identity} has no grades.")
        points = [step.points for step in self.grades]
        if any(upper <= lower for upper, lower in zip(points, [*points[1:], Fraction(0)], strict=True)):
            raise _bad(f"The points of {self.identity} must fall from the best grade to the lowest, and stay above 0.")
        reserved = {self.below_lowest, self.absence.all_absent_grade}
        if reserved & {step.grade for step in self.grades}:
            raise _bad(f"{self.identity} lists as a grade what it gives below the lowest grade or for no attempt.")

    def _check_options(self) -> None:
        known = {component.code for component in self.components}
        for option in self.options:
            _unique(list(option.components), f"component of option {option.entry_code}")
            if not option.components or not known.issuperset(option.components):
                raise _bad(f"Option {option.entry_code} of {self.identity} names no component, or an unknown one.")

    def _check_requirements(self) -> None:
        sizes = {component.code: component.size for component in self.components}
        grades = {step.grade for step in self.grades}
        for each in self.requirements:
            if not each.components or not sizes.keys() >= set(each.components) or each.grade not in grades:
                raise _bad(f"A requirement of {self.identity} names a grade or unit that is missing: {each.reason}")
            if each.measure is Measure.SIZE and not all(sizes[code] for code in each.components):
                raise _bad(f"A requirement of {self.identity} counts hours of a unit without any: {each.reason}")

    @property
    def sat_in_units(self) -> bool:
        """Whether components are sat in several windows, and again; a linear qualification is sat whole in one."""
        return self.scheme is not Scheme.LINEAR

    def route(self, entry_code: str | None) -> tuple[Component, ...]:
        """The components that count for an entry code, in specification order.

        Raises UNKNOWN_OPTION when the code is none of the options, or is missing though there are options.
        """
        if entry_code is None and not self.options:
            return self.components
        for option in self.options:
            if option.entry_code == entry_code:
                return tuple(component for component in self.components if component.code in option.components)
        codes = ", ".join(option.entry_code for option in self.options)
        rest = f"needs one of its entry codes: {codes}." if codes else "has no options: leave the entry code out."
        raise GradingError(ErrorCode.UNKNOWN_OPTION, f"{self.identity} {rest}")


def _unique(values: list[str], noun: str) -> None:
    if len(set(values)) != len(values):
        raise _bad(f"A {noun} appears twice.")


def _bad(message: str) -> GradingError:
    return GradingError(ErrorCode.BAD_SPECIFICATION, message)
