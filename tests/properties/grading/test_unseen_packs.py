"""Packs of other boards, scales and figures pass through `usher grading verify`, and no wrong answer does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import pytest

from server.grading.case_kinds import KINDS
from server.grading.verification import verify_pack
from tests.properties.grading.unseen_packs import UnseenPack


@pytest.mark.parametrize("seed", range(2))
def test_a_pack_that_nobody_has_seen_passes(tmp_path: Path, part: int, seed: int) -> None:
    """However its files are written; every kind of case is in it but the board's own pages."""
    cases = UnseenPack(1000 * part + seed).write(tmp_path)
    outcome = verify_pack(tmp_path)
    assert [each.message for each in outcome.errors] == []
    assert [(each.case.kind, dict(each.case.input), each.actual) for each in outcome.failures] == []
    assert outcome.summary == f"{cases} passed, 0 failed"
    assert {*outcome.by_kind, "scaled-edge", "ums-official"} == set(KINDS)


def _other(name: str, value: Any) -> Any:
    """Another answer of the same sort."""
    if isinstance(value, dict):
        return {key: _other(key, each) for key, each in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [*cast("list[Any]", value), 1]
    if name == "error":
        return "mark_state"
    if value is None:
        return 7
    return f"{value}1"


def test_no_case_with_another_answer_passes(tmp_path: Path, part: int) -> None:
    """Each of its expected fields counts by itself."""
    UnseenPack(1000 * part + 7).write(tmp_path)
    path = tmp_path / "cases.jsonl"
    cases = [json.loads(line) for line in path.read_text("utf-8-sig").splitlines() if line]
    wrong = [
        {**case, "case_id": f"{case['case_id']} {name}", "expected": {**case["expected"], name: _other(name, value)}}
        for case in cases[::5]
        for name, value in case["expected"].items()
    ]
    path.write_text("\n".join(json.dumps(case) for case in wrong), encoding="utf-8")
    outcome = verify_pack(tmp_path)
    assert [each.case.case_id for each in outcome.outcomes if each.passed] == []
    assert len(outcome.failures) == len(wrong) > 100
