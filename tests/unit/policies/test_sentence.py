"""Rules as sentences, one sentence for each rule and one rule for each sentence."""

from itertools import product

import pytest

from server.policies.phrases import WORDS, phrase
from server.policies.rule import Rule
from server.policies.sentence import sentence
from server.policies.shipped import shipped_ceiling, starting_book
from server.policies.vocabulary import CONDITIONS, DUTIES, ROLE_GROUPS, ROLE_PHRASES, ROLES, SCOPES
from server.register.elements import ELEMENTS, GROUPS


@pytest.mark.parametrize(
    ("rule", "wanted"),
    [
        (
            Rule("r007", "class_teacher", "sen_needs", "read", "taught", ("trained:sen",), ("log",)),
            "Class teachers may read the special needs of learners they teach, if their SEN training is in date;"
            " every read is logged.",
        ),
        (
            Rule("d1", "staff", "photo", "read", "protected", effect="deny"),
            "Staff may not read the photograph of protected learners.",
        ),
        (
            Rule("r1", "parent", "grade", "read", "child&published"),
            "Parents may read the grades of children they are linked to, in a published report.",
        ),
        (
            Rule("r2", "parent", "guardian_contact", "write", "own", (), ("log",)),
            "Parents may change their own contact details as a parent; every change is logged.",
        ),
        (
            Rule("r3", "governor", "welfare", "count", "school", (), ("suppress",)),
            "Governors may see counts of all welfare details of everyone in the school; small numbers are suppressed.",
        ),
        (
            Rule("r4", "mis_client", "name", "write", "school", ("grant", "scope:roster-core"), ("log",)),
            "MIS clients may change the name of everyone in the school, if the school's grant is live and the grant"
            " covers the core roster; every change is logged.",
        ),
    ],
)
def test_sentences_read_aloud(rule: Rule, wanted: str) -> None:
    """As an officer would say it."""
    assert sentence(rule) == wanted


def test_every_word_has_a_phrase_of_its_own() -> None:
    """No word of the vocabulary is speechless, and no two share their words."""
    assert set(WORDS) == {*ELEMENTS, *GROUPS}
    assert set(ROLE_PHRASES) == {*ROLES, *ROLE_GROUPS}
    for phrases in (WORDS, ROLE_PHRASES, CONDITIONS, DUTIES):
        assert len(set(phrases.values())) == len(phrases)
    spoken = [phrase(element, scope) for element, scope in product(WORDS, SCOPES)]
    assert len(set(spoken)) == len(spoken)


def test_no_two_rules_say_the_same() -> None:
    """The sentences of both shipped books are all different."""
    for book in (starting_book(), shipped_ceiling().book):
        said = [sentence(rule) for rule in book.rules]
        assert len(set(said)) == len(said)
