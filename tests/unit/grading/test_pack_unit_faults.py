"""A refused row of units or cash-ins gets the code of its fault, with its file and its id."""

import json
from pathlib import Path
from typing import Any

import pytest

from server.grading.packs import load_pack

UNIT: dict[str, Any] = {
    "id": "B:U1:June_2025", "board": "B", "code": "U1", "title": "Unit", "series": "June 2025", "max_raw": 60,
    "max_ums": 100, "raw": {"A": 40, "B": 35, "C": 30}, "ums": {"A": 80, "B": 70, "C": 60}, "below_lowest": "N",
}  # fmt: skip


def found(folder: Path, file: str, row: object) -> list[tuple[str, str, str]]:
    (folder / file).write_text(json.dumps([row]))
    return [(each.code, each.file, each.where) for each in load_pack(folder).findings if each.severity == "error"]


def test_the_row_itself_is_sound(tmp_path: Path) -> None:
    assert found(tmp_path, "ums_units.json", UNIT) == []


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"raw": {"A": 61, "B": 35, "C": 30}}, "BOUNDARY_ABOVE_MAXIMUM"),
        ({"ums": {"A": 101, "B": 70, "C": 60}}, "BOUNDARY_ABOVE_MAXIMUM"),
        ({"raw": {"A": 40, "B": 35, "C": -1}}, "BOUNDARY_BELOW_ZERO"),
        ({"raw": {"A": 35, "B": 40, "C": 30}}, "NOT_DESCENDING"),
        ({"raw": {"A": 40, "B": 40, "C": 30}}, "NOT_DESCENDING"),
        ({"ums": {"A": 80, "B": 85, "C": 60}}, "NOT_DESCENDING"),
        ({"raw": {"A": 40, "B": 35, "C": 30, "Z": 20}}, "BOUNDARY_WITHOUT_GRADE"),
        ({"raw": {"A": "many"}}, "MALFORMED_ROW"),
        ({"raw": []}, "MALFORMED_ROW"),
        ({"max_raw": None}, "MALFORMED_ROW"),
    ],
)
def test_a_unit_s_fault_is_named(tmp_path: Path, changed: dict[str, Any], code: str) -> None:
    assert found(tmp_path, "ums_units.json", UNIT | changed) == [(code, "ums_units.json", UNIT["id"])]


def test_what_is_no_row_is_named_by_its_place(tmp_path: Path) -> None:
    assert found(tmp_path, "ums_units.json", 7) == [("MALFORMED_ROW", "ums_units.json", "row 1")]
