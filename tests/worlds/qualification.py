"""A made-up linear qualification of two papers, so that no published figure is repeated here."""

from fractions import Fraction
from uuid import UUID

from server import tables
from server.grading.boundaries import BoundaryRow, BoundarySet
from server.grading.contents import boundary_content, boundary_digest, specification_content, specification_digest
from server.grading.scales import grade_steps
from server.grading.specification import Component, Specification
from tests.worlds.world import World

SPECIFICATION_ID = UUID("01900000-0000-7000-8000-000000000001")
BOUNDARIES_ID = UUID("01900000-0000-7000-8000-000000000002")
_GRADES = ("9", "8", "7", "6", "5", "4", "3", "2", "1")


def specification() -> Specification:
    return Specification(
        identity="TEST:0001",
        board="TEST",
        code="0001",
        title="Mathematics of the tests",
        qualification="GCSE",
        tier=None,
        max_mark=Fraction(160),
        components=(Component("1", Fraction(80)), Component("2", Fraction(80))),
        grades=grade_steps(_GRADES),
    )


def boundaries() -> BoundarySet:
    """A 9 from 140 of 160 marks, and every grade below 15 marks further down."""
    rows = tuple(BoundaryRow(grade, Fraction(140 - 15 * place)) for place, grade in enumerate(_GRADES))
    return BoundarySet("TEST:0001", "2025-06", rows, ("made for tests",), "high")


def add_qualification(world: World) -> None:
    """The same two reference rows in every world."""
    made = specification()
    add_specification(world, SPECIFICATION_ID, made, code=made.code)
    add_boundaries(world, BOUNDARIES_ID, SPECIFICATION_ID, boundaries())


def add_specification(world: World, key: UUID, made: Specification, code: str | None = None) -> None:
    """Its first version; `code` is its identity where left out."""
    world.add(
        tables.SpecificationRow,
        specification_id=key,
        code=code or made.identity,
        version=1,
        board=made.board,
        title=made.title,
        qualification=made.qualification,
        digest=specification_digest(made),
        content=specification_content(made),
        imported_at=world.morning,
    )


def add_boundaries(world: World, key: UUID, specification_id: UUID, cut: BoundarySet) -> None:
    """Their first version."""
    world.add(
        tables.BoundarySetRow,
        boundary_set_id=key,
        specification_id=specification_id,
        series=cut.series,
        version=1,
        digest=boundary_digest(cut),
        source=cut.sources[0],
        confidence=cut.confidence,
        content=boundary_content(cut),
        imported_at=world.morning,
    )
