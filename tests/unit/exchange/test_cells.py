"""Cells: what is read, and what is refused with which code."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.commands.rosters.cells import CellRefused, read_cell
from server.commands.rosters.columns import Column, code, codes, day, decimal, one_of, text, texts, upn, whole
from server.exchange.workbook import Cell
from server.register.upn import make_upn

TODAY = date(2026, 11, 21)
NUMBER = make_upn(381, 2001, 2019, 7)


@pytest.mark.parametrize(
    ("column", "cell", "value"),
    [
        (text("Name"), "  Zoe\u0308 ", "Zoë"),
        (text("Name"), "", None),
        (text("Name"), "   ", None),
        (text("Name"), 123.0, "123"),
        (text("Name"), 9, "9"),
        (upn(), NUMBER.lower() + " ", NUMBER),
        (code("Gender", "gender"), "f", "F"),
        (code("Ethnicity", "ethnicity"), "NOBT", "NOBT"),
        (code("Year group", "year_group"), 11.0, "11"),
        (codes("SEN needs", "sen_type"), "SPLD; asd", ["SPLD", "ASD"]),
        (texts("Medical"), "Asthma; Hay fever", ["Asthma", "Hay fever"]),
        (one_of("Kind", "COVER"), "Cover", "COVER"),
        (whole("Points", -5, 5), -3.0, -3),
        (whole("Points", -5, 5), "4", 4),
        (decimal("Score", 80, 120), 98.5, Decimal("98.5")),
        (decimal("Score", 80, 120), "100.00", Decimal(100)),
        (day("From"), date(2026, 9, 1), date(2026, 9, 1)),
        (day("From"), datetime(2026, 9, 1, 12, tzinfo=UTC), date(2026, 9, 1)),
        (day("From"), 46266, date(2026, 9, 1)),
        (day("From"), 46266.0, date(2026, 9, 1)),
        (day("From"), "2026-09-01", date(2026, 9, 1)),
        (day("From"), "01/09/2026", date(2026, 9, 1)),
    ],
)
def test_a_sound_cell_is_read(column: Column, cell: Cell, value: Any) -> None:
    """Spreadsheets change what people type: each of its shapes gives the same value."""
    assert read_cell(column, cell, TODAY) == value


@pytest.mark.parametrize(
    ("column", "cell", "problem"),
    [
        (text("Name", required=True), None, "REQUIRED"),
        (text("Name"), True, "BAD_VALUE"),
        (text("Name"), 1.5, "BAD_VALUE"),
        (text("Name"), float("nan"), "BAD_VALUE"),
        (text("Name"), float("inf"), "BAD_VALUE"),
        (text("Name"), date(2026, 1, 1), "BAD_VALUE"),
        (text("Name"), time(1), "BAD_VALUE"),
        (text("Name"), "#REF!", "BAD_VALUE"),
        (text("Name"), "a\x00b", "BAD_VALUE"),
        (text("Name"), "a\ud800", "BAD_VALUE"),
        (text("Name", longest=3), "abcd", "OUT_OF_RANGE"),
        (upn(), None, "1500"),
        (upn(), "A" + NUMBER[1:] if NUMBER[0] != "A" else "B" + NUMBER[1:], "1510"),
        (upn(), "A000200119007", "1530"),
        (code("Gender", "gender"), "X", "UNKNOWN_CODE"),
        (code("SEN provision", "sen_provision"), "A", "UNKNOWN_CODE"),
        (codes("SEN needs", "sen_type"), "SPLD; BESD", "UNKNOWN_CODE"),
        (codes("SEN needs", "sen_type"), "SPLD; SPLD", "BAD_VALUE"),
        (whole("Points", 0, 5), 2.5, "BAD_VALUE"),
        (whole("Points", 0, 5), 6, "OUT_OF_RANGE"),
        (whole("Points", 0, 5), True, "BAD_VALUE"),
        (whole("Points", 0, 5), "five", "BAD_VALUE"),
        (decimal("Score", 0, 5), float("nan"), "BAD_VALUE"),
        (decimal("Score", 0, 5), "NaN", "BAD_VALUE"),
        (decimal("Score", 0, 5), "1e400", "OUT_OF_RANGE"),
        (decimal("Score", 0, 5), 1.234, "BAD_VALUE"),
        (day("From"), "31/02/2026", "BAD_VALUE"),
        (day("From"), "9/1/26", "BAD_VALUE"),
        (day("From"), 46266.5, "BAD_VALUE"),
        (day("From"), True, "BAD_VALUE"),
        (day("From"), timedelta(days=1), "BAD_VALUE"),
        (day("From"), date(1800, 1, 1), "OUT_OF_RANGE"),
    ],
)
def test_a_bad_cell_is_refused_with_its_code(column: Column, cell: Cell, problem: str) -> None:
    """Formula errors, booleans, floats and NaN in text, old codes, impossible dates: each names its column."""
    with pytest.raises(CellRefused) as refused:
        read_cell(column, cell, TODAY)
    assert refused.value.code == problem
    assert column.heading in refused.value.message or problem.isdigit()


def test_a_message_never_repeats_the_cell() -> None:
    """What stood in a cell may be personal data, so that no sentence echoes it."""
    for column in (text("Name", longest=3), code("Gender", "gender"), whole("Points", 0, 1), day("From"), upn()):
        with pytest.raises(CellRefused) as refused:
            read_cell(column, "Wilhelmina 77", TODAY)
        assert "Wilhelmina" not in refused.value.message
        assert "77" not in refused.value.message


_COLUMNS = (
    text("Name", required=True), upn(), code("Gender", "gender"), codes("SEN needs", "sen_type"), texts("Medical"),
    whole("Points", -5, 5), decimal("Score", 0, 100), day("From"),
)  # fmt: skip
_CELLS: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.text(),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
)


@given(st.sampled_from(_COLUMNS), _CELLS)
def test_any_cell_is_a_value_or_a_coded_fault(column: Column, cell: Cell) -> None:
    """Nothing that a reader can hand over raises anything else."""
    assert _code_of(column, cell) != ""


def _code_of(column: Column, cell: Cell) -> str | None:
    """None for a value."""
    try:
        read_cell(column, cell, TODAY)
    except CellRefused as refused:
        return refused.code
    return None
