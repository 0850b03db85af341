"""Stored versions: what is written is what is read."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from server.grading.contents import (
    boundaries_from_content,
    boundary_content,
    boundary_digest,
    specification_content,
    specification_digest,
    specification_from_content,
    unsigned,
)
from server.grading.errors import GradingError
from server.grading.explanation import explain, explanation_data
from tests.properties.grading.worlds import World, checked, mixed_marks, worlds

LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text()


@checked
@given(worlds())
def test_content_gives_back_the_same_objects(world: World) -> None:
    """As text and as parsed JSON whose keys come in another order."""
    specification, boundaries = world
    content, figures = specification_content(specification), boundary_content(boundaries)
    assert specification_from_content(content) == specification
    assert boundaries_from_content(figures) == boundaries
    turned = dict(reversed(json.loads(content).items()))
    assert specification_digest(specification_from_content(turned)) == specification_digest(specification)
    assert boundary_digest(boundaries_from_content(json.loads(figures))) == boundary_digest(boundaries)


@checked
@given(worlds(), st.data())
def test_another_figure_is_another_digest(world: World, data: st.DataObject) -> None:
    """One boundary or one factor changed gives a new version."""
    specification, boundaries = world
    top = replace(boundaries.rows[0], mark=boundaries.rows[0].mark + Fraction(1, 100))
    assert boundary_digest(replace(boundaries, rows=(top, *boundaries.rows[1:]))) != boundary_digest(boundaries)
    part = data.draw(st.sampled_from(specification.components))
    parts = tuple(replace(each, factor=each.factor + 1) if each is part else each for each in specification.components)
    assert specification_digest(replace(specification, components=parts)) != specification_digest(specification)


@checked
@given(worlds(), st.none() | st.text(), st.none() | st.text())
def test_a_signature_is_no_part_of_a_digest(world: World, entered: str | None, checked: str | None) -> None:
    """And without it the content is that of a file that names nobody."""
    specification, boundaries = world
    provenance = replace(specification.provenance, entered_by=entered, checked_by=checked)
    rules = replace(specification, provenance=provenance)
    figures = replace(boundaries, entered_by=entered, checked_by=checked)
    assert specification_digest(rules) == specification_digest(specification)
    assert boundary_digest(figures) == boundary_digest(boundaries)
    nobody = replace(provenance, entered_by=None, checked_by=None)
    assert unsigned(specification_content(rules)) == specification_content(replace(rules, provenance=nobody))
    assert unsigned(boundary_content(figures)) == boundary_content(replace(figures, entered_by=None, checked_by=None))


@checked
@given(
    st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists, max_leaves=4), st.data()
)
def test_spoilt_content_is_a_coded_error(value: object, data: st.DataObject) -> None:
    """Any field replaced by anything is read, or refused with a code; nothing else is ever raised."""
    specification, boundaries = data.draw(worlds())
    for content, read in (
        (specification_content(specification), specification_from_content),
        (boundary_content(boundaries), boundaries_from_content),
    ):
        row = json.loads(content)
        row[data.draw(st.sampled_from(sorted(row)))] = value
        with suppress(GradingError):
            read(row)


@checked
@given(worlds(), st.data())
def test_an_explanation_is_plain_json_and_names_its_source(world: World, data: st.DataObject) -> None:
    """Every published figure in the trace has a source, and the tree survives JSON unchanged."""
    specification, boundaries = world
    explanation = explain(specification, boundaries, data.draw(mixed_marks(specification)))
    tree = explanation_data(explanation)
    assert json.loads(json.dumps(tree)) == json.loads(json.dumps(tree, sort_keys=True))
    for step in explanation.steps:
        assert step.text
        if step.kind in ("boundary", "next_boundary"):
            assert step.source == "a printed table"
    assert explanation.sources == boundaries.sources
