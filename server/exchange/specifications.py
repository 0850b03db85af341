"""Specifications and boundaries as stored: the newest version of each, and the components of one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias
from uuid import UUID

from server.exchange.bulk import Connection
from server.grading.contents import specification_from_content
from server.grading.specification import Specification


@dataclass(frozen=True, slots=True)
class Qualification:
    """What a course is graded by; both ids are None for a course without a published qualification."""

    specification_id: UUID | None
    boundary_set_id: UUID | None


@dataclass(frozen=True, slots=True)
class Part:
    maximum: Decimal
    step: Decimal


Components: TypeAlias = dict[str, Part]


def qualifications(connection: Connection) -> dict[tuple[str, str], Qualification]:
    """The newest stored boundaries by (specification, series), such as ("AQA:8300:H", "June 2025")."""
    rows = connection.execute(
        "SELECT s.code, b.series, s.specification_id, b.boundary_set_id FROM usher.boundary_set AS b "
        "JOIN usher.specification AS s ON s.specification_id = b.specification_id ORDER BY s.version, b.version"
    )
    return {(row[0], row[1]): Qualification(row[2], row[3]) for row in rows}


def components(connection: Connection, specification_ids: Collection[UUID]) -> dict[UUID | None, Components]:
    rows = connection.execute(
        "SELECT specification_id, content FROM usher.specification WHERE specification_id = ANY(%s)",
        [list(specification_ids)],
    )
    return {row[0]: _components(specification_from_content(row[1])) for row in rows}


def _components(specification: Specification) -> Components:
    return {part.code: Part(_decimal(part.max_raw), _decimal(part.step)) for part in specification.components}


def _decimal(value: Fraction) -> Decimal:
    """Raw marks and steps have at most two decimal places."""
    return Decimal(value.numerator) / Decimal(value.denominator)
