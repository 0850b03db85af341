"""Points, tariff and estimates as a pack prints them; what is not printed is refused."""

from __future__ import annotations

from fractions import Fraction

import pytest

from server.grading.errors import ErrorCode, GradingError
from server.grading.findings import Finding, Severity
from server.grading.measures.estimates import ESTIMATES_FILE
from server.grading.measures.points import KS4_FILE, TARIFF_FILE
from server.grading.measures.tables import read_tables
from server.grading.measures.tariff import tariff_points
from tests.unit.grading.measures.published import published

DOUBLE = "GCSE (9-1) Full Course (Double Award)"
BTEC = "BTEC Technical Award L1/2 - Band C - P-D*"
BANDS = "spec,ks2_average_scaled_score,a8_estimate_div10,english,maths,ebacc,open,ebacc_slots,open_slots\n"


def found(file: str, text: str) -> list[tuple[Severity, str, str]]:
    return [(each.severity, each.code, each.where) for each in read_tables({file: text})[1]]


@pytest.mark.parametrize(
    ("qualification", "grade", "points"),
    [
        ("GCSE (9-1) Full Course", "9", "9"),
        ("GCSE (9-1) Full Course", "U", "0"),
        (DOUBLE, "98", "8.5"),
        (DOUBLE, "5-4", "4.5"),
        (BTEC, "*2", "8.5"),
        (BTEC, "D*2", "8.5"),
        (BTEC, "L2D*", "8.5"),
        (BTEC, "L2P", "4"),
        (BTEC, "L1P", "1.25"),
        ("BTEC First Award L1/2 - Band C - P-D*", "P1", "1.75"),
        ("GCE AS level", "A", "10.75"),
        ("GCE AS level", "B", "8.88"),
        ("GCSE Full Course", "A*", "8.5"),
        ("GCSE Full Course", "C", "4"),
        ("VRQ Level 1", "D*", "3"),
        ("VRQ Level 2", "P", "4"),
    ],
)
def test_points_are_those_printed(qualification: str, grade: str, points: str) -> None:
    """Under the printed code, and as boards write the grade; ungraded is 0."""
    row = published().ks4.find(qualification, grade)
    assert row.points == Fraction(points)
    assert row.source


@pytest.mark.parametrize(
    ("qualification", "grade", "code"),
    [
        ("GCSE (9-1) Full Course", "10", ErrorCode.UNKNOWN_GRADE),
        ("GCSE (9-1) Full Course", "", ErrorCode.UNKNOWN_GRADE),
        ("GCSE (9-1) Full Course", "9-8", ErrorCode.UNKNOWN_GRADE),
        (DOUBLE, "8-9", ErrorCode.UNKNOWN_GRADE),
        ("GCSE Full Course", "D*", ErrorCode.UNKNOWN_GRADE),
        (BTEC, "L3D", ErrorCode.UNKNOWN_GRADE),
        ("GCSE", "9", ErrorCode.UNKNOWN_QUALIFICATION),
        ("", "U", ErrorCode.UNKNOWN_QUALIFICATION),
        # One type, several scales: the printed table alone does not say which.
        ("VRQ Level 2", "D", ErrorCode.AMBIGUOUS_POINTS),
        ("VRQ Level 2", "A*", ErrorCode.AMBIGUOUS_POINTS),
    ],
)
def test_what_is_not_printed_is_refused(qualification: str, grade: str, code: ErrorCode) -> None:
    """Neither a near grade nor a near type stands in for it."""
    with pytest.raises(GradingError) as caught:
        published().ks4.find(qualification, grade)
    assert caught.value.code is code


def test_an_ambiguous_grade_names_its_points() -> None:
    """So that whoever knows the scale can state them."""
    with pytest.raises(GradingError, match=r"has 4, 7\.75, 7 points by its scale"):
        published().ks4.find("VRQ Level 2", "D")


def test_sizes_and_slots_are_those_printed() -> None:
    """A free-standing maths unit is two thirds of a GCSE; a double award has two slots of size 1."""
    free = published().ks4.find("Free standing Maths Qual Level 3", "A")
    double = published().ks4.find(DOUBLE, "99")
    assert (free.points, free.size, free.slots) == (Fraction("5.13"), Fraction("0.67"), 1)
    assert (double.points, double.size, double.slots) == (9, 1, 2)
    assert published().ks4.find(DOUBLE, "U").slots == 2


