"""What sets two books apart: by id, each with its sentences, in a stable order."""

from dataclasses import replace

from hypothesis import given, settings

from server.policies.difference import Differences, differences
from server.policies.edits import Add, Change, Lower, Raise, Remove, apply
from server.policies.raising import lowered_sentence, raised_sentence
from server.policies.rule import Rule
from server.policies.rule_book import RuleBook
from server.policies.sentence import sentence
from server.policies.shipped import shipped_ceiling, starting_book
from tests.properties.policies.books import books

NEW = Rule("x1", "tutor", "photo", "read", "taught", ("reason",), ("log",))


def test_equal_books_differ_in_nothing() -> None:
    """The order of rules and groups decides nothing, and is no difference."""
    book = starting_book()
    turned = replace(book, rules=book.rules[::-1], element_groups=book.element_groups[::-1])
    assert differences(book, book).none
    assert differences(book, turned).none
    assert differences(book, book) == Differences((), (), (), (), (), (), ())


def test_each_difference_is_told_with_its_sentences() -> None:
    """Added and changed rules as the new book has them, removed ones as the old one had."""
    book = starting_book()
    first, second, third, *_ = book.rules
    wider = replace(second, scope="own", conditions=("reason",))
    new = apply(book, [Add(NEW), Change(wider), Remove(third.id), Remove(first.id), Add(replace(NEW, id="x0"))])
    found = differences(book, new)
    assert [(told.rule.id, told.sentence) for told in found.added] == [
        ("x1", "Tutors may read the photograph of learners they teach, if they give a reason; every read is logged."),
        ("x0", "Tutors may read the photograph of learners they teach, if they give a reason; every read is logged."),
    ]
    assert [(told.rule, told.sentence) for told in found.removed] == [
        (first, sentence(first)),
        (third, sentence(third)),
    ]
    (changed,) = found.changed
    assert (changed.before.rule, changed.before.sentence) == (second, sentence(second))
    assert (changed.after.rule, changed.after.sentence) == (wider, sentence(wider))
    assert changed.fields == ("scope", "conditions")
    assert not found.none


def test_raises_are_told_in_the_registers_order() -> None:
    """Another course for the same element is a raise undone and a raise made."""
    old = apply(starting_book(), [Raise("photo", "sen"), Raise("gender", "equality")])
    new = apply(old, [Lower("photo"), Raise("photo", "welfare"), Raise("name", "welfare"), Lower("gender")])
    found = differences(old, new)
    assert [(told.element, told.course, told.sentence) for told in found.raised] == [
        ("name", "welfare", raised_sentence("name", "welfare")),
        ("photo", "welfare", raised_sentence("photo", "welfare")),
    ]
    assert [(told.element, told.course, told.sentence) for told in found.lowered] == [
        ("gender", "equality", lowered_sentence("gender", "equality")),
        ("photo", "sen", lowered_sentence("photo", "sen")),
    ]


def test_groups_are_told_too() -> None:
    """An old version may put a role or an element into a group where a newer one does not."""
    book = starting_book()
    fewer = replace(book, role_groups=book.role_groups[1:], element_groups=book.element_groups[:-1])
    found = differences(book, fewer)
    assert found.groups_removed == tuple(sorted((book.role_groups[0], book.element_groups[-1])))
    assert differences(fewer, book).groups_added == found.groups_removed
    assert not found.none


@settings(max_examples=60)
@given(books(), books())
def test_the_differences_lead_from_one_book_to_the_other(old: RuleBook, new: RuleBook) -> None:
    """Taken as edits they make the new book's rules; taken the other way round, the old book's."""
    for one, other in ((old, new), (new, old)):
        found = differences(one, other)
        edits = [
            *(Remove(told.rule.id) for told in found.removed),
            *(Change(changed.after.rule) for changed in found.changed),
            *(Add(told.rule) for told in found.added),
        ]
        assert {*apply(one, edits).rules} == {*other.rules}
        assert found.none == (differences(other, one).none)


def test_the_guardrails_can_be_told_apart_from_a_book() -> None:
    """Every rule of both shipped files has its sentence."""
    found = differences(starting_book(), shipped_ceiling().book)
    assert len(found.added) + len(found.changed) == len(shipped_ceiling().book.rules)
