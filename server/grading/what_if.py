"""What a grade would be with other marks, another series, tier or option, or shifted boundaries. Pure: nothing is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from server.grading.bulk import grade_matrix
from server.grading.errors import ErrorCode, GradingError
from server.grading.grade_columns import GradeColumns, grade_columns
from server.grading.mark_matrices import matrices
from server.grading.marks import Mark, read_mark
from server.grading.needed import Needed, needed
from server.grading.papers import Contents, Paper
from server.grading.rule_family import Known, RuleFamily
from server.grading.sittings import Sitting, counted
from server.grading.specification import Specification
from server.grading.table import GradingTable, prepare
from server.grading.tally import tally
from server.grading.tiers import carried

SHIFT_ROUNDING = "exact"
"""A shifted boundary is boundary x (100 + shift) / 100, and is not rounded: marks are compared with the fraction."""
MOST_SHIFT = 10


@dataclass(frozen=True, slots=True)
class Overlay:
    """What is other than it is. `marks` as `read_mark` reads them, by component, in place of all attempts at it;
    `shift` in per cent, in place of the case's own; `option` an entry code.

    `series` is that of the window in question, as if it were set for it: earlier windows keep theirs."""

    name: str
    marks: Mapping[str, object] = field(default_factory=dict[str, object])
    series: str | None = None
    tier: str | None = None
    shift: int | None = None
    option: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One learner as graded now: `marks` are attempts by component, oldest first; `family` are the rules in reach,
    and `shift` is what its boundaries are shifted by. `earlier` are the windows before, oldest first."""

    contents: Contents
    papers: frozenset[Paper]
    marks: Mapping[str, Sequence[object]]
    family: RuleFamily
    shift: int = 0
    earlier: tuple[Sitting, ...] = ()

    @property
    def sittings(self) -> tuple[Sitting, ...]:
        return (*self.earlier, Sitting(self.papers, self.marks))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an overlay comes to, or `refusal`. `changed` names what differs from the actual result."""

    overlay: Overlay
    specification: Specification
    series: str
    option: str | None
    sources: tuple[str, ...]
    columns: GradeColumns
    needed: tuple[Needed, ...]
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """Why an overlay can't be answered: the code, a sentence and the component it concerns, if one."""

    overlay: Overlay
    code: ErrorCode
    message: str
    component: str | None = None


@dataclass(frozen=True, slots=True)
class _Ready:
    """An overlay made ready for the engine."""

    overlay: Overlay
    table: GradingTable
    shift: int
    marks: Mapping[str, Mark | Sequence[Mark]]
    flags: tuple[str, ...]
    sources: tuple[str, ...]


def what_if(case: Case, overlays: Sequence[Overlay]) -> tuple[Outcome | Refused, list[Outcome | Refused]]:
    """The actual result, and one for each overlay in order; the engine is asked once for each set of rules.

    What is refused as it stands, as a stored grade may be, is nothing to compare with; an overlay may be graded then.
    """
    ready = [_or_refused(case, overlay) for overlay in (Overlay("actual"), *overlays)]
    graded = iter(_graded([each for each in ready if isinstance(each, _Ready)]))
    actual, *found = [each if isinstance(each, Refused) else next(graded) for each in ready]
    return actual, [_compared(each, actual) for each in found]


def side_by_side(case: Case) -> list[Outcome | Refused] | Refused:
    """The result in each tier that has boundaries of the grade's own series, by tier; each named after its tier.

    Refused, with UNKNOWN_TIER, where the qualification has no tiers or only one has boundaries.
    """
    own = case.family.own(case.contents)
    tiers = {each.specification.tier for each in case.family.siblings(own) if _beside(each, own)} - {None}
    if own.specification.tier is None or not tiers:
        said = f"{own.specification.identity} has no other tier with boundaries of {own.boundaries.series}."
        return Refused(Overlay("tiers"), ErrorCode.UNKNOWN_TIER, said)
    names = sorted({own.specification.tier, *(tier for tier in tiers if tier is not None)})
    return what_if(case, [Overlay(tier, tier=tier) for tier in names])[1]


def _beside(each: Known, own: Known) -> bool:
    return each.boundaries.series == own.boundaries.series and each.boundaries.option == own.boundaries.option


def _or_refused(case: Case, overlay: Overlay) -> _Ready | Refused:
    try:
        return _ready(case, overlay)
    except GradingError as error:
        return Refused(overlay, error.code, error.message, error.component)


