"""Files that people check: what is written is what is read, and spoilt text is a finding."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from server.grading.contents import boundaries_from_content, specification_from_content
from server.grading.files.folder import read_files
from server.grading.files.reading import boundary_values, parse, specification_values
from server.grading.files.writing import boundary_text, specification_text
from server.grading.specification import Provenance
from tests.properties.grading.unit_worlds import unit_worlds
from tests.properties.grading.worlds import World, checked, worlds

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=20)
PROVENANCES = st.builds(
    Provenance,
    st.lists(TEXTS, max_size=2).map(tuple),
    TEXTS,
    TEXTS,
    st.none() | st.dates().map(str),
    st.none() | TEXTS,
    st.none() | TEXTS,
    st.none() | TEXTS,
)


@checked
@given(worlds() | unit_worlds(), PROVENANCES)
def test_an_object_comes_back_from_its_file(world: World, provenance: Provenance) -> None:
    """Any scheme, factors that no decimal holds, and any words in whatever script."""
    specification, boundaries = replace(world[0], provenance=provenance), world[1]
    rules, series = parse(specification_text(specification)), parse(boundary_text(boundaries))
    assert specification_from_content(specification_values(rules)) == specification
    assert boundaries_from_content(boundary_values(series)) == boundaries


@checked
@given(worlds(), st.data())
def test_spoilt_text_is_a_finding(world: World, data: st.DataObject) -> None:
    """Nothing is raised for any text, and what has an error gives no row."""
    text = boundary_text(world[1])
    place = data.draw(st.integers(0, len(text)))
    spoilt = text[:place] + data.draw(st.text(max_size=4)) + text[data.draw(st.integers(place, len(text))) :]
    files = read_files({"rules.toml": specification_text(world[0]), "series.toml": spoilt}, {})
    of_series = {found.severity for found in files.findings if found.file == "series.toml"}
    assert not ("error" in of_series and files.rows)
