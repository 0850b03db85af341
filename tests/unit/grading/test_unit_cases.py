"""Cases of units and awards with unusual but legal input, and with input that is none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from server.grading.verification import CaseOutcome, verify_pack

_UMS = "spec,title,max_ums,grade,min_ums\n" + "".join(
    f"CN:Award,t,120,{grade},{mark}\n" for grade, mark in (("D2", 96), ("M2", 84), ("P2", 72))
)
_POINTS = "spec,grade,min_points,glh\n" + "".join(
    f"BTEC:Quarter,{grade},{mark},360\n" for grade, mark in (("D", 74), ("M", 52), ("P", 36))
)
_UNIT: dict[str, Any] = {
    "id": "B:U1:Summer_2006",
    "board": "B",
    "code": "U1",
    "title": "Unit 1",
    "series": "Summer 2006",
    "max_raw": 62,
    "max_ums": 100,
    "raw": {"A": 39, "B": 33, "C": 27, "D": 22, "E": 17},
    "ums": {"A": 80, "B": 70, "C": 60, "D": 50, "E": 40},
}


def run(folder: Path, kind: str, spec: str, given: dict[str, Any], expected: dict[str, Any]) -> CaseOutcome:
    (folder / "ums_thresholds.csv").write_text(_UMS, encoding="utf-8")
    (folder / "points_thresholds.csv").write_text(_POINTS, encoding="utf-8")
    (folder / "ums_units.json").write_text(json.dumps([_UNIT]), encoding="utf-8")
    case = {"case_id": "c", "kind": kind, "spec": spec, "input": given, "expected": expected}
    (folder / "cases.jsonl").write_text(json.dumps(case), encoding="utf-8")
    [outcome] = verify_pack(folder).outcomes
    return outcome


@pytest.mark.parametrize(
    ("kind", "spec", "given", "expected"),
    [
        # The newest attempt at which the candidate sat; an absence displaces nothing, and counts 0 alone.
        (
            "nationals-terminal",
            "CN:Award",
            {"exam_attempts": [{"series": "Jan", "ums": 50}, {"series": "Jun", "ums": "#"}], "others": [50]},
            {"exam_used": 50, "ums": 100, "grade": "D2"},
        ),
        (
            "nationals-terminal",
            "CN:Award",
            {"exam_attempts": [{"series": "Jan", "ums": "#"}], "others": [90]},
            {"exam_used": None, "ums": 90, "grade": "M2"},
        ),
        (
            "nationals-terminal",
            "CN:Award",
            {"exam_attempts": [50, 44], "others": ["#", 50]},
            {"exam_used": 44, "ums": 94, "grade": "M2"},
        ),
        ("nationals", "CN:Award", {"units": [50, "#", 44]}, {"ums": 94, "grade": "M2"}),
        ("nationals", "CN:Award", {"ums": "96"}, {"grade": "D2"}),
        # A printed example lists its boundaries in any order, or is of a unit that the pack has.
        (
            "ums-official",
            "page",
            {"raw": 32, "boundary_c": 27, "boundary_b": 33, "max_ums": 100, "max_raw": 62},
            {"ums": 68},
        ),
        (
            "ums-official",
            "page",
            {"raw": 69, "boundary_a": 64, "boundary_a_star": 70, "boundary_b": 56, "max_ums": 100},
            {"ums": 88},
        ),
        ("ums-official", "B:U1:Summer_2006", {"raw": 32}, {"ums": 68, "grade": "C"}),
        # An absent unit counts 0; the maximum may be that of the qualification in the pack.
        ("a-star", "UMS:400", {"as_units": [90, "X"], "a2_units": [95, 92]}, {"total": 277, "grade": "C"}),
        ("a-star", "CN:Award", {"as_units": [60], "a2_units": [54]}, {"total": 114, "a2_total": 54, "grade": "A*"}),
        # A total below that of an A is no A*, whatever the A2 units give.
        ("a-star", "UMS:400", {"total": 319, "a2_total": 200}, {"grade": "B"}),
        # Thirds of a point add up exactly: 4.5 and 7.5, and 5 and 25/3.
        ("btec-units", "BTEC:Quarter", {"units": [[45, "P"], [45, "M"]]}, {"points": 12}),
        ("btec-units", "BTEC:Quarter", {"units": [[50, "P"], [50, "M"]]}, {"points": "40/3", "grade": "U"}),
        ("btec-units", "BTEC:Quarter", {"units": [["120", "D"], [120, "X"]]}, {"points": 32}),
        ("btec-units", "BTEC:Quarter", {"units": [[120, "D"], [90, None]]}, {"status": "incomplete", "grade": None}),
        ("btec-units", "BTEC:Quarter", {"units": [[120, 3]]}, {"error": "bad_content"}),
        ("btec-units", "BTEC:Quarter", {"units": [[120, "3"]]}, {"error": "bad_content"}),
        ("btec-units", "BTEC:Quarter", {"units": [[0.5, "P"]]}, {"error": "bad_number"}),
        ("btec-units", "BTEC:Quarter", {"units": [[120, "P"]], "mandatory": [1]}, {"error": "missing_unit"}),
        ("btec-external", "unit 1", {"mark": 44, "D": 59, "M": 41, "glh": 90, "max_mark": 90}, {"points": 16}),
        ("nationals-terminal", "CN:Award", {"exam_attempts": [44.001], "others": []}, {"error": "mark_step"}),
    ],
)
def test_an_unusual_case_has_its_answer(
    tmp_path: Path, kind: str, spec: str, given: dict[str, Any], expected: dict[str, Any]
) -> None:
    """By the rules of the design alone."""
    outcome = run(tmp_path, kind, spec, given, expected)
    assert outcome.passed, outcome.actual
