"""Which elements decide what rows an answer has."""

from __future__ import annotations

from server.queries.nouns import NOUNS
from server.queries.steering import steering


def test_what_rows_exist_by_and_lists_are_asked_by_decides() -> None:
    """The existence of rows, filters, orders, lookups and edges."""
    assert steering() >= {
        "name",
        "behaviour",
        "mark",
        "pupil_premium",
        "sen_provision",
        "attendance",
        "identifier",
        "groups",
    }
    for noun in NOUNS.values():
        assert steering() >= {one.element for one in (*noun.filters, *noun.orders)}


def test_what_is_only_shown_does_not() -> None:
    assert not steering() & {"sen_needs", "medical", "guardian_contact", "learner_address", "service_child"}
