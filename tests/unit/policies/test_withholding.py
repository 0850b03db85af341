"""What books withhold of protected learners, and who may read concerns: from rules alone, of all books together."""

from __future__ import annotations

from dataclasses import replace

from server.policies.rule import Rule
from server.policies.rule_book import RuleBook
from server.policies.shipped import shipped_ceiling, starting_book
from server.policies.withholding import withholding

CONTACT = {"learner_address", "learner_contact", "guardian_contact", "staff_contact"}


def test_the_starting_book() -> None:
    """Groups of roles and elements are opened; who may read concerns is told with the facts that it takes."""
    found = withholding([starting_book()], shipped_ceiling())
    assert found.elements == CONTACT | {"photo", "behaviour", "name"}
    assert found.by_role["tutor"] == CONTACT | {"photo"}
    assert found.by_role["class_teacher"] == {"photo", "behaviour"}
    assert found.by_role["vendor_support"] == {"name"}
    assert "governor" not in found.by_role
    trained = frozenset({"trained:safeguarding"})
    assert found.openings == {("dsl", trained), ("head", trained | {"reason"})}


def test_what_one_of_several_books_withholds_is_withheld() -> None:
    """Also under a condition, of any action, and with words that the vocabulary doesn't have."""
    rules = (
        Rule("x1", "senco", "sen_needs", "write", "protected", ("reason",), effect="deny"),
        Rule("x2", "matron", "shoe_size", "read", "protected", effect="deny"),
        Rule("x3", "senco", "medical", "read", "restricted", effect="deny"),
    )
    found = withholding([starting_book(), RuleBook(rules), replace(starting_book(), rules=())], shipped_ceiling())
    assert found.by_role["senco"] == CONTACT | {"photo", "sen_needs"}
    assert found.by_role["matron"] == {"shoe_size"}
    assert "medical" not in found.elements


def test_without_books_nothing_is_withheld_or_open() -> None:
    """The ceiling denies nothing and opens nothing by itself."""
    found = withholding([], shipped_ceiling())
    assert (found.elements, found.openings) == (frozenset(), frozenset())
