"""Specifications and series as files that people check: what comes back from them, and what is refused by which code."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from server.demo.packs import pack_folder
from server.grading.files.folder import Files, read_files
from server.grading.files.writing import boundary_text, specification_text
from server.grading.packs import load_pack

RULES = """\
format = 1
specification = "T:100:H"
board = "T"
code = "100"
title = "Mathematics"
qualification = "GCSE (9-1)"
tier = "H"
scheme = "unitised"
maximum = 200
grades = ["A", "B", "C", "D", "E"]
valid_from = 2015-09-01

[[components]]
code = "U1"
maximum = 60
[components.conversion]
maximum = 100
uniform = [["A", 80], ["B", 70], ["C", 60], ["D", 50], ["E", 40]]

[[components]]
code = "U2"
maximum = 80
factor = 1.25

[[requirements]]
grade = "A"
components = ["U2"]
minimum = "160/2"
reason = "U2 must give 80."

[provenance]
sources = ["https://board.example/100.pdf, page 12"]
checksum = "0000000000000000000000000000000000000000000000000000000000000000"
confidence = "official"
entered_by = "A. Khan"
checked_by = "B. Ode"
"""
SERIES = """\
format = 1
specification = "T:100:H"
series = "June 2025"
boundaries = [["A", 160], ["B", 140], ["C", 120], ["D", 100], ["E", 80]]

[[units]]
component = "U1"
boundaries = [["A", 45], ["B", 40], ["C", 35.5], ["D", 30], ["E", 25]]

[provenance]
sources = ["https://board.example/june-2025.pdf"]
confidence = "official"
entered_by = "A. Khan"
checked_by = "B. Ode"
"""


def read(rules: str = RULES, series: str = SERIES) -> Files:
    return read_files({"rules.toml": rules, "series.toml": series}, {})


def codes(files: Files, file: str | None = None) -> list[str]:
    return [each.code for each in files.findings if file is None or each.file == file]


def test_files_become_a_row_that_grades() -> None:
    """Exact figures, the date as text, and no finding."""
    files = read()
    assert files.findings == []
    [row] = files.rows.values()
    assert row.row_id == "T:100:H:June_2025"
    assert (row.specification.valid_from, row.specification.components[1].factor) == ("2015-09-01", 1.25)
    assert row.specification.provenance.checked_by == row.boundaries.checked_by == "B. Ode"
    assert row.boundaries.units[0].rows[2].mark == 35.5


def test_every_published_row_comes_back_from_its_files() -> None:
    """Tiers, options, units, thresholds: written and read again they are the same objects."""
    rows = load_pack(pack_folder()).rows.values()
    assert len(rows) > 100
    for row in rows:
        files = read(specification_text(row.specification), boundary_text(row.boundaries))
        assert [(found.specification, found.boundaries) for found in files.rows.values()] == [
            (row.specification, row.boundaries)
        ]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("maximum = 200", "maximum = 210"), "WEIGHTS_DO_NOT_SUM"),
        (('components = ["U2"]', 'components = ["U2", "U3"]'), "MISSING_UNIT"),
        (('tier = "H"', 'tier = ["H", "F"]'), "BOTH_TIERS"),
        (('tier = "H"', 'tier = "H/F"'), "BOTH_TIERS"),
        (('tier = "H"', 'tier = "F"'), "TIER_DISAGREES"),
        (("factor =", "facter ="), "UNKNOWN_WORD"),
        (("format = 1", "format = 2"), "UNKNOWN_FORMAT"),
        (('"00000', '"xyz'), "BAD_CHECKSUM"),
        (("factor = 1.25", "factor = nan"), "MALFORMED_FILE"),
        (("maximum = 200", "maximum ="), "MALFORMED_FILE"),
        (('["A", "B", "C"', '["A", "A", "C"'), "BAD_SPECIFICATION"),
        (('"B", 70', '"B", 80'), "BAD_SPECIFICATION"),
    ],
)
def test_a_bad_specification_is_refused_by_code(change: tuple[str, str], code: str) -> None:
    """And its series with it: nothing of the two grades anything."""
    files = read(rules=RULES.replace(*change, 1))
    assert codes(files, "rules.toml") == [code]
    assert codes(files, "series.toml") == ["UNKNOWN_SPECIFICATION"]
    assert (files.rows, files.specifications) == ({}, {})


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (('["B", 140]', '["B", 160.5]'), "NOT_DESCENDING"),
        (('["C", 120]', '["C", 140]'), "NOT_DESCENDING"),
        (('["A", 160]', '["A", 201]'), "BOUNDARY_ABOVE_MAXIMUM"),
        (('["E", 80]', '["E", -1]'), "BOUNDARY_BELOW_ZERO"),
        (('["A", 45]', '["A", 61]'), "BOUNDARY_ABOVE_MAXIMUM"),
        (('["D", 30]', '["D", 36]'), "NOT_DESCENDING"),
        (('component = "U1"', 'component = "U9"'), "MISSING_UNIT"),
        (('["E", 80]', '["F", 80]'), "GRADE_WITHOUT_BOUNDARY"),
        (('["D", 100], ', ""), "GRADE_WITHOUT_BOUNDARY"),
        (('["D", 100]', '["C", 100]'), "DUPLICATE_ROW"),
        (('"June 2025"', '"June 2014"'), "UNKNOWN_SERIES"),
        (('"T:100:H"', '"T:100:F"'), "UNKNOWN_SPECIFICATION"),
        (('series = "June 2025"', 'series = "June 2025"\noption = "X"'), "UNKNOWN_OPTION"),
        (("boundaries = [[", "boundaries = { H = 1 }\n#"), "BOTH_TIERS"),
        (("[[units]]", "[[unit]]"), "UNKNOWN_WORD"),
        (('["A", 160]', '["A", 160, 1]'), "MALFORMED_FILE"),
    ],
)
def test_a_bad_series_is_refused_by_code(change: tuple[str, str], code: str) -> None:
    """The specification beside it stands."""
    files = read(series=SERIES.replace(*change, 1))
    assert codes(files)[0] == code
    assert files.rows == {}
    assert set(files.specifications) == {"T:100:H"}


def test_the_interval_rule_only_warns() -> None:
    """As for the pack's tables: a person should look, and the figures count."""
    row = load_pack(pack_folder()).rows["AQA:8300:H:June_2025"]
    figures = boundary_text(row.boundaries)
    files = read(specification_text(row.specification), figures.replace('["8", 191]', '["8", 190]'))
    assert "INTERVAL_RULE" in codes(files)
    assert list(files.rows) == ["AQA:8300:H:June_2025"]
    assert "INTERVAL_RULE" not in codes(read(specification_text(row.specification), figures))


