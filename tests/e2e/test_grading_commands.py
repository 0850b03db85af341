"""usher grading on a folder of files: what it prints, and how it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from server.cli import call
from tests.unit.docs.test_specification_files import EXAMPLES
from tests.unit.grading.test_packs import row

ROW = "EXB:1234:H:June_2025"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The page's example."""
    (tmp_path / "rules.toml").write_text(EXAMPLES["specification"])
    (tmp_path / "june.toml").write_text(EXAMPLES["series"])
    return tmp_path


def test_a_sheet_is_printed_from_a_folder(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Codes stand as they are: `:1234:` is no picture."""
    assert call(["grading", "verify", str(folder)]) == 0
    assert call(["grading", "sheet", ROW, "--folder", str(folder)]) == 0
    page = capsys.readouterr().out
    assert f"SPECIFICATION AND BOUNDARIES  {ROW}" in page
    assert "B. Ode, 22 August 2025" in page


def test_a_faulty_series_has_no_sheet(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is named with its code by `verify`; a series that isn't there is told apart."""
    (folder / "june.toml").write_text(EXAMPLES["series"].replace('["8", 149]', '["8", 172]'))
    assert call(["grading", "verify", str(folder)]) == 1
    assert f"error NOT_DESCENDING june.toml {ROW}: " in capsys.readouterr().out
    assert call(["grading", "sheet", ROW, "--folder", str(folder)]) == 1
    assert f"{ROW} has faults" in capsys.readouterr().err
    assert call(["grading", "sheet", f"{ROW}x", "--folder", str(folder)]) == 1
    assert "id names no series of the folder" in capsys.readouterr().err


def test_every_failed_case_is_printed_with_what_it_expects_and_what_came_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """However many, nested fields and kinds that nobody knows too; a text of the pack can't move the cursor."""
    spec = "B:1:H:June_2025"
    wrong = [
        {"kind": "linear", "input": {"subject_mark": 108}, "expected": {"grade": "7", "points": 6, "next_grade": None}},
        {
            "kind": "scaled",
            "input": {"marks": {"P1": 0, "P2": 1}},
            "expected": {"by_policy": {"each_half_up": {"subject_mark": "5/4", "grade": "U"}}},
        },
        {"kind": "invalid", "input": {"marks": {"P1": 100, "P2": 80}}, "expected": {"error": "mark_above_maximum"}},
        {"kind": "linear", "input": {"marks": {"P1": 101}}, "expected": {"grade": "3"}},
        {"kind": "oracle-bones", "input": {"raw": 1}, "expected": {"ums": 1}},
        {"kind": "linear", "spec": "B:9:H:June_2025", "input": {"subject_mark": 1}, "expected": {"grade": "U"}},
        {"kind": "linear", "input": {"subject_mark": 108}, "expected": {"grade": "\u001b[2J"}},
        {"kind": "linear", "input": {"subject_mark": 108}, "expected": {}},
        *({"kind": "linear", "input": {"subject_mark": 108}, "expected": {"grade": "9"}} for _ in range(20)),
    ]
    lines = [json.dumps({"case_id": f"c{place}", "spec": spec, **case}) for place, case in enumerate(wrong)]
    (tmp_path / "linear_qualifications.json").write_text(json.dumps([row()]), encoding="utf-8")
    (tmp_path / "cases.jsonl").write_text("\n".join(lines), encoding="utf-8")
    assert call(["grading", "verify", str(tmp_path)]) == 1
    out = capsys.readouterr().out
    said = [line for line in out.splitlines() if line.startswith("c") and "expect" in line]
    assert said[:8] == [
        "c0 (linear): grade expected 7, got 6; next_grade expected null, got 7",
        "c1 (scaled): by_policy.each_half_up.subject_mark expected 5/4, got 1",
        "c2 (invalid): error expected mark_above_maximum, got nothing",
        "c3 (linear): grade expected 3, got mark_above_maximum",
        'c4 (oracle-bones): expected {"ums": 1}, got unknown_kind',
        'c5 (linear): expected {"grade": "U"}, got specification_unknown',
        "c6 (linear): grade expected \\x1b[2J, got 6",
        "c7 (linear): it expects nothing",
    ]
    assert len(said) == len(wrong)
    assert out.endswith("28 cases failed.\n0 passed, 28 failed\n")
    assert call(["grading", "verify", str(tmp_path), "--failures", "1"]) == 1
    assert [line for line in capsys.readouterr().out.splitlines() if line.startswith("c")] == said[:1]
