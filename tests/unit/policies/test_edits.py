"""Edits of a draft: all made or none, each refusal with a code, a place and a sentence."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.errors import PolicyInvalid
from server.policies.edits import Add, Change, Edit, EditsRefused, Lower, Raise, Remove, apply
from server.policies.rule import Rule
from server.policies.rule_book import RuleBook
from server.policies.shipped import shipped_ceiling, starting_book
from server.policies.validate import validate
from server.policies.vocabulary import COURSES
from server.register.elements import ELEMENTS

NEW = Rule("x1", "tutor", "photo", "read", "taught", ("reason",), ("log",))
OTHER = replace(NEW, scope="caseload")


def _refused(edits: Sequence[Edit], book: RuleBook | None = None) -> tuple[int, list[tuple[str, str]]]:
    """Position, place and code of what is refused; the book is shown to be what it was."""
    book = book or starting_book()
    before = book.content()
    with pytest.raises(EditsRefused) as raised:
        apply(book, edits)
    assert book.content() == before
    assert raised.value.code == PolicyInvalid.code
    assert raised.value.message.startswith("the edits can't be made: ")
    assert raised.value.message.isprintable()
    return raised.value.position, [(found.rule_id, found.code) for found in raised.value.findings]


def test_rules_are_added_changed_and_removed() -> None:
    """Added at the end, changed in their place, and the book they came from stays as it is."""
    book = starting_book()
    first, second, *_ = book.rules
    edited = apply(book, [Add(NEW), Change(replace(second, conditions=("reason",))), Remove(first.id)])
    assert edited.rules == (replace(second, conditions=("reason",)), *book.rules[2:], NEW)
    assert (edited.role_groups, edited.element_groups) == (book.role_groups, book.element_groups)
    assert book == starting_book()
    assert apply(book, []) == book
    assert apply(edited, [Remove("x1")]).rules == edited.rules[:-1]


def test_an_edit_sees_those_before_it() -> None:
    """A rule may be added and changed at once, and an id that was freed may be taken."""
    edited = apply(RuleBook(()), [Add(NEW), Change(OTHER)])
    assert edited.rules == (OTHER,)
    assert apply(edited, [Remove("x1"), Add(NEW)]).rules == (NEW,)


def test_a_rule_without_an_id_gets_the_next() -> None:
    """s001 and on; an id that these edits freed is not given again, nor one that stands anywhere in the book."""
    nameless = replace(NEW, id="")
    book = apply(starting_book(), [Add(nameless), Add(replace(OTHER, id=""))])
    assert [rule.id for rule in book.rules[-2:]] == ["s001", "s002"]
    again = apply(book, [Remove("s002"), Add(replace(OTHER, id=""))])
    assert again.rules[-1].id == "s003"
    odd = RuleBook(tuple(replace(NEW, id=rule_id) for rule_id in ("s007", "s1000000000", "s999999999", "s1", "sx")))
    assert apply(odd, [Add(nameless)]).rules[-1].id == "s1000000001"


@pytest.mark.parametrize(
    ("edits", "position", "said"),
    [
        ([Change(NEW)], 0, [("x1", "unknown_rule")]),
        ([Remove("x1")], 0, [("x1", "unknown_rule")]),
        ([Add(NEW), Remove("x1"), Remove("x1")], 2, [("x1", "unknown_rule")]),
        ([Remove("")], 0, [("''", "unknown_rule")]),
        ([Remove("x\u202e\x00\n1")], 0, [("'x\\u202e\\x00\\n1'", "unknown_rule")]),
        ([Add(NEW), Add(OTHER)], 1, [("x1", "doubled_id")]),
        ([Add(replace(NEW, id="r007"))], 0, [("r007", "doubled_id")]),
        (
            [Add(replace(NEW, role="techer", scope="everywhere"))],
            0,
            [("x1", "unknown_role"), ("x1", "unknown_scope")],
        ),
        ([Add(NEW), Change(replace(NEW, effect="Deny"))], 1, [("x1", "unknown_effect")]),
        ([Add(replace(NEW, id="x\u202e1"))], 0, [("'x\\u202e1'", "bad_id")]),
        ([Add(replace(NEW, conditions=("reason", "reason")))], 0, [("x1", "doubled_word")]),
        ([Add(replace(NEW, conditions=("?",) * 10_000))], 0, [("x1", "unknown_condition")] * 20),
        ([Add(replace(NEW, conditions=("reason",) * 10_000))], 0, [("x1", "doubled_word")]),
        ([Raise("shoe_size", "welfare")], 0, [("raise", "unknown_element")]),
        ([Raise("photo", "pottery")], 0, [("raise", "unknown_course")]),
        ([Raise("shoe_size", "")], 0, [("raise", "unknown_element"), ("raise", "unknown_course")]),
        ([Raise("personal", "welfare")], 0, [("raise", "raised_group")]),
        ([Raise("medical", "welfare")], 0, [("raise", "already_special")]),
        ([Raise("policy", "welfare")], 0, [("raise", "ceiling_alone")]),
        ([Raise("reference", "welfare")], 0, [("raise", "not_personal")]),
        ([Raise("photo", "welfare"), Raise("photo", "equality")], 1, [("raise", "already_raised")]),
        ([Lower("photo")], 0, [("raise", "not_raised")]),
        ([Lower("medical")], 0, [("raise", "not_raised")]),
        ([Lower("sh\u202eoe")], 0, [("raise", "not_raised")]),
        ([Raise("photo", "welfare"), Lower("photo"), Lower("photo")], 2, [("raise", "not_raised")]),
    ],
)
def test_an_edit_that_cannot_be_made_refuses_all(edits: list[Edit], position: int, said: list[tuple[str, str]]) -> None:
    """The first such edit is told; the edits before it are not made either."""
    assert _refused(edits) == (position, said)


def test_elements_are_raised_and_lowered() -> None:
    """In the register's order, whatever the order of the edits; lowered again, the book is what it was."""
    raised = apply(starting_book(), [Raise("photo", "welfare"), Raise("gender", "equality")])
    assert raised.raised == (("gender", "equality"), ("photo", "welfare"))
    assert apply(starting_book(), [Raise("gender", "equality"), Raise("photo", "welfare")]).digest() == raised.digest()
    assert RuleBook.from_content(raised.content()) == raised
    assert apply(raised, [Lower("photo"), Lower("gender")]) == starting_book()
    assert apply(raised, [Lower("photo"), Raise("photo", "sen")]).raised == (("gender", "equality"), ("photo", "sen"))


