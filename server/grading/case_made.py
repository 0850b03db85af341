"""Specifications and boundaries made for one case, which states its own figures."""

from __future__ import annotations

from fractions import Fraction

from server.grading.boundaries import BoundaryRow, BoundarySet, UnitRow
from server.grading.requirements import Requirement
from server.grading.results import Result
from server.grading.scales import grade_steps
from server.grading.specification import Component, GradeStep, Retake, Scheme, Specification

_ABSENCES = frozenset({"#", "X"})
"""How boards print that a candidate was absent."""


def specification_of(
    components: tuple[Component, ...],
    grades: tuple[str, ...],
    most: Fraction,
    requirements: tuple[Requirement, ...] = (),
    scheme: Scheme = Scheme.UNITISED,
    steps: tuple[GradeStep, ...] | None = None,
    retake: Retake = Retake.NEWEST,
) -> Specification:
    return Specification(
        identity="case",
        board="",
        code="case",
        title="",
        qualification="",
        tier=None,
        max_mark=most,
        components=components,
        grades=steps or grade_steps(grades),
        scheme=scheme,
        retake=retake,
        requirements=requirements,
    )


def boundaries_of(rows: tuple[tuple[str, Fraction], ...], *units: UnitRow) -> BoundarySet:
    return BoundarySet("case", "case", tuple(BoundaryRow(*row) for row in rows), (), "stated", units=units)


def outcome_of(result: Result) -> dict[str, object]:
    return {"grade": result.grade, "status": result.status.value, "flags": list(result.flags)}


def absent(value: object) -> bool:
    return isinstance(value, str) and value.strip().upper() in _ABSENCES
