"""A comma, a quote, a line break, `#`, a direction mark or NUL in any field of a rule: refused on every way in."""

import json
from dataclasses import replace
from itertools import product

import pytest

from server.policies.edits import Add, Change, Edit, EditsRefused, Lower, Raise, Remove, apply
from server.policies.parse import SentenceNotRead, parsed
from server.policies.rule import Rule, RuleBookInvalid
from server.policies.rule_book import RuleBook
from server.policies.shipped import starting_book

LETTERS = {
    "comma": ",",
    "double quote": '"',
    "single quote": "'",
    "line break": "\n",
    "carriage return": "\r",
    "hash": "#",
    "right-to-left mark": "\u200f",
    "right-to-left override": "\u202e",
    "NUL": "\x00",
    "lone surrogate": "\ud800",
    "plus": "+",
    "blank": "\u00a0",
}
RULE = Rule("x1", "tutor", "photo", "read", "taught", ("reason",), ("log",))
FIELDS = Rule.__slots__
CASES = [
    pytest.param(letter, field, id=f"{name} in {field}") for (name, letter), field in product(LETTERS.items(), FIELDS)
]


def _hostile(letter: str, field: str) -> list[Rule]:
    """The letter before, within and after the field's word."""
    value = getattr(RULE, field)
    word = value if isinstance(value, str) else value[0]
    spoilt = (letter + word, word[:2] + letter + word[2:], word + letter)
    return [replace(RULE, **{field: one if isinstance(value, str) else (one,)}) for one in spoilt]


def _assert_told(error: RuleBookInvalid, letter: str) -> None:
    assert error.findings
    for found in error.findings:
        assert found.code
        assert found.sentence.isprintable()
        assert found.rule_id.isprintable()
    assert error.message.isprintable()
    if not letter.isprintable():
        assert letter not in error.message


@pytest.mark.parametrize(("letter", "field"), CASES)
def test_no_edit_lets_it_in(letter: str, field: str) -> None:
    """Added or put in a rule's place; the book stays what it was, and the sentence never shows the letter raw."""
    book = apply(starting_book(), [Add(RULE)])
    before = book.content()
    for rule in _hostile(letter, field):
        edits: tuple[Edit, ...] = (Add(rule), Change(rule))
        for edit in edits:
            with pytest.raises(EditsRefused) as raised:
                apply(book, [edit])
            _assert_told(raised.value, letter)
    assert book.content() == before


@pytest.mark.parametrize(("letter", "field"), CASES)
def test_no_stored_text_lets_it_in(letter: str, field: str) -> None:
    """Through JSON every letter arrives whole, and its word is unknown."""
    for rule in _hostile(letter, field):
        with pytest.raises(RuleBookInvalid) as raised:
            RuleBook.from_content(RuleBook((rule,)).content())
        _assert_told(raised.value, letter)


@pytest.mark.parametrize(("letter", "field"), CASES)
def test_no_file_lets_it_in(letter: str, field: str) -> None:
    """A file has no quoting: what isn't a word of the vocabulary is refused, and never becomes another rule.

    A line may end as it likes: that is no part of its last word.
    """
    for rule in _hostile(letter, field):
        text = f"p, {', '.join(rule.row())}\n"
        try:
            book = RuleBook.from_csv(text)
        except RuleBookInvalid as error:
            _assert_told(error, letter)
        else:
            assert letter in "\r\n"
            assert book == RuleBook((RULE,))


@pytest.mark.parametrize("letter", LETTERS.values(), ids=LETTERS)
def test_no_raise_and_no_id_lets_it_in(letter: str) -> None:
    """The other words that an edit holds, and a book's raises and groups."""
    book = starting_book()
    edits: tuple[Edit, ...] = (
        Raise(f"pho{letter}to", "welfare"), Raise("photo", f"wel{letter}fare"), Lower(f"pho{letter}to"),
        Remove(f"r{letter}007"),
    )  # fmt: skip
    for edit in edits:
        with pytest.raises(EditsRefused) as raised:
            apply(book, [edit])
        _assert_told(raised.value, letter)
    for spoilt in (
        replace(book, raised=((f"pho{letter}to", "welfare"),)),
        replace(book, raised=(("photo", f"welfare{letter}"),)),
        replace(book, role_groups=((f"tutor{letter}", "staff"),)),
        replace(book, element_groups=(("mark", f"{letter}attainment"),)),
    ):
        with pytest.raises(RuleBookInvalid) as refused:
            RuleBook.from_content(spoilt.content())
        _assert_told(refused.value, letter)


def test_ten_thousand_rules_are_refused_with_one_sentence_on_every_way_in() -> None:
    """As edits see test_edits; as stored text and as a file, short of the longest text and beyond it."""
    bare = json.dumps({"rules": [0] * 10_000, "role_groups": [], "element_groups": []})
    whole = RuleBook(tuple(replace(RULE, id=f"x{number}") for number in range(10_000))).content()
    rows = "\n".join(f"p,x{number},tutor,photo,read,taught,-,-,allow" for number in range(10_000))
    for read, text, code in (
        (RuleBook.from_content, bare, "too_many_rules"),
        (RuleBook.from_content, whole, "too_many_rules"),
        (RuleBook.from_content, whole * 5, "too_long"),
        (RuleBook.from_csv, rows, "too_many_rules"),
        (RuleBook.from_csv, rows * 9, "too_long"),
    ):
        with pytest.raises(RuleBookInvalid) as raised:
            read(text)
        assert [found.code for found in raised.value.findings] == [code]
        assert "at most" in raised.value.message


def test_a_foreign_id_is_not_echoed_raw() -> None:
    """Every finding about it shows it escaped."""
    spoilt = replace(RULE, id="r\u202e\x001")
    with pytest.raises(RuleBookInvalid) as raised:
        RuleBook((spoilt, spoilt)).checked()
    assert {found.code for found in raised.value.findings} == {"bad_id", "doubled_id"}
    _assert_told(raised.value, "\u202e")
    with pytest.raises(SentenceNotRead) as unread:
        parsed("Tutors", spoilt.id)
    _assert_told(unread.value, "\u202e")
