"""Books as text: one canonical form, and a refusal with a sentence for anything else."""

import json
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.errors import PolicyInvalid, PolicyUnavailable
from server.policies.rule import Rule, RuleBookInvalid
from server.policies.rule_book import RuleBook
from server.policies.shipped import shipped_ceiling, starting_book
from server.policies.vocabulary import ACTIONS, CONDITIONS, COURSES, DUTIES, ROLES, SCOPES
from server.register.elements import ELEMENTS, GROUPS
from tests.properties.policies.books import books

ROW = "p, r1, class_teacher, mark, read, taught_course, -, -, allow"


@settings(max_examples=50)
@given(books())
def test_content_gives_the_same_book_again(book: RuleBook) -> None:
    """Text and hash survive the way into a row and back."""
    again = RuleBook.from_content(book.content())
    assert again == book
    assert again.digest() == book.digest()


def test_the_hash_tells_books_apart() -> None:
    """Any changed field gives another digest."""
    digests = {RuleBook((Rule("r1", "tutor", "mark", "read", scope),)).digest() for scope in ("own", "pastoral")}
    assert len(digests) == 2
    assert len(starting_book().digest()) == 64
    assert starting_book().digest() != shipped_ceiling().book.digest()


def test_a_file_may_speak_to_people() -> None:
    """Comments, blank lines and aligned cells are read; conditions and duties are joined by +."""
    book = RuleBook.from_csv(
        f"# Teachers\n\n{ROW}\r\np,r2 , tutor,medical,read,pastoral, trained:sen+reason ,log,deny\n"
    )
    assert book.rules[0] == Rule("r1", "class_teacher", "mark", "read", "taught_course")
    assert book.rules[1].conditions == ("trained:sen", "reason")
    assert (book.rules[1].duties, book.rules[1].effect) == (("log",), "deny")


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (ROW.replace("class_teacher", "class_techer"), "unknown_role"),
        (ROW.replace("mark", "marks"), "unknown_element"),
        (ROW.replace("read", "reads"), "unknown_action"),
        (ROW.replace("read", "any"), "unknown_action"),
        (ROW.replace("taught_course", "taught&published"), "unknown_scope"),
        (ROW.replace("-, -", "trained, -"), "unknown_condition"),
        (ROW.replace("-, -", "-, logs"), "unknown_duty"),
        (ROW.replace("-, -", "reason+, -"), "unknown_condition"),
        (ROW.replace("allow", "Allow"), "unknown_effect"),
        (ROW.replace("allow", "DENY"), "unknown_effect"),
        (ROW.replace("r1", "r 1"), "bad_id"),
        (ROW.replace("r1", '"r,1"'), "short_row"),
        (ROW.replace("r1", '"r1"'), "bad_id"),
        (ROW.replace("r1", "r'1"), "bad_id"),
        (ROW.replace("r1", "r\u202e1"), "bad_id"),
        (ROW.replace("r1", "r\x001"), "bad_id"),
        (ROW.replace("r1", "r" * 41), "bad_id"),
        (ROW.replace("r1", "\u0661"), "bad_id"),
        (ROW.replace("mark", "mark # all"), "unknown_element"),
        (f"{ROW}\n{ROW}", "doubled_id"),
        (ROW.removesuffix(", allow"), "short_row"),
        (f"{ROW}, allow", "short_row"),
        (ROW.replace("class_teacher", "class_teacher, tutor"), "short_row"),
        ("q, r1", "short_row"),
        ("g, parent, staff", "foreign_group_row"),
        ("g, class_teacher, tutor", "foreign_group_row"),
        ("g2, ethnicity, personal", "foreign_group_row"),
        ("g2, name", "short_row"),
    ],
)
def test_a_row_that_is_not_understood_is_refused(bad: str, code: str) -> None:
    """Each with a code, the place, and a sentence of printable characters on one line."""
    with pytest.raises(RuleBookInvalid) as raised:
        RuleBook.from_csv(bad)
    assert code in {found.code for found in raised.value.findings}
    assert raised.value.code == PolicyInvalid.code
    assert not isinstance(raised.value, PolicyUnavailable)
    assert raised.value.message.isprintable()


def test_a_quoted_newline_is_no_way_in() -> None:
    """A cell can't hold a line break: the row ends there, and what is left is a short row."""
    with pytest.raises(RuleBookInvalid):
        RuleBook.from_csv(ROW.replace("mark", '"mark\n"'))


def test_ten_thousand_rules_are_refused() -> None:
    """A book that would slow every plan is refused as a whole."""
    text = "\n".join(ROW.replace("r1", f"r{number}") for number in range(10_000))
    with pytest.raises(RuleBookInvalid) as raised:
        RuleBook.from_csv(text)
    assert {found.code for found in raised.value.findings} == {"too_many_rules"}


def test_the_longest_book_is_read_again() -> None:
    """What a draft may hold, a stored version may hold: 2,000 rules with the longest words, each word once."""
    role, element, action, scope = (max(known, key=len) for known in (ROLES, {*ELEMENTS, *GROUPS}, ACTIONS, SCOPES))
    longest = Rule("", role, element, action, scope, tuple(CONDITIONS), tuple(DUTIES))
    rules = tuple(replace(longest, id=f"{number:040}") for number in range(2_000))
    full = replace(starting_book(), rules=rules, raised=tuple((word, max(COURSES, key=len)) for word in ELEMENTS))
    assert RuleBook.from_content(full.content()) == full


_GOOD = json.loads(RuleBook((Rule("r1", "tutor", "mark", "read", "pastoral"),)).content())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{}",
        "[" * 100_000,
        '{"rules": 1, "role_groups": [], "element_groups": []}',
        json.dumps({**_GOOD, "extra": []}),
        json.dumps({**_GOOD, "rules": [{**_GOOD["rules"][0], "effect": None}]}),
        json.dumps({**_GOOD, "rules": [{**_GOOD["rules"][0], "conditions": "reason"}]}),
        json.dumps({**_GOOD, "rules": [{**_GOOD["rules"][0], "scope": "universe"}]}),
        json.dumps({**_GOOD, "rules": [{**_GOOD["rules"][0], "element": {"a": 1}}]}),
        json.dumps({**_GOOD, "role_groups": [["tutor"]]}),
        json.dumps({**_GOOD, "element_groups": [["name", "special"]]}),
        "x" * 4_000_000,
    ],
)
def test_stored_text_that_is_no_book_fails_closed(text: str) -> None:
    """Damaged content of a version is never half a book."""
    with pytest.raises(RuleBookInvalid):
        RuleBook.from_content(text)


@given(st.text())
def test_no_text_makes_the_reader_fall_over(text: str) -> None:
    """Any text is a book or a coded refusal."""
    for read in (RuleBook.from_csv, RuleBook.from_content):
        with suppress(RuleBookInvalid):
            read(text)
