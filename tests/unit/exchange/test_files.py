"""Files that are not what they should be: refused as a whole, with a code, before anything large is made of them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from server.exchange import xlsx_limits
from server.exchange.csv_file import read_csv
from server.exchange.marks_layout import MARKS
from server.exchange.problems import FileRefused, Problems
from server.exchange.records import read_records, read_sheets
from server.exchange.roster_layout import roster_sheets
from server.exchange.workbook import Workbook
from tests.unit.exchange.rosters import ADA, Book, changed, marks_csv, small_book, workbook

TODAY = date(2026, 11, 21)


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(FileRefused) as fault:
        act()
    assert fault.value.problem.message.endswith(".")
    return fault.value.problem.code


def rewritten(content: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The workbook with one part changed."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for part in source.infolist():
            data = source.read(part)
            made.writestr(part.filename, change(data) if part.filename.endswith(name) else data)
    return target.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "EMPTY_FILE"),
        (b"UPN,Name\n", "NOT_A_WORKBOOK"),
        (b"PK\x03\x04 and then nothing of it", "NOT_A_WORKBOOK"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 512, "NOT_A_WORKBOOK"),
    ],
)
def test_what_is_no_workbook_is_refused(content: bytes, code: str) -> None:
    """An empty file, a CSV, a broken archive, and the old binary format."""
    assert refused(lambda: Workbook(content)) == code


def test_an_archive_of_something_else_is_refused() -> None:
    """A ZIP file without a workbook in it."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        made.writestr("letter.txt", "hello")
    assert refused(lambda: Workbook(target.getvalue())) == "NOT_A_WORKBOOK"


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A megabyte that unpacks to more than a roster can be."""
    monkeypatch.setattr(xlsx_limits, "MOST_UNPACKED", 10_000_000)
    content = workbook(tmp_path, small_book())
    bomb = rewritten(content, "sheet3.xml", lambda data: data + b" " * 20_000_000)
    assert len(bomb) < 100_000
    assert refused(lambda: Workbook(bomb)) == "FILE_TOO_LARGE"


def test_a_length_that_lies_is_refused(tmp_path: Path) -> None:
    """A part that declares fewer bytes than it holds fails its checksum."""
    content = bytearray(workbook(tmp_path, small_book()))
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as archive:
        part = next(p for p in archive.infolist() if p.filename.endswith("sheet3.xml"))
    # The central directory repeats the length; that is the one readers believe.
    place = content.rfind(part.filename.encode()) - 46 + 24
    assert int.from_bytes(content[place : place + 4], "little") == part.file_size
    content[place : place + 4] = (part.file_size - 40).to_bytes(4, "little")
    assert refused(lambda: Workbook(bytes(content))) == "NOT_A_WORKBOOK"


def test_a_cell_in_a_far_corner_is_refused(tmp_path: Path) -> None:
    """One cell at the end of the sheet would make a reader lay out billions of empty ones."""

    def far(data: bytes) -> bytes:
        return data.replace(b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>')

    assert refused(lambda: Workbook(rewritten(workbook(tmp_path, small_book()), "sheet3.xml", far))) == "FILE_TOO_LARGE"


def test_one_long_text_in_very_many_cells_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shared text is stored once and copied for every cell that names it."""
    monkeypatch.setattr(xlsx_limits, "MOST_TEXT", 1_000_000)
    book = small_book()
    content = workbook(tmp_path, book)
    shared = b"<sst><si><t>" + b"x" * 30_000 + b"</t></si></sst>"
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for part in source.infolist():
            if not part.filename.endswith("sharedStrings.xml"):
                made.writestr(part.filename, source.read(part))
        made.writestr("xl/sharedStrings.xml", shared)
    assert refused(lambda: Workbook(target.getvalue())) == "FILE_TOO_LARGE"


@pytest.mark.parametrize("markup", [b"<!DOCTYPE x [<!ENTITY a 'b'>]>", "<a/>".encode("utf-16")])
def test_markup_that_spreadsheets_do_not_write_is_refused(tmp_path: Path, markup: bytes) -> None:
    """Entities multiply text, and another encoding would hide cells from the limits."""
    content = rewritten(workbook(tmp_path, small_book()), "sheet3.xml", lambda data: markup + data)
    assert refused(lambda: Workbook(content)) == "NOT_A_WORKBOOK"


