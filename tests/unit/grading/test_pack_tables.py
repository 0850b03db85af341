"""Thresholds and unit points of a pack: spreadsheets' habits are read, and no fault is passed over in silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.grading.findings import Severity
from server.grading.packs import Pack, load_pack

POINTS = "points_thresholds.csv"
UMS = "ums_thresholds.csv"
UNITS = "btec2016_unit_points.csv"
_UMS = "spec,title,max_ums,grade,min_ums\n"
_POINTS = "spec,grade,min_points,glh\n"


def load(folder: Path, file: str, text: str) -> Pack:
    (folder / file).write_bytes(text.encode("utf-8"))
    return load_pack(folder)


@pytest.mark.parametrize(
    "text",
    [
        f"{_POINTS}B:Q,M,26,180\nB:Q,P,18,180\n",
        f"\ufeff{_POINTS}B:Q,M,26,180\nB:Q,P,18,180\n",
        f"{_POINTS}B:Q,M,26,180\nB:Q,P,18,180\n".replace("\n", "\r\n"),
        " spec , grade, min_points , glh\nB:Q,M,26,180\nB:Q,P,18,180\n",
        f"{_POINTS},,,\nB:Q,M,26,180\n\n   \nB:Q,P,18,180\n,,,\n",
        'glh,"note, of ours",grade,min_points,spec\n180,"a ""b""",P,"18",B:Q\n180,,M,26,B:Q\n',
        "grade,spec,min_points\nP,B:Q,18.0\nM,B:Q,26\n",
    ],
)
def test_a_table_reads_as_a_spreadsheet_saves_it(tmp_path: Path, text: str) -> None:
    """A byte order mark, CRLF, another order, quotes, blank rows, columns of the school's own; best grade first."""
    pack = load(tmp_path, POINTS, text)
    assert pack.findings == ()
    assert [(row.grade, row.mark) for row in pack.rows["B:Q"].boundaries.rows] == [("M", 26), ("P", 18)]


@pytest.mark.parametrize(
    ("file", "text", "code", "where"),
    [
        (POINTS, f'{_POINTS}"B:Q,P,18,180\nB:Q,M,26,180\n', "MALFORMED_CSV", "line 3"),
        (POINTS, f"{_POINTS}B:Q,P,18,{'1' * 200_000}\n", "MALFORMED_CSV", "line 2"),
        (POINTS, "grade,min_points\nP,18\n", "MALFORMED_CSV", "line 1"),
        (POINTS, "spec,grade,min_points,grade\nB:Q,P,18,M\n", "MALFORMED_CSV", "line 1"),
        (POINTS, "\n", "MALFORMED_CSV", "line 1"),
        (POINTS, f"{_POINTS},P,18,180\n", "MALFORMED_ROW", "line 2"),
        (POINTS, f"{_POINTS}B:Q,P\n", "MALFORMED_ROW", "B:Q"),
        (POINTS, f"{_POINTS}B:Q,P,1e2,180\n", "MALFORMED_ROW", "B:Q"),
        (POINTS, f"{_POINTS}B:Q,P,１８,180\n", "MALFORMED_ROW", "B:Q"),
        (POINTS, f"{_POINTS}B:Q,P,18,0\n", "MALFORMED_ROW", "B:Q"),
        (POINTS, f"{_POINTS}B:Q,P,181,180\n", "BOUNDARY_ABOVE_MAXIMUM", "B:Q"),
        (POINTS, f"{_POINTS}B:Q,P,18,180\nB:Q,M,18,180\n", "NOT_DESCENDING", "B:Q"),
        (POINTS, f"{_POINTS}B:Q,P,18,180\nB:Q,P,20,180\n", "DUPLICATE_ROW", "B:Q"),
        (UMS, f"{_UMS}C:1,t,240,D,241\nC:1,t,240,P,30\n", "BOUNDARY_ABOVE_MAXIMUM", "C:1"),
        (UMS, f"{_UMS}C:1,t,240,D,200\nC:1,t,999,P,30\n", "MALFORMED_ROW", "C:1"),
        (UMS, f"{_UMS}C:1,t,240,D,200\nC:1,t,240,P,-3\n", "MALFORMED_ROW", "C:1"),
        (UNITS, 'unit_glh,grade,points\n"60,U,0\n', "MALFORMED_CSV", "line 2"),
        (UNITS, "unit_glh,grade\n60,U\n", "MALFORMED_CSV", "line 1"),
        (UNITS, "unit_glh,grade,points\n60.5,U,0\n", "MALFORMED_ROW", "line 2"),
        (UNITS, "unit_glh,grade,points\n60,P,NaN\n", "MALFORMED_ROW", "line 2"),
    ],
)
def test_a_faulty_table_is_an_error_with_its_place(tmp_path: Path, file: str, text: str, code: str, where: str) -> None:
    """Nothing of the qualification is used."""
    pack = load(tmp_path, file, text)
    assert [(each.severity, each.code, each.file, each.where) for each in pack.findings] == [
        (Severity.ERROR, code, file, where)
    ]
    assert pack.rows == {}


def test_unit_points_are_read_and_held_against_the_rule(tmp_path: Path) -> None:
    """Printed figures count; a person is asked to look."""
    pack = load(tmp_path, UNITS, "points,unit_glh,grade\n6,60,P\n11,60,M\n11,60,M\n")
    assert [(each.severity, each.code, each.where) for each in pack.findings] == [
        (Severity.WARNING, "POINTS_RULE", "line 3"),
        (Severity.WARNING, "DUPLICATE_ROW", "line 4"),
        (Severity.WARNING, "POINTS_RULE", "line 4"),
    ]
    assert (pack.unit_points.points(60, "M"), pack.unit_points.points(90, "M")) == (11, 15)


@pytest.mark.parametrize(
    ("file", "text", "code"),
    [
        ("linear_qualifications.json", "[" + "{}," * 400_000 + "{}]", "MALFORMED_JSON"),
        ("linear_qualifications.json", "[" + "1," * 50_000 + "1]", "FILE_TOO_LARGE"),
        ("ums_units.json", "[" + "[]," * 400_000 + "[]]", "MALFORMED_JSON"),
        ("cases.jsonl", "{}\n" * 50_001, "FILE_TOO_LARGE"),
        (POINTS, _POINTS + ",,,\n" * 50_001, "FILE_TOO_LARGE"),
        (UNITS, "unit_glh,grade,points\n" + "x,y,z\n" * 50_001, "FILE_TOO_LARGE"),
    ],
)
def test_a_file_of_nothing_but_faults_is_one_fault(tmp_path: Path, file: str, text: str, code: str) -> None:
    """It is far below the largest size, and would be a million findings."""
    findings = load(tmp_path, file, text).findings
    assert code in [each.code for each in findings]
    assert len(findings) <= 50_001


def test_a_key_written_twice_among_many_is_found_at_once(tmp_path: Path) -> None:
    """Counting each name for itself would take hours."""
    keys = ",".join(f'"{number}":1' for number in range(100_000))
    pack = load(tmp_path, "linear_qualifications.json", f'[{{{keys},"0":2,"id":"B:1:H:June_2025"}}]')
    assert [(each.code, each.where) for each in pack.findings] == [("MALFORMED_ROW", "B:1:H:June_2025")]