def test_two_files_of_one_series_are_refused() -> None:
    """Neither the second nor a row of the pack's tables may stand beside the first."""
    files = read_files({"a.toml": RULES, "b.toml": SERIES, "c.toml": SERIES, "d.toml": RULES}, {})
    assert codes(files) == ["DUPLICATE_ROW", "DUPLICATE_ROW"]


def test_a_folder_of_files_is_a_pack(tmp_path: Path) -> None:
    """In its two folders or beside the tables; cases run on them by id."""
    for place, name, text in (("specifications", "rules.toml", RULES), ("series", "june.toml", SERIES)):
        (tmp_path / place).mkdir()
        (tmp_path / place / name).write_text(text)
    pack = load_pack(tmp_path)
    assert (pack.sound, list(pack.rows)) == (True, ["T:100:H:June_2025"])
    assert set(pack.checksums) == {"specifications/rules.toml", "series/june.toml"}
    assert [each.identity for each in pack.specifications] == ["T:100:H"]


def test_a_series_may_rest_on_a_stored_specification(tmp_path: Path) -> None:
    """New boundaries alone, for a specification that the database has."""
    (tmp_path / "june.toml").write_text(SERIES)
    assert not load_pack(tmp_path).sound
    stored = read().specifications
    assert list(load_pack(tmp_path, stored).rows) == ["T:100:H:June_2025"]


def _one_hundred_megabytes(folder: Path) -> None:
    os.truncate(_made(folder / "linear_qualifications.json"), 100 * 1024**2)


def _many_smaller(folder: Path) -> None:
    for name in ("linear_qualifications.json", "cases.jsonl"):
        os.truncate(_made(folder / name), 50 * 1024**2)


def _one_large_file_to_check(folder: Path) -> None:
    os.truncate(_made(folder / "rules.toml"), 128 * 1024 + 1)


def _must_not_be_read(path: Path, mode: str) -> None:
    pytest.fail(f"{path} was opened as {mode}")


def _made(path: Path) -> Path:
    path.touch()
    return path


@pytest.mark.parametrize("fill", [_one_hundred_megabytes, _many_smaller, _one_large_file_to_check])
def test_what_is_too_large_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fill: Callable[[Path], None]
) -> None:
    """Its size alone refuses it."""
    fill(tmp_path)
    monkeypatch.setattr(Path, "open", _must_not_be_read)
    assert "FILE_TOO_LARGE" in [each.code for each in load_pack(tmp_path).findings]


def test_a_pipe_is_no_file(tmp_path: Path) -> None:
    """Nobody waits for what never comes."""
    os.mkfifo(tmp_path / "rules.toml")
    assert [each.code for each in load_pack(tmp_path).findings] == ["UNREADABLE_FILE"]


def test_a_line_that_no_person_reads_is_refused() -> None:
    """A key of thousands of parts would keep the parser busy."""
    assert codes(read(rules="a." * 2001 + "a = 1"), "rules.toml") == ["MALFORMED_FILE"]
