"""The page that a person signs: all figures stand on it, and it fits a page."""

from __future__ import annotations

from server.demo.packs import pack_folder
from server.grading.files.folder import read_files
from server.grading.packs import load_pack
from server.grading.sheet import WIDTH, sheet
from tests.unit.grading.test_checked_files import RULES, SERIES


def test_every_published_series_fits_a_page() -> None:
    """Within 100 columns and 80 lines, each boundary in a line of its own."""
    for row_id, row in load_pack(pack_folder()).rows.items():
        lines = sheet(row_id, row.specification, row.boundaries).splitlines()
        assert max(map(len, lines)) <= WIDTH
        assert len(lines) <= 80
        for found in row.boundaries.rows:
            assert any(line.split()[:2] == [found.grade, str(found.mark)] for line in lines), (row_id, found)


def test_a_page_says_everything_that_counts() -> None:
    """Units, requirements, rules with their confidence, both sources, and who answers for the copy."""
    [row] = read_files({"rules.toml": RULES, "series.toml": SERIES}, {}).rows.values()
    page = sheet(row.row_id, row.specification, row.boundaries, ["Stored as version 2"])
    for told in (
        "SPECIFICATION AND BOUNDARIES  T:100:H:June_2025",
        "T 100 Mathematics; GCSE (9-1), tier H",
        "Valid from 2015-09-01 to now",
        "Stored as version 2",
        "U1 is worth A 80, B 70, C 60, D 50, E 40 of 100 (below the lowest: notional; above the best: cap;",
        "U1: A 45, B 40, C 35.5, D 30, E 25",
        "A and better: 80 marks in U2. U2 must give 80.",
        "(sum_exact; assumed)",
        "https://board.example/100.pdf, page 12",
        "https://board.example/june-2025.pdf",
        f"SHA-256 of the document  {'0' * 64}",
        "Entered by, specification   A. Khan",
        "Checked by, boundaries      B. Ode",
    ):
        assert told in page, told
    [unsigned] = read_files(
        {"r.toml": RULES, "s.toml": SERIES.replace('checked_by = "B. Ode"\n', "")}, {}
    ).rows.values()
    assert "Checked by, boundaries      ____" in sheet(row.row_id, row.specification, unsigned.boundaries)
