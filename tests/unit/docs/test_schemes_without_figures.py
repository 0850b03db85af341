"""docs/grading/without-figures.md: each scheme's two files are read, and give the results that stand under them."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

from server.grading.bulk import grade_matrix
from server.grading.contents import specification_content, specification_from_content
from server.grading.files.folder import read_files
from server.grading.files.writing import specification_text
from server.grading.findings import Severity
from server.grading.mark_matrices import matrices
from server.grading.marks import read_mark
from server.grading.scalar import grade
from server.grading.table import prepare

PAGE = (Path(__file__).parents[3] / "docs" / "grading" / "without-figures.md").read_text(encoding="utf-8")
SCHEMES = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE))
_BLOCK = re.compile(r"```(toml|text)\n(.*?)```", re.DOTALL)
_RESULT = re.compile(r"(.+) gives (.+), (.+)")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_scheme_is_a_specification_and_no_code(scheme: str) -> None:
    """Without an error; alone and in bulk; and through the file that Usher writes of it."""
    blocks = _BLOCK.findall(SCHEMES[scheme])
    assert [kind for kind, _ in blocks] == ["toml", "toml", "text"]
    files = read_files({"rules.toml": blocks[0][1], "series.toml": blocks[1][1]}, {})
    assert [each for each in files.findings if each.severity is Severity.ERROR] == []
    assert {each.code for each in files.findings} <= {"NO_SOURCE", "NO_CONFIDENCE", "NOT_CHECKED"}
    [row] = files.rows.values()
    assert "made up" in row.specification.title
    assert specification_from_content(specification_content(row.specification)) == row.specification
    again = read_files({"rules.toml": specification_text(row.specification)}, {})
    assert list(again.specifications.values()) == [row.specification]
    table = prepare(row.specification, row.boundaries)
    grades: list[str] = []
    for line in blocks[2][1].splitlines():
        found = _RESULT.fullmatch(line)
        assert found is not None, line
        marks = {
            component: read_mark(table.components[table.index(component)], said)
            for component, said in (part.rsplit(" ", 1) for part in found[1].split(", "))
        }
        result = grade(row.specification, row.boundaries, marks)
        assert ("no mark" if result.subject_mark is None else str(result.subject_mark), result.grade) == found.group(
            2, 3
        )
        assert grade_matrix(table, *matrices(table, [marks])).result(0) == result
        grades.append(found[3])
    assert grades


def test_the_list_leads_to_every_scheme() -> None:
    """In their order, each with what a school has to copy."""
    listed = re.findall(r"^\| \[(.+?)\]\(#(.+?)\) \| .+ \| .+ \|$", PAGE, re.MULTILINE)
    assert [name for name, _ in listed] == list(SCHEMES)
    assert [link for _, link in listed] == [name.lower().replace(",", "").replace(" ", "-") for name in SCHEMES]
    assert len(SCHEMES) == 8
    assert all(PAGE.index(f"## {one}") < PAGE.index(f"## {two}") for one, two in pairwise(SCHEMES))
