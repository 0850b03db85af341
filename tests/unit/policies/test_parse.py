"""Sentences as people type them, and what is said of those that can't be read."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.errors import PolicyInvalid
from server.policies.parse import LONGEST_SENTENCE, SentenceNotRead, parsed
from server.policies.rule import Rule
from server.policies.sentence import sentence

SAID = (
    "Class teachers may read the special needs of learners they teach, if their SEN training is in date;"
    " every read is logged."
)
RULE = Rule("r007", "class_teacher", "sen_needs", "read", "taught", ("trained:sen",), ("log",))


@pytest.mark.parametrize(
    "typed",
    [
        SAID,
        SAID.removesuffix("."),
        SAID.upper(),
        SAID.lower(),
        f"   {SAID.replace(' ', '   ')}  ",
        SAID.replace(" ", "\u00a0"),
        SAID.replace(", if", " , if").replace("; ", ";"),
        f"{SAID} .",
    ],
)
def test_a_sentence_is_read(typed: str) -> None:
    """With or without capitals, blanks and the final stop; the id is the caller's."""
    assert parsed(typed, "r007") == RULE
    assert parsed(typed).id == ""


@pytest.mark.parametrize(
    ("said", "code", "asked", "nearest"),
    [
        (SAID.replace("Class teachers", "Class techers"), "unknown_role", '"Class techers"', '"class teachers"'),
        (SAID.replace("read the", "raed the"), "unknown_action", '"raed"', '"read"'),
        (SAID.replace("special needs", "special neds"), "unknown_object", "special neds", '"the special needs of'),
        (SAID.replace("learners they", "pupils they"), "unknown_object", "pupils they", "learners they teach"),
        (SAID.replace("SEN training", "SEN traning"), "unknown_condition", "SEN traning", '"their SEN training'),
        (SAID.replace("is logged", "is loged"), "unknown_duty", '"every read is loged"', '"every read is logged"'),
        (SAID.replace("every read", "every change"), "unknown_duty", '"every change is', '"every read is logged"'),
        ("Tutors may read the marks of protected learners, if", "unknown_condition", '""', "write a condition"),
        ("Tutors may read the marks of protected learners;", "unknown_duty", '""', "write a duty"),
        ("Tutors may read", "unknown_object", '""', "write what and of whom"),
        ("Tutors may eat the marks", "unknown_action", '"eat"', "read"),
        ("Tutors should read the marks", "no_verb", "may", "Tutors may read"),
        ("", "no_verb", "may", "Tutors may read"),
        (f"{SAID} {SAID}", "unknown_duty", "every read is logged. Class", "write a duty"),
        ("p, r1, tutor, mark, read, own, -, -, allow", "no_verb", "may", "Tutors may read"),
        ("Tutors # may read the marks of protected learners", "unknown_role", '"Tutors #"', '"tutors"'),
        ('"Tutors" may read the marks of protected learners', "unknown_role", "Tutors", '"tutors"'),
    ],
)
def test_what_is_not_understood_is_named(said: str, code: str, asked: str, nearest: str) -> None:
    """The part asked about, as it was typed, and the nearest words that are known."""
    with pytest.raises(SentenceNotRead) as raised:
        parsed(said, "r007")
    (found,) = raised.value.findings
    assert (found.rule_id, found.code) == ("r007", code)
    assert asked in found.sentence
    assert nearest in found.sentence
    assert found.sentence.count(" or ") <= 2 or code == "no_verb"
    assert raised.value.code == PolicyInvalid.code
    assert raised.value.message == f"not understood: r007: {found.sentence}"


@pytest.mark.parametrize(
    "letter", ["\x00", "\n", "\r", "\t", "\x7f", "\x85", "\u2028", "\u202e", "\u200f", "\u2066", "\ufeff", "\u200b",
               "\ud800", "\ue000", "\U000e0041"]
)  # fmt: skip
def test_an_invisible_character_is_refused_and_never_echoed(letter: str) -> None:
    """Wherever it stands; the sentence tells its place and number only."""
    for said in (SAID + letter, letter + SAID, SAID.replace("special", f"spe{letter}cial")):
        with pytest.raises(SentenceNotRead) as raised:
            parsed(said)
        (found,) = raised.value.findings
        assert found.code == "unspeakable"
        assert f"U+{ord(letter):04X}" in found.sentence
        assert raised.value.message.isprintable()


def test_a_long_text_is_refused_and_not_echoed() -> None:
    """Before anything of it is looked at."""
    with pytest.raises(SentenceNotRead, match=rf"at most {LONGEST_SENTENCE} characters"):
        parsed("\n" * (LONGEST_SENTENCE + 1))
    with pytest.raises(SentenceNotRead) as raised:
        parsed("x" * (LONGEST_SENTENCE - 100) + " may read the marks")
    assert len(raised.value.message) < 250


@settings(max_examples=100)
@given(st.one_of(st.text(), st.text(st.sampled_from(" ,;.'andifmayotre"))))
def test_any_text_is_a_rule_or_a_refusal(text: str) -> None:
    """Never another error, never a letter that can't be seen; what is read says the same again."""
    for said in (text, f"Tutors may read {text}", f"Tutors may read the marks of protected learners, if {text}"):
        try:
            rule = parsed(said)
        except SentenceNotRead as error:
            told = error.message
        else:
            assert parsed(sentence(rule)) == rule
            told = sentence(rule)
        assert told.isprintable()
