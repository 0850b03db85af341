"""Reading marks: what stands, what a word means, and what is refused with which code."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from server.grading.errors import ErrorCode, GradingError
from server.grading.marks import ABSENT, EXEMPT, NOT_ENTERED, PENDING, Mark, MarkState, read_mark
from server.grading.specification import Component

HALVES = Component("P1", Fraction(80), Fraction(469, 400), step=Fraction(1, 2))
WHOLE = Component("P2", Fraction(80))


@pytest.mark.parametrize(
    ("value", "hundredths"),
    [
        (0, 0),
        (80, 8000),
        ("61.5", 6150),
        (" 61 ", 6100),
        ("61.500", 6150),
        ("007", 700),
        (Decimal("61.50"), 6150),
        (Decimal("6E+1"), 6000),
        (Decimal("-0"), 0),
        (Fraction(123, 2), 6150),
    ],
)
def test_numbers_become_hundredths(value: object, hundredths: int) -> None:
    """Whole numbers, decimals, fractions and text mean the same mark."""
    assert read_mark(HALVES, value) == Mark(MarkState.SCORED, hundredths)


@pytest.mark.parametrize(
    ("value", "mark"),
    [
        (None, NOT_ENTERED),
        ("", NOT_ENTERED),
        ("  ", NOT_ENTERED),
        ("X", ABSENT),
        ("x", ABSENT),
        ("absent", ABSENT),
        ("ABSENT", ABSENT),
        ("Pending", PENDING),
        ("EXEMPT", EXEMPT),
        ("NOT_ENTERED", NOT_ENTERED),
        (MarkState.ABSENT, ABSENT),
        (EXEMPT, EXEMPT),
    ],
)
def test_words_and_blanks_are_states(value: object, mark: Mark) -> None:
    """A blank is not entered, never nought."""
    assert read_mark(WHOLE, value) == mark


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (81, ErrorCode.MARK_ABOVE_MAXIMUM),
        ("80.5", ErrorCode.MARK_ABOVE_MAXIMUM),
        ("80.001", ErrorCode.MARK_ABOVE_MAXIMUM),
        (10**29, ErrorCode.MARK_ABOVE_MAXIMUM),
        (-1, ErrorCode.MARK_BELOW_ZERO),
        ("-0.25", ErrorCode.MARK_BELOW_ZERO),
        (Decimal("-0.001"), ErrorCode.MARK_BELOW_ZERO),
        ("61.5", ErrorCode.MARK_STEP),
        ("61.25", ErrorCode.MARK_STEP),
        ("0.30000000000000004", ErrorCode.MARK_STEP),
        (0.1 + 0.2, ErrorCode.MARK_NOT_A_NUMBER),
        (61.5, ErrorCode.MARK_NOT_A_NUMBER),
        (61.0, ErrorCode.MARK_NOT_A_NUMBER),
        ("１２", ErrorCode.MARK_NOT_A_NUMBER),
        ("+5", ErrorCode.MARK_NOT_A_NUMBER),
        ("1e400", ErrorCode.MARK_NOT_A_NUMBER),
        (Fraction(1, 3), ErrorCode.MARK_STEP),
        (True, ErrorCode.MARK_NOT_A_NUMBER),
        (False, ErrorCode.MARK_NOT_A_NUMBER),
        (float("nan"), ErrorCode.MARK_NOT_A_NUMBER),
        (float("inf"), ErrorCode.MARK_NOT_A_NUMBER),
        (Decimal("NaN"), ErrorCode.MARK_NOT_A_NUMBER),
        (Decimal("sNaN"), ErrorCode.MARK_NOT_A_NUMBER),
        (Decimal("1e999999999"), ErrorCode.MARK_NOT_A_NUMBER),
        (Decimal("1e-999999999"), ErrorCode.MARK_NOT_A_NUMBER),
        pytest.param(10**5000, ErrorCode.MARK_ABOVE_MAXIMUM, id="an endless whole number"),
        pytest.param("9" * 10_000, ErrorCode.MARK_NOT_A_NUMBER, id="endless digits"),
        ("NaN", ErrorCode.MARK_NOT_A_NUMBER),
        ("1e1", ErrorCode.MARK_NOT_A_NUMBER),
        ("1_0", ErrorCode.MARK_NOT_A_NUMBER),
        ("61/2", ErrorCode.MARK_NOT_A_NUMBER),
        ("٦١", ErrorCode.MARK_NOT_A_NUMBER),
        ("A", ErrorCode.MARK_NOT_A_NUMBER),
        ("12 34", ErrorCode.MARK_NOT_A_NUMBER),
        (b"61", ErrorCode.MARK_NOT_A_NUMBER),
        ([], ErrorCode.MARK_NOT_A_NUMBER),
        ({}, ErrorCode.MARK_NOT_A_NUMBER),
        (1j, ErrorCode.MARK_NOT_A_NUMBER),
    ],
)
def test_a_mark_that_cannot_stand_has_a_code_and_names_its_component(value: object, code: ErrorCode) -> None:
    """The message names the component and the remedy, and never the mark."""
    with pytest.raises(GradingError) as caught:
        read_mark(WHOLE, value)
    assert caught.value.code is code
    assert caught.value.component == "P2"
    assert "P2" in caught.value.message


def test_a_made_mark_is_checked_too() -> None:
    """A Mark built by hand passes the same gate."""
    with pytest.raises(GradingError) as caught:
        read_mark(WHOLE, Mark(MarkState.SCORED, 8100))
    assert caught.value.code is ErrorCode.MARK_ABOVE_MAXIMUM


def test_only_a_scored_mark_has_a_score() -> None:
    """An absent mark of 40 is a contradiction."""
    with pytest.raises(GradingError):
        Mark(MarkState.ABSENT, 4000)
