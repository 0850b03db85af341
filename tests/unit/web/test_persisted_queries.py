"""The id of a document in `extensions.persistedQuery`, as Apollo's and urql's persisted queries send it."""

from typing import Any

import pytest

from server.web.refusals import Refusal
from server.web.requests import parameters_of

HASH = "0" * 64


def test_it_is_another_spelling_of_the_id() -> None:
    """With or without the text; what else stands in extensions is nobody's."""
    persisted = {"persistedQuery": {"version": 1, "sha256Hash": HASH}, "clientLibrary": {"name": "a"}}
    alone = parameters_of({"extensions": persisted, "variables": {"a": 1}})
    assert (alone.document, alone.document_id, alone.variables) == (None, HASH, {"a": 1})
    both = parameters_of({"query": "{ a }", "extensions": persisted})
    assert (both.document, both.document_id) == ("{ a }", HASH)
    assert parameters_of({"query": "{ a }", "extensions": {"persistedQuery": None}}).document_id is None


@pytest.mark.parametrize(
    "persisted",
    [
        1, "a", [], {}, {"version": 1}, {"sha256Hash": HASH}, {"version": 2, "sha256Hash": HASH},
        {"version": "1", "sha256Hash": HASH}, {"version": 1, "sha256Hash": 1}, {"version": 1, "sha256Hash": None},
    ],
)  # fmt: skip
def test_another_form_is_refused(persisted: Any) -> None:
    """400, whether or not a text stands beside it."""
    for request in ({}, {"query": "{ a }"}):
        with pytest.raises(Refusal) as refused:
            parameters_of(request | {"extensions": {"persistedQuery": persisted}})
        assert refused.value.status == 400


def test_two_ids_are_one_too_many() -> None:
    """Which counts is nobody's guess."""
    with pytest.raises(Refusal):
        parameters_of({"documentId": HASH, "extensions": {"persistedQuery": {"version": 1, "sha256Hash": HASH}}})
