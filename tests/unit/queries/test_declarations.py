"""What declarations must keep for everything that is built from them."""

from __future__ import annotations

import pytest

from server.policies.vocabulary import DENY_ONLY_SCOPES, SCOPES, atoms
from server.queries.ask import existence
from server.queries.noun import Explained, Group, Leaf, Many, Noun, One, Tally
from server.queries.nouns import NOUNS
from server.queries.scopes import OF_COURSE, OF_LEARNER, OWN
from server.register.elements import ELEMENTS

NAMES = sorted(NOUNS)


def _leaves(noun: Noun) -> list[Leaf | Explained]:
    inner = [leaf for one in noun.fields if isinstance(one, Group) for leaf in one.leaves]
    return [*(one for one in noun.fields if isinstance(one, Leaf | Explained)), *inner]


@pytest.mark.parametrize("name", NAMES)
def test_every_governed_field_names_elements_of_the_register(name: str) -> None:
    noun = NOUNS[name]
    named = {leaf.element for leaf in _leaves(noun)} | {one for leaf in _leaves(noun) for one in leaf.inputs}
    named |= {one.element for one in (*noun.filters, *noun.orders)} | set(existence(noun))
    for one in noun.fields:
        if isinstance(one, Many | One):
            named |= {one.element} - {None}
        if isinstance(one, Many):
            named |= {one.target_element} - {None}
    assert named <= ELEMENTS.keys()


@pytest.mark.parametrize("name", NAMES)
def test_every_edge_leads_to_a_declared_type_and_order(name: str) -> None:
    for one in NOUNS[name].fields:
        if isinstance(one, One | Many | Tally):
            assert one.target in NOUNS
        if isinstance(one, Many):
            assert one.order in {order.name for order in NOUNS[one.target].orders}
            assert 0 < one.usual <= one.maximum


@pytest.mark.parametrize("name", NAMES)
def test_names_are_given_once(name: str) -> None:
    noun = NOUNS[name]
    for names in (
        [one.name for one in noun.fields],
        [one.name for one in noun.filters],
        [one.name for one in noun.orders],
    ):
        assert len(set(names)) == len(names)


def test_every_relation_of_the_vocabulary_has_a_predicate() -> None:
    """`released` alone has none yet: no result of an awarding body has a row."""
    known = {*OF_LEARNER, *OF_COURSE, OWN, "published", "school"}
    words = {atom for token in SCOPES for atom in atoms(token)}
    assert words - known == {"released"}
    assert set(DENY_ONLY_SCOPES) <= OF_LEARNER.keys()