def _ready(case: Case, overlay: Overlay) -> _Ready:
    own = case.family.own(case.contents)
    known = own
    if overlay.tier is not None or overlay.series is not None or overlay.option is not None:
        known = case.family.choose(own, overlay.tier, overlay.series, overlay.option)
    sittings, flags = _sat_by(case, overlay), ()
    if known.specification.identity != own.specification.identity:
        sittings, flags = _carried(own.specification, known.specification, sittings)
    one = counted(known.contents, sittings)
    sat = known.sat(one.papers)
    _check_components(case, own, known, overlay)
    shift = case.shift if overlay.shift is None else overlay.shift
    table = prepare(sat.specification, sat.boundaries, shift)
    return _Ready(
        overlay, table, shift, _marks(table, one.marks, sat.counted, overlay), (*sat.flags, *flags), sat.sources
    )


def _sat_by(case: Case, overlay: Overlay) -> Sequence[Sitting]:
    """Earlier windows by their own series, of the overlay's tier or option. Raises UNKNOWN_SERIES where there is none."""
    if overlay.tier is None and overlay.option is None:
        return case.sittings
    return [
        each
        if each.by is None
        else replace(each, by=case.family.choose(case.family.own(each.by), overlay.tier, None, overlay.option).contents)
        for each in case.sittings
    ]


def _carried(
    own: Specification, other: Specification, sittings: Sequence[Sitting]
) -> tuple[tuple[Sitting, ...], tuple[str, ...]]:
    """Each window's papers and marks as the other tier has them. Raises TIERS_DIFFER."""
    found: list[Sitting] = []
    told: dict[str, None] = {}
    for each in sittings:
        papers, marks, flags = carried(own, other, each.papers, each.marks)
        found.append(replace(each, papers=papers, marks=marks))
        told |= dict.fromkeys(flags)
    return tuple(found), tuple(told)


def _check_components(case: Case, own: Known, known: Known, overlay: Overlay) -> None:
    """Raises BOTH_TIERS where the marks are of papers of two tiers."""
    of = {part.code for part in known.specification.components}
    others = {
        part.code
        for each in (own, *case.family.siblings(known))
        for part in each.specification.components
        if part.code not in of
    }
    if overlay.marks.keys() & of and overlay.marks.keys() & others:
        raise GradingError(
            ErrorCode.BOTH_TIERS, "The marks are of papers of two tiers: nobody sits both; give those of one."
        )


def _marks(
    table: GradingTable, marks: Mapping[str, Sequence[object]], sat: frozenset[str], overlay: Overlay
) -> Mapping[str, Mark | Sequence[Mark]]:
    """Each component's attempts, or what the overlay has in their place. Errors as `read_mark` and `index`."""
    found: dict[str, Mark | Sequence[Mark]] = {}
    for component in table.components:
        if component.code in sat and component.code not in overlay.marks:
            found[component.code] = [read_mark(component, each) for each in marks.get(component.code, ())]
    for code, value in overlay.marks.items():
        found[code] = read_mark(table.components[table.index(code)], value)
    return found


def _graded(ready: Sequence[_Ready]) -> list[Outcome | Refused]:
    """One call of the engine for each table. What it refuses of a table, it refuses of all its marks."""
    by_table: dict[int, list[int]] = {}
    for place, each in enumerate(ready):
        by_table.setdefault(id(each.table), []).append(place)
    found: dict[int, Outcome | Refused] = {}
    for places in by_table.values():
        found |= zip(places, _of_table([ready[place] for place in places]), strict=True)
    return [found[place] for place in range(len(ready))]


def _of_table(ready: Sequence[_Ready]) -> list[Outcome | Refused]:
    table = ready[0].table
    try:
        grades = grade_matrix(table, *matrices(table, [each.marks for each in ready]))
        return [
            _outcome(each, grade_columns(grades.result(row), each.flags, each.shift)) for row, each in enumerate(ready)
        ]
    except GradingError as error:
        return [Refused(each.overlay, error.code, error.message, error.component) for each in ready]


def _outcome(ready: _Ready, columns: GradeColumns) -> Outcome:
    table = ready.table
    return Outcome(
        overlay=ready.overlay,
        specification=table.specification,
        series=table.boundaries.series,
        option=table.boundaries.option,
        sources=ready.sources,
        columns=columns,
        needed=needed(table, tally(table, ready.marks)),
    )


_COMPARED = ("status", "value", "points", "fine", "subject_mark", "next_grade", "marks_to_next", "floor", "ceiling",
             "rounding", "shift", "confidence")  # fmt: skip


def _compared(outcome: Outcome | Refused, actual: Outcome | Refused) -> Outcome | Refused:
    if isinstance(outcome, Refused) or isinstance(actual, Refused):
        return outcome
    changed = [name for name in _COMPARED if getattr(outcome.columns, name) != getattr(actual.columns, name)]
    if outcome.specification.identity != actual.specification.identity:
        changed.append("specification")
    changed += [name for name in ("series", "option") if getattr(outcome, name) != getattr(actual, name)]
    return replace(outcome, changed=tuple(changed))
