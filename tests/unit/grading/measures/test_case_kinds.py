"""The published cases of Progress 8, and cases that are none."""

from __future__ import annotations

from typing import Any

import pytest

from server.demo.packs import pack_folder
from server.grading.errors import ErrorCode, GradingError
from server.grading.measures.case_kinds import progress8
from server.grading.pack_cases import Case, parse_cases
from tests.unit.grading.measures.published import published

CASES = [
    case for case in parse_cases((pack_folder() / "cases.jsonl").read_text("utf-8"))[0] if case.kind == "progress8"
]
FIVES: dict[str, Any] = {
    "ks2_average": "105.0",
    "english_best": "5",
    "both_english_taken": True,
    "maths": "5",
    "ebacc": ["5", "5", "5"],
    "open": ["5", "5", "5"],
}


def test_the_pack_has_cases() -> None:
    """All four."""
    assert len(CASES) == 4


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.case_id)
def test_a_published_case_comes_out_to_the_letter(case: Case) -> None:
    """The texts are compared as texts: 0.40 is not 0.4."""
    assert progress8(published(), case.spec, case.input) == case.expected


def test_blanks_are_empty_slots() -> None:
    """None, a missing list and a list of nothing all count 0."""
    bare = {"ks2_average": 100, "both_english_taken": False, "english_best": None, "maths": None, "open": [None]}
    assert progress8(published(), "DfE:2023", bare) == {
        "attainment8": "0.0",
        "estimate": "36.3",
        "progress8_unrounded": "-3.63",
        "progress8_2dp": "-3.63",
    }


def test_a_fourth_in_ebacc_competes_for_an_open_slot() -> None:
    """The best three stay, the next goes where it gives more than what stands there."""
    crowded = FIVES | {"ebacc": ["6", "5", "5", "4"], "open": ["1", "5", "5"]}
    assert progress8(published(), "DfE:2023", crowded)["attainment8"] == "50.0"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"both_english_taken": "yes"}, ErrorCode.BAD_CONTENT),
        ({"both_english_taken": None}, ErrorCode.BAD_CONTENT),
        ({"ks2_average": None}, ErrorCode.BAD_CONTENT),
        ({"ks2_average": "105.2"}, ErrorCode.NO_ESTIMATE),
        ({"ks2_average": "121"}, ErrorCode.NO_ESTIMATE),
        ({"maths": "five"}, ErrorCode.BAD_NUMBER),
        ({"maths": "-1"}, ErrorCode.BAD_MEASURE),
        ({"ebacc": "555"}, ErrorCode.BAD_CONTENT),
    ],
)
def test_bad_input_is_refused_by_code(changed: dict[str, object], code: ErrorCode) -> None:
    """Nothing is guessed from what can't be read."""
    with pytest.raises(GradingError) as caught:
        progress8(published(), "DfE:2023", FIVES | changed)
    assert caught.value.code is code


def test_estimates_that_are_not_held_are_refused() -> None:
    """By the name of those that are."""
    with pytest.raises(GradingError, match="held: DfE:2023") as caught:
        progress8(published(), "DfE:2024", FIVES)
    assert caught.value.code is ErrorCode.NO_ESTIMATE
