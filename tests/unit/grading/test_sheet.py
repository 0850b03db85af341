"""The page that a person signs: all figures stand on it, and it fits a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from server.demo.packs import pack_folder
from server.grading.files.folder import read_files
from server.grading.pack_units import PackRow
from server.grading.packs import load_pack
from server.grading.sheet import WIDTH, sheet
from server.grading.sign_off import Signed, SignOff
from tests.unit.grading.test_checked_files import RULES, SERIES
from tests.unit.grading.unit_samples import award, award_boundaries


def page_of(row: PackRow, standing: Sequence[str] = ()) -> str:
    signed = Signed.in_files(row.specification.provenance, row.boundaries)
    return sheet(row.row_id, row.specification, row.boundaries, signed, standing)


def test_every_published_series_fits_a_page() -> None:
    """Within 100 columns and 80 lines, each boundary in a line of its own."""
    for row_id, row in load_pack(pack_folder()).rows.items():
        lines = sheet(row_id, row.specification, row.boundaries, Signed()).splitlines()
        assert max(map(len, lines)) <= WIDTH
        assert len(lines) <= 80
        for found in row.boundaries.rows:
            assert any(line.split()[:2] == [found.grade, str(found.mark)] for line in lines), (row_id, found)


def test_a_page_says_everything_that_counts() -> None:
    """Units, requirements, rules with their confidence, both sources, and who answers for the copy."""
    [row] = read_files({"rules.toml": RULES, "series.toml": SERIES}, {}).rows.values()
    page = page_of(row, ["Stored as version 2"])
    for told in (
        "SPECIFICATION AND BOUNDARIES  T:100:H:June_2025",
        "T 100 Mathematics; GCSE (9-1), tier H",
        "Valid from 2015-09-01 to now",
        "Stored as version 2",
        "uniform marks of units are added (unitised)",
        "U1 is worth A 80, B 70, C 60, D 50, E 40 of 100 (a line between two grades; below the lowest grade",
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
    assert "Checked by, boundaries      ____" in page_of(unsigned)


def test_a_page_says_what_to_look_at_again_and_what_decides_nothing() -> None:
    """Figures off the interval rule, notional ones, and the fixed ones of a ladder."""
    pack = load_pack(pack_folder())
    row = pack.rows["AQA:8300:H:June_2019"]
    page = page_of(row)
    assert "LOOK AGAIN" not in page
    assert "8300/1H: 9 68, 8 55, 7 42, 6 32, 5 23, 4 14, 3 9" in page.split("NOTIONAL")[1]
    rows = tuple(replace(each, mark=each.mark + (each.grade == "8")) for each in row.boundaries.rows)
    page = page_of(replace(row, boundaries=replace(row.boundaries, rows=rows)))
    assert "LOOK AGAIN AT\nBetween 9 and 7 the rule gives 171 for 8." in page
    page = sheet("id", award(), award_boundaries(), Signed())
    assert "  in every series from raw marks: D 4, M 3, P 2, N 1, U 0" in page
    assert "(a line between two grades; nothing below the lowest grade; nothing more above the best grade;" in " ".join(
        page.split()
    )


def test_a_page_names_everybody_who_signed() -> None:
    """With when and from which file it was stored; who checks their own figures leaves the line to sign on."""
    stored = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
    own = SignOff("A. Khan", "A. Khan", None, stored)
    page = sheet("id", award(), award_boundaries(), Signed((own,), (own, SignOff(None, "B. Ode", "f" * 64, stored))))
    assert "Checked by, specification   A. Khan\n  stored 2026-03-04 05:06 UTC from a file of before 0020" in page
    assert "Checked by, specification   ____" in page
    assert "Checked by, boundaries      B. Ode" in page
    assert f"from the file with SHA-256 {'f' * 64}" in " ".join(page.split())
    assert "Checked by, boundaries      ____" not in page
