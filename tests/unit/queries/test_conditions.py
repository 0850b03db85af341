"""Conditions whose constants are folded."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import ColumnElement, column

from server.queries.conditions import ALWAYS, NEVER, all_of, any_of, negated, when

OPEN: ColumnElement[bool] = column("open")
PARTS = (ALWAYS, NEVER, OPEN)
parts = st.lists(st.sampled_from(PARTS), max_size=4)


@given(parts)
def test_folding_keeps_the_meaning(conditions: list[ColumnElement[bool]]) -> None:
    """A condition that is certain is the constant itself; any other keeps what is open."""
    never, always = any(one is NEVER for one in conditions), any(one is ALWAYS for one in conditions)
    opened = any(one is OPEN for one in conditions)
    both, either = all_of(conditions), any_of(conditions)
    assert (both is NEVER) == never
    assert (both is ALWAYS) == (not never and not opened)
    assert (either is ALWAYS) == always
    assert (either is NEVER) == (not always and not opened)


def test_negation_of_constants() -> None:
    assert negated(ALWAYS) is NEVER
    assert negated(NEVER) is ALWAYS
    assert str(negated(OPEN)) == "NOT open"


def test_what_is_certain_needs_no_case() -> None:
    value: ColumnElement[str] = column("value")
    assert when(ALWAYS, value) is value
    assert str(when(NEVER, value)) == "NULL"
    assert str(when(OPEN, value)) == "CASE WHEN open THEN value ELSE NULL END"


def test_de_morgan() -> None:
    for one, two in product(PARTS, PARTS):
        left, right = negated(all_of((one, two))), any_of((negated(one), negated(two)))
        assert (left is ALWAYS, left is NEVER) == (right is ALWAYS, right is NEVER)
