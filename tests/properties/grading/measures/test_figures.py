"""Roundings, roots, intervals and the reading of tables, on anything."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from server.grading.findings import Severity
from server.grading.measures.cohorts import StandardDeviation, cohort_progress8
from server.grading.measures.estimates import ESTIMATES_FILE
from server.grading.measures.points import KS4_FILE, TARIFF_FILE
from server.grading.measures.rounding import RoundTo, exact_text, rounded, rounded_text, square_root
from server.grading.measures.tables import read_tables
from tests.properties.grading.worlds import checked
from tests.unit.grading.measures.published import texts

DECIMALS = st.decimals(-1000, 1000, allow_nan=False, allow_infinity=False, places=4)
SCORES = st.fractions(-9, 9, max_denominator=1000)
FILES = (KS4_FILE, TARIFF_FILE, ESTIMATES_FILE)


@checked
@given(DECIMALS, st.integers(0, 4))
def test_roundings_are_those_of_decimal_arithmetic(value: Decimal, places: int) -> None:
    """Decimal calls half away from zero ROUND_HALF_UP."""
    step = Decimal(1).scaleb(-places)
    for how, theirs in (
        (RoundTo.HALF_AWAY_FROM_ZERO, ROUND_HALF_UP),
        (RoundTo.HALF_EVEN, ROUND_HALF_EVEN),
    ):
        expected = value.quantize(step, rounding=theirs)
        assert rounded(Fraction(value), places, how) == Fraction(expected)
        assert rounded_text(Fraction(value), places, how) == f"{expected or abs(expected):f}"
    assert rounded(Fraction(value), places, RoundTo.HALF_UP) == (
        (Fraction(value) / Fraction(step) + Fraction(1, 2)) // 1
    ) * Fraction(step)


@checked
@given(st.one_of(DECIMALS.map(Fraction), SCORES))
def test_an_exact_text_reads_back(value: Fraction) -> None:
    """As decimal or as quotient, it is the number."""
    assert Fraction(exact_text(value)) == value


@checked
@given(st.fractions(0, 10**6, max_denominator=10**6))
def test_a_root_is_exact_or_as_good_as_stated(value: Fraction) -> None:
    """The root of a square is exact; another squared differs only beyond the 49th digit."""
    assert square_root(value * value) == value
    assert abs(square_root(value) ** 2 - value) <= value / 10**49


@checked
@given(st.lists(SCORES, min_size=2, max_size=30))
def test_the_interval_lies_evenly_about_the_mean(scores: list[Fraction]) -> None:
    """Its half width squared is 1.96 squared times the variance over n; more of the same learners narrow it."""
    found = cohort_progress8(scores)
    mean = sum(scores, Fraction(0)) / len(scores)
    variance = sum(((score - mean) ** 2 for score in scores), Fraction(0)) / (len(scores) - 1)
    assert found.mean == mean
    assert found.half_width is not None
    expected = Fraction(196, 100) ** 2 * variance / len(scores)
    assert abs(found.half_width**2 - expected) <= expected / 10**48
    low, high = found.interval or ("", "")
    assert Fraction(low) <= Fraction(found.text) <= Fraction(high)
    national = StandardDeviation(Fraction(5, 4), "a test")
    narrow, wide = cohort_progress8(scores * 4, national), cohort_progress8(scores, national)
    assert narrow.half_width is not None
    assert wide.half_width is not None
    assert abs(narrow.half_width * 2 - wide.half_width) <= wide.half_width / 10**48


@checked
@given(st.dictionaries(st.sampled_from(FILES), st.text(max_size=300)))
def test_any_text_is_read_without_an_error(found: dict[str, str]) -> None:
    """What is no table gives a finding or no rows, never another exception."""
    tables, findings = read_tables(found)
    assert all(finding.file in found and finding.message for finding in findings)
    assert isinstance(tables.estimates, dict)


@checked
@given(st.sampled_from(FILES), st.data())
def test_a_damaged_table_never_gives_other_figures_in_silence(file: str, data: st.DataObject) -> None:
    """A line whose number became a word is left out and named."""
    lines = texts()[file].splitlines(keepends=True)
    position = data.draw(st.integers(1, len(lines) - 1))
    column = {KS4_FILE: -3, TARIFF_FILE: -1, ESTIMATES_FILE: 2}[file]
    cells = lines[position].rstrip("\n").split(",")
    cells[column] = data.draw(st.sampled_from(["x", "", "-1", "1e3", "NaN"]))
    damaged = "".join([*lines[:position], ",".join(cells) + "\n", *lines[position + 1 :]])
    tables, findings = read_tables({file: damaged})
    assert [(each.severity, each.where) for each in findings] == [(Severity.ERROR, f"line {position + 1}")]
    rows = len(lines) - 2
    counted = (
        sum(map(len, tables.ks4.rows.values()))
        + len(tables.tariff.rows)
        + sum(len(table.bands) for table in tables.estimates.values())
    )
    assert counted == rows
