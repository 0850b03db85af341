"""Loading packs: the published one is sound, and every fault of another is a finding with a code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from server.demo.packs import pack_folder
from server.grading.contents import boundary_content, boundary_digest, specification_content, specification_digest
from server.grading.findings import Severity
from server.grading.packs import Pack, load_pack

Row = dict[str, Any]


def row(**changes: Any) -> Row:
    """A sound higher-tier row of two papers, with some keys changed; a key set to None is left out."""
    sound: Row = {
        "id": "B:1:H:June_2025",
        "board": "B",
        "qualification": "GCSE (9-1)",
        "code": "1",
        "title": "Title",
        "series": "June 2025",
        "tier": "H",
        "max_mark": 200,
        "grades": ["9", "8", "7", "6", "5", "4", "3"],
        "boundaries": {"9": 170, "8": 150, "7": 130, "6": 108, "5": 86, "4": 64, "3": 53},
        "components": [{"code": "P1", "max_raw": 100, "factor": "1"}, {"code": "P2", "max_raw": 80, "factor": "5/4"}],
        "sources": ["a printed table"],
        "confidence": "2-source",
    }
    return {key: value for key, value in {**sound, **changes}.items() if value is not None}


def load(folder: Path, *rows: object, text: str | None = None) -> Pack:
    content = json.dumps(rows) if text is None else text
    (folder / "linear_qualifications.json").write_text(content, encoding="utf-8")
    return load_pack(folder)


def codes(pack: Pack, severity: Severity | None = None) -> list[str]:
    return [finding.code for finding in pack.findings if severity in (None, finding.severity)]


def boundaries(**marks: int) -> dict[str, int]:
    return row()["boundaries"] | {name.removeprefix("g"): mark for name, mark in marks.items()}


def test_the_published_pack_is_sound_and_without_a_warning() -> None:
    """59 linear qualifications, 36 units, 10 cash-ins, 5 lists of thresholds; none rejected, nothing to warn of."""
    pack = load_pack(pack_folder())
    assert (len(pack.rows), pack.rejected, pack.findings) == (110, frozenset(), ())
    assert len(pack.cases) == 2491
    assert len(pack.checksum) == 64


def test_a_row_is_a_specification_and_a_boundary_set(tmp_path: Path) -> None:
    """The series and its figures are in one, all else in the other."""
    pack = load(tmp_path, row())
    assert pack.findings == ()
    found = pack.rows["B:1:H:June_2025"]
    assert (found.specification.identity, found.specification.tier) == ("B:1:H", "H")
    assert (found.boundaries.specification, found.boundaries.series) == ("B:1:H", "June 2025")
    assert "June" not in specification_content(found.specification)
    assert json.loads(boundary_content(found.boundaries))["rows"][0] == {"grade": "9", "mark": "170"}


def test_two_series_share_one_specification_version() -> None:
    """Equal rules give equal digests, whatever the series; the boundaries differ."""
    pack = load_pack(pack_folder())
    one, two = pack.rows["AQA:8300:H:June_2018"], pack.rows["AQA:8300:H:June_2025"]
    assert specification_digest(one.specification) == specification_digest(two.specification)
    assert boundary_digest(one.boundaries) != boundary_digest(two.boundaries)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"boundaries": boundaries(g8=170)}, "NOT_DESCENDING"),
        ({"boundaries": boundaries(g8=171)}, "NOT_DESCENDING"),
        ({"grades": ["3", "4", "5", "6", "7", "8", "9"]}, "NOT_DESCENDING"),
        ({"boundaries": boundaries(g9=201)}, "BOUNDARY_ABOVE_MAXIMUM"),
        ({"boundaries": boundaries(g3=-1)}, "BOUNDARY_BELOW_ZERO"),
        ({"max_mark": 210}, "WEIGHTS_DO_NOT_SUM"),
        ({"max_mark": 0}, "NO_MAXIMUM"),
        ({"grades": ["9", "9", "8", "7", "6", "5", "4", "3"]}, "DUPLICATE_ROW"),
        ({"grades": ["9", "8", "7", "6", "5", "4"]}, "BOUNDARY_WITHOUT_GRADE"),
        ({"grades": ["9", "8", "7", "6", "5", "4", "3", "2"]}, "GRADE_WITHOUT_BOUNDARY"),
        ({"grades": [], "boundaries": {}}, "NO_GRADES"),
        ({"grades": None}, "MALFORMED_ROW"),
        ({"boundaries": None}, "MALFORMED_ROW"),
        ({"boundaries": [170]}, "MALFORMED_ROW"),
        ({"boundaries": boundaries() | {"9": "many"}}, "MALFORMED_ROW"),
        ({"boundaries": boundaries() | {"9": True}}, "MALFORMED_ROW"),
        ({"max_mark": "two hundred"}, "MALFORMED_ROW"),
        ({"components": {"P1": 100}}, "MALFORMED_ROW"),
        ({"components": [{"code": "P1", "max_raw": 200}]}, "MALFORMED_ROW"),
        ({"components": [{"code": "P1", "max_raw": 200, "factor": "1/0"}]}, "MALFORMED_ROW"),
        ({"components": [{"code": "P1", "max_raw": -200, "factor": "-1"}]}, "MALFORMED_ROW"),
        ({"components": [{"code": "P1", "max_raw": 100, "factor": "1"}] * 2}, "MALFORMED_ROW"),
        ({"id": ""}, "MALFORMED_ROW"),
        ({"title": "half a character \ud800"}, "MALFORMED_ROW"),
        ({"title": "a null \x00"}, "MALFORMED_ROW"),
        ({"published": "yesterday"}, "MALFORMED_ROW"),
        ({"rounding": "towards zero"}, "MALFORMED_ROW"),
    ],
)
def test_a_row_with_an_error_is_named_and_not_used(tmp_path: Path, changes: Row, code: str) -> None:
    """The other rows of the pack still load."""
    good = row(id="B:2:H:June_2025")
    pack = load(tmp_path, row(**changes), good)
    assert code in codes(pack, Severity.ERROR)
    assert not pack.sound
    assert set(pack.rows) == {"B:2:H:June_2025"}
    assert pack.rejected


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"boundaries": boundaries(g8=151)}, "INTERVAL_RULE"),
        ({"boundaries": boundaries(g6=109)}, "INTERVAL_RULE"),
        ({"boundaries": boundaries(g3=54)}, "ALLOWED_GRADE_3"),
        ({"boundaries": boundaries() | {"9": "170.5"}}, "INTERVAL_RULE"),
        ({"sources": None}, "NO_SOURCE"),
        ({"confidence": None}, "NO_CONFIDENCE"),
        ({"components": None}, "NO_COMPONENTS"),
        ({"max_mark": None}, "MAXIMUM_COMPUTED"),
        ({"series": "June 2024"}, "SERIES_DISAGREES"),
        ({"components": [{"code": "P1", "max_raw": 150, "factor": "1.333"}]}, "WEIGHTS_ROUNDED"),
        (
            {"components": [{"code": "P1", "max_raw": 200, "factor": "1", "notional": {"9": 201}}]},
            "NOTIONAL_OUT_OF_RANGE",
        ),
        (
            {"components": [{"code": "P1", "max_raw": 200, "factor": "1", "notional": {"9": 50, "8": 60}}]},
            "NOTIONAL_NOT_DESCENDING",
        ),
    ],
)
def test_a_row_with_a_warning_is_used(tmp_path: Path, changes: Row, code: str) -> None:
    """Warnings ask a person to look; they refuse nothing."""
    pack = load(tmp_path, row(**changes))
    assert codes(pack) == [code]
    assert pack.sound
    assert len(pack.rows) == 1


def test_factors_printed_to_four_decimals_are_exact() -> None:
    """1.0000 is 1."""
    parts = load_pack(pack_folder()).rows["WJEC_Eduqas:C650QS:U:June_2023"].specification.components
    assert [part.factor for part in parts] == [1, 1]


def test_extensions_of_a_row_reach_the_specification(tmp_path: Path) -> None:
    """Rounding, absence, step, kind and name are data; unstated steps allow half marks."""
    parts = [
        {"code": "P1", "max_raw": 100, "factor": 1, "step": 1, "kind": "nea", "name": "Paper"},
        {"code": "P2", "max_raw": 80, "factor": 1.25},
    ]
    made = load(
        tmp_path,
        row(components=parts, rounding="each_half_up", absence={"all_absent_grade": "Q"}, published="2025-08-21"),
    ).rows["B:1:H:June_2025"]
    first, second = made.specification.components
    assert (first.step, first.kind, first.name) == (1, "nea", "Paper")
    assert (second.step * 2, second.factor * 4) == (1, 5)
    assert (made.specification.rounding.policy, made.specification.rounding.confidence) == ("each_half_up", "stated")
    assert (made.specification.absence.all_absent_grade, made.boundaries.published) == ("Q", "2025-08-21")


def test_a_printed_u_from_nought_is_no_grade(tmp_path: Path) -> None:
    """Some tables list it; nothing else may be given below the lowest grade."""
    pack = load(tmp_path, row(grades=[*row()["grades"], "U"], boundaries=boundaries() | {"U": 0}))
    assert pack.findings == ()
    assert [step.grade for step in pack.rows["B:1:H:June_2025"].specification.grades][-1] == "3"


def test_equal_twins_are_reported_and_unequal_ones_rejected(tmp_path: Path) -> None:
    """Two rows that contradict each other decide nothing."""
    pack = load(tmp_path, row(), row())
    assert (codes(pack), set(pack.rows)) == (["DUPLICATE_ROW"], {"B:1:H:June_2025"})
    pack = load(tmp_path, row(), row(boundaries=boundaries(g9=169)))
    assert "DUPLICATE_ROW" in codes(pack)
    assert pack.rows == {}


def test_a_boundary_written_twice_is_an_error(tmp_path: Path) -> None:
    """JSON would keep the last in silence."""
    text = json.dumps([row()]).replace('"9": 170,', '"9": 170, "9": 171,')
    pack = load(tmp_path, text=text)
    assert codes(pack) == ["DUPLICATE_ROW"]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("linear_qualifications.json", b"{not json", "MALFORMED_JSON"),
        ("linear_qualifications.json", b"{}", "MALFORMED_JSON"),
        ("linear_qualifications.json", b"[NaN]", "MALFORMED_JSON"),
        ("linear_qualifications.json", b"[1]", "MALFORMED_ROW"),
        ("linear_qualifications.json", b"\xff\xfe[]", "NOT_UTF8"),
        ("ums_units.json", b"", "MALFORMED_JSON"),
        ("cases.jsonl", b"no case\n", "MALFORMED_CASE"),
        ("cases.jsonl", b'{"kind": "linear"}\n', "MALFORMED_CASE"),
        ("cases.jsonl", b'{"kind": "linear", "input": [], "expected": {}}', "MALFORMED_CASE"),
        ("linear_subject_boundaries.csv", b"id,grade\nx,9\n", "MALFORMED_CSV"),
    ],
)
def test_a_broken_file_is_a_finding(tmp_path: Path, name: str, content: bytes, code: str) -> None:
    """Each names the file; none raises."""
    (tmp_path / name).write_bytes(content)
    pack = load_pack(tmp_path)
    assert codes(pack) == [code]
    assert pack.findings[0].file == name


@pytest.mark.parametrize("kind", ["empty folder", "nothing", "file"])
def test_no_pack_at_all(tmp_path: Path, kind: str) -> None:
    """An empty folder, none, or a file."""
    if kind == "empty folder":
        (tmp_path / "pack").mkdir()
    elif kind == "file":
        (tmp_path / "pack").touch()
    assert codes(load_pack(tmp_path / "pack")) == ["NO_PACK"]


def test_a_folder_in_the_place_of_a_file(tmp_path: Path) -> None:
    """It can't be read, and says so."""
    (tmp_path / "cases.jsonl").mkdir()
    assert codes(load_pack(tmp_path)) == ["UNREADABLE_FILE"]


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    """Files saved on Windows load."""
    pack = load(tmp_path, text="\ufeff" + json.dumps([row()]))
    assert (pack.findings, len(pack.rows)) == ((), 1)


def test_the_csv_copy_must_agree(tmp_path: Path) -> None:
    """The JSON counts; a difference or a repetition in the copy is a warning."""
    (tmp_path / "linear_subject_boundaries.csv").write_text(
        "id,grade,min_mark\nB:1:H:June_2025,9,170\nB:1:H:June_2025,9,170\nB:1:H:June_2025,8,149\n", encoding="utf-8"
    )
    pack = load(tmp_path, row())
    assert codes(pack) == ["DUPLICATE_ROW", "CSV_DISAGREES"]
    assert pack.sound


def test_the_checksum_names_the_very_files(tmp_path: Path) -> None:
    """A changed byte is another pack."""
    one = load(tmp_path, row()).checksum
    assert one == load(tmp_path, row()).checksum
    assert one != load(tmp_path, row(note="x")).checksum
