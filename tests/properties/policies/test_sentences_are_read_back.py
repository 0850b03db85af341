"""`parsed` is the inverse of `sentence`: for every rule of the vocabulary, however it is written."""

from itertools import product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.policies.parse import LONGEST_SENTENCE, parsed
from server.policies.phrases import WORDS
from server.policies.rule import Rule
from server.policies.sentence import sentence
from server.policies.vocabulary import ACTIONS, CONDITIONS, DUTIES, EFFECTS, ROLE_PHRASES, SCOPES

rules = st.builds(
    Rule,
    st.just("r1"),
    st.sampled_from(sorted(ROLE_PHRASES)),
    st.sampled_from(sorted(WORDS)),
    st.sampled_from(sorted(ACTIONS)),
    st.sampled_from(sorted(SCOPES)),
    st.lists(st.sampled_from(sorted(CONDITIONS)), unique=True, max_size=6).map(tuple),
    st.lists(st.sampled_from(sorted(DUTIES)), unique=True).map(tuple),
    st.sampled_from(EFFECTS),
)


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_every_role_element_and_scope_is_read_back(action: str) -> None:
    """Exhaustive; conditions, duties and effect take turns."""
    endings = [((), ()), (("trained:sen",), ("log",)), (("scope:attendance", "reason"), ()), ((), ("log", "notify"))]
    for number, (role, element, scope) in enumerate(product(ROLE_PHRASES, WORDS, SCOPES)):
        rule = Rule("r1", role, element, action, scope, *endings[number % 4], EFFECTS[number % 3 == 0])
        assert parsed(sentence(rule), "r1") == rule


def test_every_pair_of_conditions_and_duties_is_read_back() -> None:
    """In both orders: no phrase is taken for the end of another."""
    for conditions in product(CONDITIONS, CONDITIONS):
        rule = Rule("r1", "staff", "mark", "read", "own", conditions)
        assert parsed(sentence(rule), "r1") == rule
    for duties, action in product(product(DUTIES, DUTIES), ACTIONS):
        rule = Rule("r1", "staff", "mark", action, "own", ("reason",), duties)
        assert parsed(sentence(rule), "r1") == rule


@settings(max_examples=400)
@given(rules)
def test_any_rule_is_read_back(rule: Rule) -> None:
    """Any number of conditions and duties, in any order."""
    assert parsed(sentence(rule), rule.id) == rule


@settings(max_examples=200)
@given(rules, st.randoms(use_true_random=False))
def test_capitals_blanks_and_the_stop_are_the_writers(rule: Rule, chance: Random) -> None:
    """What a person types is not what a program prints."""
    said = sentence(rule).removesuffix(".").replace("'", "\N{RIGHT SINGLE QUOTATION MARK}")
    letters = "".join(letter.upper() if chance.random() < 0.3 else letter for letter in said)
    typed = f"  {letters} ".replace(" ", "  ").replace(",", " ,").replace(";  ", ";")
    assert parsed(typed, rule.id) == rule


def test_the_longest_rule_fits() -> None:
    """Every condition and duty at once, on the longest of phrases."""
    longest = max(
        (
            sentence(Rule("r1", role, element, action, scope, tuple(CONDITIONS), tuple(DUTIES), "deny"))
            for role, element, action, scope in product(ROLE_PHRASES, WORDS, ACTIONS, SCOPES)
        ),
        key=len,
    )
    assert len(longest) <= LONGEST_SENTENCE
    assert sentence(parsed(longest)) == longest
