"""Verifying packs by their cases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from server.demo.packs import pack_folder
from server.grading.verification import Verification, verify_pack
from tests.unit.grading.test_packs import row

PASSED = {
    "linear": 1360,
    "absent-one": 57,
    "absent-all": 57,
    "pending": 57,
    "invalid": 57,
    "scaled": 11,
    "scaled-edge": 6,
    "boundary-interval": 6,
    "allowed-grade-3": 5,
    "weighting-official": 1,
    "ums": 763,
    "ums-official": 1,
    "a-star": 8,
    "btec-total": 75,
    "btec-units": 6,
    "btec-external": 1,
    "nationals": 14,
    "nationals-absent": 1,
    "nationals-terminal": 1,
    "progress8": 4,
}
SPEC = "B:1:H:June_2025"


def verify(folder: Path, *cases: dict[str, Any], **changes: Any) -> Verification:
    (folder / "linear_qualifications.json").write_text(json.dumps([row(**changes)]), encoding="utf-8")
    lines = [{"kind": "linear", "spec": SPEC, "case_id": f"case-{n}", **case} for n, case in enumerate(cases)]
    (folder / "cases.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return verify_pack(folder)


def test_the_published_pack_passes_every_case() -> None:
    """All kinds are known."""
    outcome = verify_pack(pack_folder())
    assert outcome.summary == "2491 passed, 0 failed"
    assert {kind: passed for kind, (passed, _) in outcome.by_kind.items() if passed} == PASSED
    assert outcome.unknown_kinds == {}
    assert outcome.ok


@pytest.mark.parametrize(
    "case",
    [
        {"input": {"marks": {"P1": 61.5, "P2": 0}}, "expected": {"subject_mark": 61.5, "grade": "3"}},
        {"input": {"marks": {"P1": "61.5", "P2": 0}}, "expected": {"subject_mark": "123/2", "marks_to_next": 2.5}},
        {"input": {"marks": {"P1": 0, "P2": 1}}, "expected": {"subject_mark": "5/4", "marks_above_boundary": None}},
        {"input": {"marks": {"P1": 100, "P2": 64}}, "expected": {"subject_mark": 180, "grade": 9, "next_grade": None}},
        {"input": {"subject_mark": 108}, "expected": {"grade": "6", "points": 6, "fine": "6.0"}},
        {"input": {"subject_mark": 115}, "expected": {"fine": "6.32"}},
        {"kind": "absent-one", "input": {"marks": {"P1": "X", "P2": 80}}, "expected": {"flags": ["absent:P1"]}},
        {"kind": "pending", "input": {"marks": {"P1": 10}}, "expected": {"status": "incomplete", "floor_mark": 10}},
        {"kind": "invalid", "input": {"marks": {"P1": 101}}, "expected": {"error": "mark_above_maximum"}},
        {"kind": "invalid", "input": {"marks": {"P1": 1.3}}, "expected": {"error": "MARK_STEP"}},
        {"kind": "invalid", "input": {"marks": {"P9": 1}}, "expected": {"error": "unknown_component"}},
        {
            "kind": "scaled",
            "input": {"marks": {"P1": 0, "P2": 1}},
            "expected": {"by_policy": {"sum_exact": {"subject_mark": "5/4"}, "each_half_up": {"subject_mark": "1"}}},
        },
        {
            "kind": "boundary-interval",
            "spec": "rule",
            "input": {"upper": 191, "lower": 128, "intervals": 6},
            "expected": {"inner": [180, 169, 158, 148, 138]},
        },
        {"kind": "allowed-grade-3", "input": {"grade4": 47, "grade5": 77}, "expected": {"grade3": 32}},
        {"kind": "weighting-official", "input": {"raw_max": 50, "weighted_max": 50}, "expected": {"factor": "1.000"}},
        {"kind": "weighting-official", "input": {"raw_max": 75, "weighted_max": 100}, "expected": {"factor": "1.333"}},
    ],
)
def test_a_true_case_passes(tmp_path: Path, case: dict[str, Any]) -> None:
    """However its numbers are written."""
    outcome = verify(tmp_path, case)
    assert outcome.failures == ()
    assert outcome.ok


@pytest.mark.parametrize(
    ("case", "different"),
    [
        ({"input": {"subject_mark": 108}, "expected": {"grade": "7"}}, ("grade",)),
        ({"input": {"subject_mark": 108}, "expected": {"grade": None}}, ("grade",)),
        ({"input": {"subject_mark": 108}, "expected": {"subject_mark": None}}, ("subject_mark",)),
        ({"input": {"subject_mark": 108}, "expected": {"next_grade": None, "grade": "6"}}, ("next_grade",)),
        ({"input": {"subject_mark": 108}, "expected": {"ums": 80}}, ("ums",)),
        ({"input": {"subject_mark": 108}, "expected": {"points": True}}, ("points",)),
        ({"input": {"subject_mark": 115}, "expected": {"fine": "6.31"}}, ("fine",)),
        ({"input": {"subject_mark": 108}, "expected": {"error": "mark_above_maximum"}}, ("error",)),
        ({"input": {"subject_mark": 108}, "expected": {"flags": ["absent:P1"]}}, ("flags",)),
        ({"input": {"subject_mark": 108}, "expected": {}}, ()),
        ({"input": {"marks": {"P1": 101}}, "expected": {"grade": "3"}}, ("grade",)),
        ({"input": {"marks": [1, 2]}, "expected": {"grade": "3"}}, ("grade",)),
        ({"input": {}, "expected": {"grade": "3"}}, ("grade",)),
        (
            {"spec": "B:9:H:June_2025", "input": {"subject_mark": 1}, "expected": {"error": "specification_unknown"}},
            ("spec",),
        ),
        ({"kind": "oracle-bones", "input": {"raw": 1}, "expected": {"ums": 1}}, ("kind",)),
        (
            {
                "kind": "scaled",
                "input": {"marks": {"P1": 0, "P2": 1}},
                "expected": {"by_policy": {"each_half_up": {"subject_mark": "5/4"}, "to_zero": {"grade": "U"}}},
            },
            ("by_policy.each_half_up.subject_mark", "by_policy.to_zero"),
        ),
        (
            {
                "kind": "boundary-interval",
                "input": {"upper": 9, "lower": 1, "intervals": 2},
                "expected": {"inner": [5, 3]},
            },
            ("inner",),
        ),
        (
            {
                "kind": "boundary-interval",
                "input": {"upper": 9, "lower": 1, "intervals": 10**9},
                "expected": {"inner": []},
            },
            ("inner",),
        ),
        (
            {
                "kind": "boundary-interval",
                "input": {"upper": 9.5, "lower": 1, "intervals": 2},
                "expected": {"inner": []},
            },
            ("inner",),
        ),
        ({"kind": "allowed-grade-3", "input": {"grade4": 47}, "expected": {"grade3": 32}}, ("grade3",)),
        (
            {"kind": "weighting-official", "input": {"raw_max": 0, "weighted_max": 9}, "expected": {"factor": "1"}},
            ("factor",),
        ),
    ],
)
def test_a_false_case_fails_and_names_what_differs(
    tmp_path: Path, case: dict[str, Any], different: tuple[str, ...]
) -> None:
    """No case passes by being empty, by an unknown field or by a broken input."""
    outcome = verify(tmp_path, case)
    assert (outcome.summary, outcome.ok) == ("0 passed, 1 failed", False)
    assert outcome.failures[0].differences == different
    assert outcome.failures[0].actual


def test_cases_of_a_rejected_row_fail_with_the_reason(tmp_path: Path) -> None:
    """A pack can't be graded by a row that its own check refused."""
    outcome = verify(tmp_path, {"input": {"subject_mark": 1}, "expected": {"grade": "U"}}, max_mark=210)
    assert outcome.failures[0].actual == {"error": "specification_rejected"}
    assert outcome.known_failures == outcome.failures
    assert [finding.code for finding in outcome.errors] == ["WEIGHTS_DO_NOT_SUM"]


def test_an_error_in_the_pack_is_not_ok_though_no_case_fails(tmp_path: Path) -> None:
    """A warning is."""
    true = {"kind": "allowed-grade-3", "input": {"grade4": 47, "grade5": 77}, "expected": {"grade3": 32}}
    outcome = verify(tmp_path, true, max_mark=210)
    assert (outcome.summary, outcome.ok) == ("1 passed, 0 failed", False)
    outcome = verify(tmp_path, true, sources=None)
    assert (len(outcome.warnings), outcome.ok) == (1, True)
