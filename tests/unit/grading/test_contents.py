"""Canonical content: pinned, so that stored digests stay valid from release to release."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction

import pytest

from server.grading.boundaries import BoundaryRow, BoundarySet, UnitRow
from server.grading.contents import (
    boundaries_from_content,
    boundary_content,
    boundary_digest,
    specification_content,
    specification_digest,
    specification_from_content,
)
from server.grading.errors import ErrorCode, GradingError
from server.grading.scales import grade_steps
from server.grading.specification import Provenance, Specification
from tests.unit.grading.samples import computing, computing_boundaries, geography, geography_boundaries


def test_digests_do_not_move() -> None:
    """A change here makes every stored version a new one: it needs a new format number and a migration."""
    assert specification_digest(computing()) == "d5ff037f63810333845823537169b62de2a23a066551c89bd0bc7152d35b8153"
    assert boundary_digest(computing_boundaries()) == "ae3bf39f5cd5f160dfd75891b0effe8721b8c6692ddf1bfe27132228e0d321df"


def test_options_and_notes_survive() -> None:
    """Everything in the objects is in the content."""
    assert specification_from_content(specification_content(geography())) == geography()
    boundaries = geography_boundaries("D")
    assert boundaries_from_content(boundary_content(boundaries)) == boundaries


def test_content_is_sorted_ascii_without_blanks() -> None:
    """So the same bytes come from any JSON writer that is told so."""
    content = specification_content(computing())
    assert content.isascii()
    assert content == json.dumps(json.loads(content), sort_keys=True, separators=(",", ":"))


@pytest.mark.parametrize("content", ["", "[]", "{", "null", '{"scheme": "ums"}', '{"scheme": "linear"}', "[" * 100_000])
def test_what_is_no_specification_is_refused(content: str) -> None:
    """With a code, whatever it is."""
    with pytest.raises(GradingError) as caught:
        specification_from_content(content)
    assert caught.value.code is ErrorCode.BAD_CONTENT


def test_a_printed_conversion_and_a_provenance_are_kept() -> None:
    """Points that a board printed otherwise count after they were stored; a specification says who answers for it."""
    unit = UnitRow("1", (BoundaryRow("A", Fraction(30)),), ((Fraction(20), Fraction(33)),))
    figures = BoundarySet("T:1", "June 2025", (BoundaryRow("A", Fraction(80)),), ("a page",), "official", units=(unit,))
    assert boundaries_from_content(boundary_content(figures)) == figures
    rules = Specification("T:1", "T", "1", "Title", "GCSE", None, Fraction(100), (), grade_steps(("A",)))
    signed = replace(rules, provenance=Provenance(("a page",), checked_by="B. Ode"))
    assert specification_from_content(specification_content(signed)) == signed
    assert "provenance" not in specification_content(rules)