def test_the_tariff_is_summed_line_by_line() -> None:
    """Three passes of an Extended Diploma are 48, not the 64 that one public table has."""
    points = tariff_points(
        published().tariff, [("GCE A level", "A*"), ("GCE AS", "E"), ("BTEC Extended Diploma", "PPP")]
    )
    assert (points.total, [row.points for row in points.rows]) == (110, [56, 6, 48])
    assert [row.source for row in points.rows] == [f"{TARIFF_FILE} line {line}" for line in (2, 12, 27)]
    assert tariff_points(published().tariff, []).total == 0
    assert tariff_points(published().tariff, [("GCE A level", "U")]).total == 0


@pytest.mark.parametrize("award", [("GCE A level", "9"), ("T Level", "P"), ("BTEC Diploma", "D*D*D*")])
def test_the_tariff_of_an_unknown_award_is_refused(award: tuple[str, str]) -> None:
    """With the others there is no sum either."""
    with pytest.raises(GradingError) as caught:
        tariff_points(published().tariff, [("GCE A level", "A"), award])
    assert caught.value.code in (ErrorCode.UNKNOWN_GRADE, ErrorCode.UNKNOWN_QUALIFICATION)


def test_estimates_are_on_the_scale_of_attainment_8() -> None:
    """The file prints a tenth: 4.55 for 105 is 45.5."""
    estimates = published().estimates["DfE:2023"]
    estimate = estimates.find(Fraction(105))
    assert (estimates.year, len(estimates.bands)) == (2023, 123)
    assert (estimate.total, estimate.elements["english"]) == (Fraction("45.5"), Fraction("9.88"))
    assert estimate.source.startswith(f"{ESTIMATES_FILE} line ")


@pytest.mark.parametrize("average", ["58.5", "120.5", "105.25"])
def test_a_band_that_is_not_printed_is_refused(average: str) -> None:
    """Neither the nearest nor a value between."""
    with pytest.raises(GradingError, match="bands go from 59 to 120") as caught:
        published().estimates["DfE:2023"].find(Fraction(average))
    assert caught.value.code is ErrorCode.NO_ESTIMATE


def test_no_file_gives_empty_tables_and_no_finding() -> None:
    """A pack need not have them."""
    tables, findings = read_tables({})
    assert (tables.ks4.rows, tables.tariff.rows, tables.estimates, findings) == ({}, {}, {}, ())


@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        (TARIFF_FILE, "qualification,grade\nA,B\n", [(Severity.ERROR, "MALFORMED_CSV", "line 1")]),
        (TARIFF_FILE, 'qualification,grade,points\nA,B,"3', [(Severity.ERROR, "MALFORMED_CSV", "line 2")]),
        (TARIFF_FILE, "qualification,grade,points\nA,B\n", [(Severity.ERROR, "MALFORMED_ROW", "line 2")]),
        (TARIFF_FILE, "qualification,grade,points\n ,B,3\n", [(Severity.ERROR, "MALFORMED_ROW", "line 2")]),
        (TARIFF_FILE, "qualification,grade,points\nA,B,-3\n", [(Severity.ERROR, "MALFORMED_ROW", "line 2")]),
        (TARIFF_FILE, "qualification,grade,points\nA,B,3\nA,B,3\n", [(Severity.WARNING, "DUPLICATE_ROW", "line 3")]),
        (KS4_FILE, "qualification_type,grade_code,points\nA,B,3\n", [(Severity.ERROR, "MALFORMED_CSV", "line 1")]),
        (ESTIMATES_FILE, f"{BANDS}DfE,100,3,6,6,9,9\n", [(Severity.ERROR, "MALFORMED_ROW", "line 2")]),
        (ESTIMATES_FILE, f"{BANDS}DfE:2024,100,3,6,6,9,9.05\n", []),
        (ESTIMATES_FILE, f"{BANDS}DfE:2024,100,3,6,6,9,9.06\n", [(Severity.WARNING, "ELEMENTS_DISAGREE", "line 2")]),
        (ESTIMATES_FILE, f"{BANDS}DfE:2024,100,3\nDfE:2024,100.0,3\n", [(Severity.WARNING, "DUPLICATE_ROW", "line 3")]),
    ],
)
def test_a_fault_is_a_finding_with_its_line(file: str, text: str, expected: list[Finding]) -> None:
    """An error where a row can't count, a warning where it does."""
    assert found(file, text) == expected


def test_a_band_printed_twice_with_other_figures_decides_nothing() -> None:
    """Neither row; the other bands stay."""
    text = f"{BANDS}DfE:2024,100,3\nDfE:2024,100,4\nDfE:2024,101,5\n"
    tables, findings = read_tables({ESTIMATES_FILE: text})
    assert [(each.severity, each.code) for each in findings] == [(Severity.ERROR, "DUPLICATE_ROW")]
    assert list(tables.estimates["DfE:2024"].bands) == [101]
