"""Units converted by the boundaries of the series in which they were sat, under the thresholds of another.

A board converts each attempt by the raw boundaries of its own series; what the whole needs for a grade is of the series in
which it is awarded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from server.grading.boundaries import BoundarySet
from server.grading.confidences import lowest
from server.grading.contents import boundary_digest
from server.grading.errors import ErrorCode, GradingError
from server.grading.specification import Component, Specification
from server.grading.stored_rules import Contents, read_boundaries, read_specification

_NAMED = 12
"""So many hex digits of a digest name it among the versions of one series."""


@dataclass(frozen=True, slots=True)
class Mixed:
    """`boundaries` with units of other series, and the lowest confidence. `flags` name the others by unit; `sources` are
    those of all."""

    boundaries: BoundarySet
    flags: tuple[str, ...]
    sources: tuple[str, ...]


def mixed(specification: Specification, boundaries: BoundarySet, others: Mapping[str, Contents]) -> Mixed:
    """`others` by component. Raises UNITS_DIFFER where a unit is another one under the other series' specification."""
    units = {row.component: row for row in boundaries.units}
    sets = [boundaries]
    flags: list[str] = []
    for component in specification.components:
        if component.code not in others:
            continue
        by = others[component.code]
        _check_same(component, read_specification(by.specification), specification)
        other = read_boundaries(by.boundaries)
        # A series without the unit converts nothing: the engine refuses it.
        units.pop(component.code, None)
        units |= {row.component: row for row in other.units if row.component == component.code}
        sets.append(other)
        flags.append(f"series:{component.code}:{other.series}:{boundary_digest(other)[:_NAMED]}")
    confidence = lowest([each.confidence for each in sets])
    sources = tuple(dict.fromkeys(source for each in sets for source in each.sources))
    return Mixed(replace(boundaries, units=tuple(units.values()), confidence=confidence), tuple(flags), sources)


def by_series(component: Component) -> bool:
    """Whether what its raw marks are worth is another thing in each series."""
    return component.conversion is not None and not component.conversion.fixed


def _check_same(component: Component, others: Specification, own: Specification) -> None:
    other = next((each for each in others.components if each.code == component.code), None)
    if other is None or _measured(other) != _measured(component):
        raise GradingError(
            ErrorCode.UNITS_DIFFER,
            f"Unit {component.code} was sat under another specification of {own.identity}, with another maximum or other "
            "uniform marks: put in boundaries of that series for the specification that grades now.",
            component.code,
        )


def _measured(component: Component) -> tuple[object, ...]:
    return component.max_raw, component.factor, component.conversion
