"""docs/grading/specifications.md: its files are read, and its tables list every word and every code."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

from server.grading.files import checks, folder
from server.grading.files.folder import read_files
from server.grading.files.reading import BOUNDARY_WORDS, SPECIFICATION_WORDS
from server.grading.scalar import grade

PAGE = (Path(__file__).parents[3] / "docs" / "grading" / "specifications.md").read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r"```toml (\w+)\n(.*?)```", PAGE, re.DOTALL))


def test_the_example_grades() -> None:
    """Without any finding; its requirement holds back a 9, and half marks count."""
    files = read_files({"rules.toml": EXAMPLES["specification"], "june.toml": EXAMPLES["series"]}, {})
    assert files.findings == []
    row = files.rows["EXB:1234:H:June_2025"]
    found = grade(row.specification, row.boundaries, {"1234/1": 80, "1234/2": "37.5"})
    assert (found.subject_mark, found.grade) == (Fraction(175), "9")
    held = grade(row.specification, row.boundaries, {"1234/1": 80, "1234/2": "37"})
    assert (held.subject_mark, held.grade) == (Fraction(174), "8")


def test_the_units_example_grades() -> None:
    """With the printed point, and warnings alone for what nobody signed."""
    files = read_files({"rules.toml": EXAMPLES["unitised"], "january.toml": EXAMPLES["units"]}, {})
    assert {each.severity for each in files.findings} == {"warning"}
    row = files.rows["EXB:UNIT1:January_2026"]
    assert [grade(row.specification, row.boundaries, {"M1": raw}).subject_mark for raw in (12, 31, 59, 75)] == [
        15, 40, 80, 100,
    ]  # fmt: skip


def test_every_word_is_told() -> None:
    """By name, in the examples or the table."""
    words = {word for table in (SPECIFICATION_WORDS, BOUNDARY_WORDS) for names in table.values() for word in names}
    assert {word for word in words if not re.search(rf"\b{word}\b", PAGE)} == set()


def test_every_code_is_told() -> None:
    """Those of the files' own checks, errors and warnings alike."""
    sources = "".join(Path(str(module.__file__)).read_text(encoding="utf-8") for module in (checks, folder))
    codes = set(re.findall(r'"([A-Z][A-Z_]+[A-Z])"', sources))
    assert len(codes) > 15
    assert {code for code in codes if f"`{code}`" not in PAGE} == set()