def read(tmp_path: Path, book: Book) -> Problems:
    problems = Problems()
    read_sheets(Workbook(workbook(tmp_path, book)), roster_sheets(), problems, TODAY)
    return problems


def test_a_missing_sheet_a_missing_column_and_a_doubled_one_are_named(tmp_path: Path) -> None:
    """Nothing is guessed from a file whose shape is wrong."""
    assert refused(lambda: read(tmp_path, changed(lambda b: b.pop("Learners")))) == "MISSING_SHEET"
    assert refused(lambda: read(tmp_path, changed(lambda b: b["Staff"][0].__setitem__(7, "Rolls")))) == "MISSING_COLUMN"
    assert refused(lambda: read(tmp_path, changed(lambda b: b["Staff"][0].append("from")))) == "DUPLICATE_COLUMN"
    assert refused(lambda: read(tmp_path, changed(lambda b: b.__setitem__("Staff", [])))) == "EMPTY_FILE"


def test_every_bad_row_is_reported_with_its_number(tmp_path: Path) -> None:
    """Sheet, row as the spreadsheet shows it, column and code: all of them, not the first one only."""

    def spoil(book: Book) -> None:
        book["Learners"][1][1] = "Z" + ADA[1:]
        book["Learners"][2][1] = None
        book["Learners"][4][6] = "Q"
        book["Staff"][2][7] = "class_teacher; wizard"
        book["Enrolments"].append(book["Enrolments"][1])

    found = {(p.sheet, p.row, p.column, p.code) for p in read(tmp_path, changed(spoil)).found}
    assert found == {
        ("Learners", 2, "UPN", "1510"),
        ("Learners", 3, "UPN", "1500"),
        ("Learners", 5, "Gender", "UNKNOWN_CODE"),
        ("Staff", 3, "Roles", "UNKNOWN_CODE"),
        ("Enrolments", 2, None, "DUPLICATE"),
        ("Enrolments", 6, None, "DUPLICATE"),
    }


def test_a_doubled_upn_spoils_both_rows(tmp_path: Path) -> None:
    """Of two learners with one number neither is believed."""

    def double(book: Book) -> None:
        book["Learners"][3][1] = ADA

    assert {(p.row, p.code) for p in read(tmp_path, changed(double)).found} == {(2, "1520"), (4, "1520")}


def test_a_row_keeps_its_number_below_blank_rows(tmp_path: Path) -> None:
    """People leave rows blank; the report counts as their program does."""

    def gap(book: Book) -> None:
        book["Classes"][1:1] = [[], []]
        book["Classes"].append([2026, None, "Maths"])

    assert [(p.sheet, p.row, p.code) for p in read(tmp_path, changed(gap)).found] == [("Classes", 7, "REQUIRED")]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "EMPTY_FILE"),
        (b" \n\n", "EMPTY_FILE"),
        (b"\xff\xfeU\x00P\x00", "NOT_TEXT"),
        ("UPN,Name\n1,Zo\u00eb".encode("latin-1"), "NOT_TEXT"),
        (b"PK\x03\x04\x00\x00", "NOT_TEXT"),
        (marks_csv() + b'"open', "NOT_TEXT"),
        (b"UPN,Course\n", "MISSING_COLUMN"),
    ],
)
def test_what_is_no_marks_file_is_refused(content: bytes, code: str) -> None:
    """Empty, not text, another encoding, an open quotation mark, a missing column."""
    assert refused(lambda: read_records(MARKS, read_csv(content), Problems(), TODAY)) == code


def test_a_csv_may_have_a_mark_at_its_start_semicolons_and_foreign_line_ends() -> None:
    """Spreadsheet programs of other countries write these."""
    row = (ADA, "Maths", "Autumn 1", "8300/1H", "SCORED", "40", "2026-10-06")
    text = "\ufeff" + marks_csv(row).decode().replace(",", ";").replace("\n", "\r\n")
    problems = Problems()
    [record] = read_records(MARKS, read_csv(text.encode()), problems, TODAY)
    assert (record.row, record["score"], problems.found) == (2, "40", [])
