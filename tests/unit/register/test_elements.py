"""The register's rows against a list written independently of them."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from server.register.element import Element, LawfulBasis
from server.register.elements import ELEMENTS, GROUPS, Sensitivity
from server.register.existence import EXISTENCE
from server.register.retention import RETENTION
from tests.unit.register import golden

NAMES = [row[0] for row in golden.ELEMENTS]
BY_NAME = {row[0]: row for row in golden.ELEMENTS}


def problems(elements: Mapping[str, Element]) -> list[str]:
    """Every way in which elements differ from the golden list or leave a word of the register without meaning."""
    found = [f"{name} is missing" for name in NAMES if name not in elements]
    found += [f"{name} is not in the golden list" for name in elements if name not in NAMES]
    found += [f"{name} differs" for name, row in elements.items() if name in BY_NAME and fields(row) != BY_NAME[name]]
    words = {word for names in GROUPS.values() for word in names}
    words |= {row.element for row in EXISTENCE.values() if row.element}
    return found + [f"{word} is named but not declared" for word in sorted(words - set(elements))]


def fields(row: Element) -> tuple[str, Sensitivity, str | None, str | None, str]:
    return (row.name, row.sensitivity, row.article9, row.training, row.retention)


def test_elements_are_the_golden_list_in_register_order() -> None:
    """No element is missing, extra or changed, and `withheld` lists them in this order."""
    assert problems(ELEMENTS) == []
    assert list(ELEMENTS) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_element_is_declared_as_agreed(name: str) -> None:
    """Deleting or weakening this element's row turns this case red."""
    assert fields(ELEMENTS[name]) == BY_NAME[name]


@pytest.mark.parametrize("name", NAMES)
def test_a_deleted_element_is_noticed(name: str) -> None:
    """The check fails for a register without this row, for its absence and for a word that lost its meaning."""
    found = problems({key: row for key, row in ELEMENTS.items() if key != name})
    assert f"{name} is missing" in found
    in_use = any(name in names for names in GROUPS.values())
    assert in_use
    assert f"{name} is named but not declared" in found


@pytest.mark.parametrize("name", NAMES)
def test_a_weakened_element_is_noticed(name: str) -> None:
    """The check fails when sensitivity, training or retention of this row changes."""
    row = ELEMENTS[name]
    changes = (
        replace(row, sensitivity=Sensitivity((row.sensitivity + 1) % len(Sensitivity))),
        replace(row, training=None if row.training else "sen"),
        replace(row, article9=None if row.article9 else golden.ART_9),
        replace(row, retention="marketing"),
    )
    for changed in changes:
        assert problems({**ELEMENTS, name: changed}) == [f"{name} differs"]


@pytest.mark.parametrize("name", NAMES)
def test_element_is_complete(name: str) -> None:
    """Every row says what, why, on which basis, how handled, how long kept, and who asked for it."""
    row = ELEMENTS[name]
    assert row.name == name
    for sentence in (row.description, row.purpose, row.handling):
        assert sentence.endswith(".")
        assert sentence[0].isupper()
    assert row.title
    assert row.retention in RETENTION
    assert row.sources
    assert all(source.startswith("R") and 1 <= int(source[1:]) <= 152 for source in row.sources)


@pytest.mark.parametrize("name", NAMES)
def test_training_goes_with_the_wall(name: str) -> None:
    """The trained-staff rule, an Article 9 condition and a place in `special` come together or not at all."""
    row = ELEMENTS[name]
    guarded = row.sensitivity >= Sensitivity.TREATED_AS_SPECIAL
    assert row.guarded == guarded
    assert (row.training is not None) == guarded
    assert (row.article9 is not None) == guarded
    assert (name in GROUPS["special"]) == guarded
    assert ("certificate" in row.handling) == guarded


def test_every_element_has_one_of_the_four_covering_groups() -> None:
    """personal, special, structure and administration divide the register."""
    covering = [name for group in ("personal", "special", "structure", "administration") for name in GROUPS[group]]
    assert sorted(covering) == sorted(ELEMENTS)


@pytest.mark.parametrize("group", golden.GROUPS)
def test_group_is_as_agreed(group: str) -> None:
    """A rule about a group means these elements."""
    assert GROUPS[group] == tuple(golden.GROUPS[group].split())


def test_groups_are_closed() -> None:
    """Every group is in the golden list, refers to elements, repeats none, and shares no name with an element."""
    assert list(GROUPS) == list(golden.GROUPS)
    for names in GROUPS.values():
        assert set(names) <= set(ELEMENTS)
        assert len(set(names)) == len(names)
    assert not set(GROUPS) & set(ELEMENTS)


def test_sensitivity_is_ordered() -> None:
    """A school's override can be checked to raise a level and never to lower it."""
    assert Sensitivity.STRUCTURE < Sensitivity.PERSONAL < Sensitivity.TREATED_AS_SPECIAL < Sensitivity.SPECIAL_CATEGORY


@pytest.mark.parametrize("requirement", golden.AGREEMENT)
def test_the_agreements_table(requirement: str) -> None:
    """The ten rows of the agreement: purpose, ground, Article 9 condition and trained staff."""
    names, purpose, special = golden.AGREEMENT[requirement]
    for name in names:
        row = ELEMENTS[name]
        assert requirement in row.sources
        assert purpose in row.purpose.lower()
        assert row.lawful_basis is LawfulBasis.PUBLIC_TASK
        assert row.article9 == (golden.ART_9 if special else None)
        assert row.guarded == special


def test_pupil_premium_is_treated_as_special_but_is_not_by_law() -> None:
    """The agreement rates it special category; the register keeps the difference."""
    assert ELEMENTS["pupil_premium"].sensitivity is Sensitivity.TREATED_AS_SPECIAL


@pytest.mark.parametrize("requirement", golden.APP)
def test_the_app_explainers_table(requirement: str) -> None:
    """What the explainer lists for parents is in parent_app, except the date of birth, which only verifies."""
    for name in golden.APP[requirement]:
        assert requirement in ELEMENTS[name].sources
        assert (name in GROUPS["parent_app"]) == (name != "date_of_birth")


def test_parents_get_nothing_special() -> None:
    """parent_app holds no guarded element, no date of birth, no staff contact and no forecast."""
    assert not set(GROUPS["parent_app"]) & {*GROUPS["special"], "date_of_birth", "staff_contact", "forecast", "age"}
    assert set(GROUPS["parent_app_attainment"]) == set(GROUPS["parent_app"]) & set(GROUPS["attainment"])
