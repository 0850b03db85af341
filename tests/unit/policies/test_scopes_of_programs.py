"""Scopes of programs: parts that tell reading from writing, and the whole names of before."""

from server.policies.ceiling import Ceiling
from server.policies.planner import Planner
from server.policies.profile import Profile
from server.policies.rule_book import RuleBook
from server.policies.shipped import shipped_ceiling, starting_book
from server.policies.vocabulary import CLIENT_SCOPES, WHOLE_SCOPES, Capacity, expanded, relations, scope_facts

CEILING: Ceiling = shipped_ceiling()


def of_before() -> RuleBook:
    """The starting book as it was before the split."""
    content = starting_book().content()
    for scope in CLIENT_SCOPES:
        whole, _, part = scope.partition(".")
        content = content.replace(f"scope:{scope}", f"scope:{whole}") if part else content
    return RuleBook.from_content(content)


def may(book: RuleBook, scopes: list[str], element: str, action: str) -> bool:
    profile = Profile.of(Capacity.CLIENT, ["mis_client"], {"grant", *scope_facts(scopes)})
    return Planner(book, CEILING).plan(profile, element, action).visible(relations())


def test_a_whole_name_stands_for_its_parts() -> None:
    """Each has one or two, and nothing else has."""
    assert expanded(["roster-core"]) == {"roster-core.readonly", "roster-core.createput"}
    assert all(expanded([whole]) <= set(CLIENT_SCOPES) and expanded([whole]) for whole in WHOLE_SCOPES)
    assert expanded(["special-write", "nothing"]) == {"special-write", "nothing"}


def test_a_reader_does_not_write_nor_a_writer_read() -> None:
    """Under the book of today, and under one from before the split, which names whole scopes."""
    for book in (starting_book(), of_before()):
        assert may(book, ["roster-core.readonly"], "name", "read")
        assert not may(book, ["roster-core.readonly"], "name", "write")
        assert may(book, ["roster-core.createput"], "name", "write")
        assert not may(book, ["roster-core.createput"], "name", "read")
        assert not may(book, ["roster-core.readonly", "roster-core.createput"], "date_of_birth", "write")
        assert may(book, ["roster-demographics"], "date_of_birth", "write")
