"""docs/asvs.csv: each requirement of OWASP ASVS 5.0, levels 1 and 2, has a test that is there, a page, or a reason."""

from __future__ import annotations

import ast
import csv
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[3]
HEADINGS: Final = ["requirement", "level", "state", "about", "shown by"]
TESTED, DOCUMENTED, REASON, NOT_MET = "tested", "documented", "reason", "not met"


def rows() -> list[dict[str, str]]:
    with (ROOT / "docs/asvs.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def asked() -> list[list[str]]:
    """Numbers and levels, as the standard has them: all but its chapter on WebRTC, which Usher has nothing of."""
    return [line.split() for line in (Path(__file__).parent / "asvs-5.0.txt").read_text("utf-8").splitlines()]


def test_each_requirement_stands_there_once() -> None:
    """246 of them, in the standard's order, with their levels."""
    assert len(asked()) == 246
    assert [[row["requirement"], row["level"]] for row in rows()] == asked()
    assert all(list(row) == HEADINGS for row in rows())


def test_each_says_what_it_is_about_and_what_shows_it() -> None:
    """A reason is a sentence; nothing is empty, and nothing of another state."""
    for row in rows():
        assert row["state"] in (TESTED, DOCUMENTED, REASON, NOT_MET), row
        assert len(row["about"]) > 3, row
        assert row["shown by"].strip(), row
        if row["state"] in (REASON, NOT_MET):
            assert row["shown by"].endswith("."), row
            assert len(row["shown by"].split()) >= 3, row


@cache
def functions_of(path: str) -> frozenset[str]:
    """As pytest names them behind the path."""
    found: set[str] = set()
    for node in ast.parse((ROOT / path).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.ClassDef):
            found |= {
                f"{node.name}::{one.name}"
                for one in node.body
                if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)
            }
    return frozenset(one for one in found if one.rpartition("::")[2].startswith("test_"))


@pytest.mark.parametrize("row", [row for row in rows() if row["state"] == TESTED], ids=lambda row: row["requirement"])
def test_its_tests_exist(row: dict[str, str]) -> None:
    for named in row["shown by"].split():
        path, _, name = named.partition("::")
        assert (ROOT / path).is_file(), named
        assert name in functions_of(path), named


@pytest.mark.parametrize(
    "row", [row for row in rows() if row["state"] == DOCUMENTED], ids=lambda row: row["requirement"]
)
def test_its_page_says_so(row: dict[str, str]) -> None:
    """The words that are named stand in the page that is named."""
    path, _, words = row["shown by"].partition(": ")
    assert len(words) > 3, row
    assert words in " ".join((ROOT / path).read_text(encoding="utf-8").split("\n")), row


def test_the_page_tells_the_numbers_and_what_is_not_met() -> None:
    """docs/asvs.md: how many are of which state, and each that isn't met."""
    page = (ROOT / "docs/asvs.md").read_text(encoding="utf-8")
    counts = Counter(row["state"] for row in rows())
    for state, count in counts.items():
        assert f"| {state} | {count} |" in page, (state, count)
    for row in rows():
        assert (f"| {row['requirement']} |" in page) == (row["state"] == NOT_MET), row["requirement"]


def test_what_is_wrong_is_noticed() -> None:
    """The control: no such test, and no such class."""
    here = "tests/unit/docs/test_asvs.py"
    assert "test_what_is_wrong_is_noticed" in functions_of(here)
    assert "test_nothing" not in functions_of(here)
    assert "TestCodes::test_a_code_is_good_once" in functions_of("tests/e2e/test_app_refusals.py")
