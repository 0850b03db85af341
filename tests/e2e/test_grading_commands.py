"""usher grading on a folder of files: what it prints, and how it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.cli import call
from tests.unit.docs.test_specification_files import EXAMPLES

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