@settings(max_examples=100)
@given(st.lists(st.tuples(st.sampled_from(sorted(ELEMENTS)), st.sampled_from(sorted(COURSES)), st.booleans())))
def test_no_order_of_raises_gets_below_the_register(chosen: list[tuple[str, str, bool]]) -> None:
    """A special element of the register is never among a book's raises, so that nothing can undo it."""
    book = RuleBook(())
    for element, course, up in chosen:
        edit = Raise(element, course) if up else Lower(element)
        try:
            book = apply(book, [edit])
        except EditsRefused:
            continue
        assert not ELEMENTS[element].guarded
        assert (element in dict(book.raised)) == up
    assert book.checked() == book


def test_two_thousand_rules_are_a_book_and_one_more_is_refused() -> None:
    """By what the book would hold, not by how many edits there are."""
    rules = [replace(NEW, id=f"x{number}") for number in range(2_000)]
    full = apply(RuleBook(()), [Add(rule) for rule in rules])
    assert len(full.rules) == 2_000
    assert _refused([Add(replace(NEW, id="y"))], full) == (0, [("book", "too_many_rules")])
    assert _refused([Change(rules[0]), Add(replace(NEW, id=""))], full) == (1, [("book", "too_many_rules")])
    assert len(apply(full, [Remove("x7"), Add(replace(NEW, id="y"))]).rules) == 2_000


def test_ten_thousand_rules_at_once_are_refused_with_one_sentence() -> None:
    """Before any of them is looked at: these are full of unknown words."""
    bad = replace(NEW, role="?", conditions=("?",) * 100)
    assert _refused([Add(bad)] * 10_000) == (2_000, [("book", "too_many_edits")])
    book = RuleBook(tuple(replace(bad, id=f"x{number}") for number in range(10_000)))
    assert [found.code for found in validate(book, shipped_ceiling())] == ["too_many_rules"]
