"""Documents that a worker keeps: few enough that nobody fills its memory with documents of their own."""

from __future__ import annotations

from graphql import DocumentNode, build_schema

from server.resolvers.documents import MOST_DOCUMENTS, MOST_TEXT, Documents

SCHEMA = build_schema("type Query { a: Int }")


def kept() -> Documents:
    def any_will_do(_: DocumentNode) -> None: ...

    return Documents(SCHEMA, any_will_do)


def text(number: int, length: int) -> str:
    return f"{{ a }} #{number} ".ljust(length, "x")


def test_what_is_kept_has_so_many_characters_at_most() -> None:
    """The longest unused go; the last one is kept, and one that was used meanwhile."""
    documents, length = kept(), MOST_TEXT // 10
    documents.prepare(text(0, length))
    for number in range(1, 15):
        documents.prepare(text(number, length))
        documents.prepare(text(0, length))
    held = [number for number in range(15) if documents.knows(text(number, length))]
    assert held == [0, *range(6, 15)]


def test_many_short_ones_are_bounded_too() -> None:
    documents = kept()
    for number in range(MOST_DOCUMENTS + 5):
        documents.prepare(text(number, 12))
    assert not documents.knows(text(4, 12))
    assert documents.knows(text(5, 12))


def test_one_that_is_longer_than_all_is_answered_and_not_kept() -> None:
    documents, long = kept(), text(1, MOST_TEXT + 1)
    documents.prepare(text(0, 12))
    assert documents.prepare(long).operations
    assert not documents.knows(long)
    documents.prepare(text(2, 12))
    assert documents.knows(text(2, 12))
