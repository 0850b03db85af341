"""Specifications and boundaries as stored: the newest version of each, and the components of one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias
from uuid import UUID

from server.errors import BadUserInput
from server.exchange.bulk import Connection
from server.exchange.sign_offs import sign_offs
from server.grading.boundaries import BoundarySet
from server.grading.contents import boundaries_from_content, specification_from_content
from server.grading.sign_off import Signed
from server.grading.specification import Specification


@dataclass(frozen=True, slots=True)
class Qualification:
    """What a course is graded by; both ids are None for a course without a published qualification."""

    specification_id: UUID | None
    boundary_set_id: UUID | None


@dataclass(frozen=True, slots=True)
class Standing:
    """One series as stored, with the numbers of both versions and who signed them off."""

    signed: Signed
    specification: Specification
    boundaries: BoundarySet
    specification_version: int
    version: int
    imported_at: datetime


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


def standing(connection: Connection, row_id: str) -> Standing:
    """The newest stored version of a series, by an id such as AQA:8300:H:June_2025. Raises BadUserInput."""
    identity, _, series = row_id.rpartition(":")
    rows = connection.execute(
        "SELECT replace(b.series, ' ', '_'), s.specification_id, b.boundary_set_id, s.content, b.content, s.version, "
        "b.version, b.imported_at "
        "FROM usher.boundary_set AS b JOIN usher.specification AS s ON s.specification_id = b.specification_id "
        "WHERE s.code = %s ORDER BY s.version DESC, b.version DESC",
        [identity],
    ).fetchall()
    for found, rules_id, figures_id, rules, figures, *rest in rows:
        if found == series:
            signed = Signed(sign_offs(connection, rules_id), sign_offs(connection, figures_id))
            return Standing(signed, specification_from_content(rules), boundaries_from_content(figures), *rest)
    known = ", ".join(sorted({row[0] for row in rows}))
    remedy = f"stored are {known}" if known else "ID is the specification and the series, such as AQA:8300:H:June_2025"
    raise BadUserInput(f"id names no stored series: {remedy}.", ("id",))


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
