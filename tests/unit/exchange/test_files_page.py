"""The page of the files' sheets and columns is what reads them."""

from pathlib import Path

import pytest

from server.commands.rosters.columns import Sheet
from server.exchange.marks_layout import MARKS, PARTS
from server.exchange.roster_layout import roster_sheets
from tools.files_page import files_page

PAGE = Path(__file__).parents[3] / "docs" / "files.md"
SHEETS = {
    **{f"### {sheet.name}": sheet for sheet in roster_sheets()},
    "## Marks": MARKS,
    "## Marks by question": PARTS,
}


def test_the_committed_page_is_the_printed_one() -> None:
    """`make schema` prints it."""
    assert PAGE.read_text(encoding="utf-8") == files_page()


@pytest.mark.parametrize(("title", "sheet"), SHEETS.items(), ids=list(SHEETS))
def test_every_column_has_its_line(title: str, sheet: Sheet) -> None:
    """With what it may hold, whether it is needed, and by what a row is known."""
    section = PAGE.read_text(encoding="utf-8").partition(f"\n{title}\n")[2].partition("\n#")[0]
    lines = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("|")][2:]
    assert [line[0] for line in lines] == [column.heading for column in sheet.columns]
    assert [line[-1] == "yes" for line in lines] == [column.required for column in sheet.columns]
    for line, column in zip(lines, sheet.columns, strict=True):
        assert set(column.words) <= set(line[1].replace("`", "").replace(",", "").split())
    headings = {column.name: column.heading for column in sheet.columns}
    known = section.partition("A row is known by ")[2].partition(".\n")[0].replace(" and ", ", ").split(", ")
    assert [name for name in known if name] == [headings[name] for name in sheet.unique]
    assert ("may be left out." in section) == (not sheet.required)
