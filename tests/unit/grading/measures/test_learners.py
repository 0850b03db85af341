"""Results sorted into measures by data: what counts, what is left out and why, and the figures of many."""

from __future__ import annotations

from fractions import Fraction

import pytest

from server.grading.findings import Severity
from server.grading.measures.attainment8 import Attainment8
from server.grading.measures.learners import Lacking, Measures, Standpoint, Tariff, measured
from server.grading.measures.progress8 import Progress8
from server.grading.measures.results import Reason, Result
from server.grading.measures.school import Measure, figures
from server.grading.measures.subjects import SUBJECTS_FILE
from server.grading.measures.tables import in_force, read_tables
from tests.unit.grading.measures.published import published

HEAD = "specification,area,ks4_type,tariff_type,discount,confidence,source\n"
GCSE = "GCSE (9-1) Full Course"
LINES = f"""{HEAD}T:EN,english_language,{GCSE},,english,stated,a list
T:LI,english_literature,{GCSE},,literature,stated,a list
T:MH,maths,{GCSE},,maths,stated,a list
T:MF,maths,{GCSE},,maths,stated,a list
T:HI,humanity,{GCSE},,history,stated,a list
T:AL,chemistry,,GCE A level,chemistry,stated,a list
T:AS,chemistry,GCE AS level,GCE AS,chemistry,stated,a list
T:XX,other,No such type,,odd,stated,a list
"""
TABLES = in_force([published(), read_tables({SUBJECTS_FILE: LINES})[0]])


def taken(*results: tuple[str, str | None, str | None], year_group: str = "11") -> list[Result]:
    """By specification and grade; named by place and specification."""
    return [
        Result(f"{place} {specification}", year_group, specification, grade)
        for place, (_, specification, grade) in enumerate(results)
    ]


def of(results: list[Result], ks2: str | None = "105", year: int = 2027, *, proxy: bool = False) -> Measures:
    return measured(results, None if ks2 is None else Fraction(ks2), Standpoint(TABLES, year, proxy))


def reasons(found: Measures) -> list[tuple[str, Reason]]:
    return [(one.name, one.reason) for one in found.left_out]


SIX = taken(("", "T:EN", "6"), ("", "T:MH", "5"), ("", "T:HI", "4"))


def test_a_result_without_data_is_left_out_with_its_reason() -> None:
    """No specification, no grade, no line, no type at this stage, no such line of the table: nothing is guessed."""
    found = of(
        taken(
            ("", None, "7"), ("", "T:EN", None), ("", "AQA:0000:U", "7"), ("", "T:AL", "A"), ("", "T:XX", "7"),
            ("", "T:MH", "10"), ("", "T:MF", "5"),
        )
    )  # fmt: skip
    assert reasons(found) == [
        ("0 None", Reason.NO_SPECIFICATION),
        ("1 T:EN", Reason.NO_GRADE),
        ("2 AQA:0000:U", Reason.NOT_MAPPED),
        ("3 T:AL", Reason.NOT_MAPPED),
        ("4 T:XX", Reason.NOT_IN_TABLE),
        ("5 T:MH", Reason.NOT_IN_TABLE),
    ]
    assert isinstance(found.attainment8, Attainment8)
    assert found.attainment8.total == 10


def test_of_one_discount_word_the_best_counts() -> None:
    """Both tiers of mathematics: one slot, and the other is named."""
    found = of(taken(("", "T:MF", "5"), ("", "T:MH", "6")))
    assert isinstance(found.attainment8, Attainment8)
    assert [slot.entry for slot in found.attainment8.slots if slot.entry] == ["1 T:MH"]
    assert reasons(found) == [("0 T:MF", Reason.DISCOUNTED)]


def test_the_tariff_is_of_courses_after_16_and_hides_no_gap() -> None:
    """An AS below the A level of its subject doesn't count; an award that the tariff lacks refuses the sum."""
    found = of(taken(("", "T:AL", "B"), ("", "T:AS", "A"), year_group="12"))
    assert isinstance(found.tariff, Tariff)
    assert (found.tariff.total, reasons(found)) == (40, [("1 T:AS", Reason.DISCOUNTED)])
    assert found.attainment8 == Lacking(Reason.NO_RESULTS, "No result of key stage 4 counts.")
    gap = of(taken(("", "T:AL", "B"), ("", "T:AS", "F"), year_group="12"))
    assert isinstance(gap.tariff, Lacking)
    assert gap.tariff.reason is Reason.NOT_IN_TABLE


@pytest.mark.parametrize(("ks2", "year", "proxy", "reason"), [
    (None, 2027, True, Reason.NO_PRIOR_ATTAINMENT),
    ("105", 2026, True, Reason.NOT_AVAILABLE),
    ("105", 2027, False, Reason.NOT_AVAILABLE),
    ("105.25", 2027, True, Reason.NO_ESTIMATE),
    ("105", 2022, True, Reason.NO_ESTIMATE),
])  # fmt: skip
def test_progress_8_is_refused_for_a_reason(ks2: str | None, year: int, proxy: bool, reason: Reason) -> None:
    found = of(SIX, ks2, year, proxy=proxy).progress8
    assert isinstance(found, Lacking)
    assert found.reason is reason


def test_a_proxy_says_that_it_is_one() -> None:
    """Year 10 of one school year and year 11 of the next are one cohort."""
    found = of(SIX, proxy=True).progress8
    later = of([Result(one.name, "10", one.specification, one.grade) for one in SIX], year=2026, proxy=True).progress8
    assert isinstance(found, Progress8)
    assert found.label == "Proxy by DfE:2023: not a Progress 8 of 2027"
    assert found == later
    mixed = of([*SIX[:2], Result("early", "10", "T:HI", "4")], proxy=True).progress8
    assert isinstance(mixed, Lacking)


def test_figures_say_over_how_many_and_who_is_left_out() -> None:
    """A learner of whom only part may be read is in no figure."""
    part = Lacking(Reason.PART_READ, "part")
    found = {
        one.measure: one
        for one in figures([of(SIX, proxy=True), of(SIX[:1], None), of([]), part])
    }  # fmt: skip
    attainment = found[Measure.ATTAINMENT_8]
    assert (attainment.learners, attainment.mean, attainment.text) == (2, Fraction(26, 2), "13.00")
    assert attainment.left_out == {Reason.NO_RESULTS: 1, Reason.PART_READ: 1}
    assert attainment.gaps == 0
    unsettled = figures([of([*SIX, Result("later", "11", "T:LI", None)]), of(SIX)])[0]
    assert (unsettled.learners, unsettled.gaps) == (2, 1)
    progress = found[Measure.PROGRESS_8]
    assert (progress.learners, progress.interval) == (1, None)
    assert progress.labels == ("Proxy by DfE:2023: not a Progress 8 of 2027",)
    assert (found[Measure.BASICS_STANDARD].text, found[Measure.BASICS_STRONG].text) == ("0.5000", "0.5000")
    assert (found[Measure.UCAS_TARIFF].text, found[Measure.UCAS_TARIFF].learners) == (None, 0)


@pytest.mark.parametrize(("line", "code"), [
    ("T:1,art,X,,w,c,s", "MALFORMED_ROW"),
    ("T:1,maths,,,w,c,s", "MALFORMED_ROW"),
    ("T:1,maths,X,,w,,s", "MALFORMED_ROW"),
    ("T:EN,maths,X,,w,c,s", "DUPLICATE_ROW"),
])  # fmt: skip
def test_a_line_of_subjects_that_decides_nothing_is_a_finding(line: str, code: str) -> None:
    tables, found = read_tables({SUBJECTS_FILE: f"{HEAD}T:EN,english_language,{GCSE},,english,c,s\n{line}\n"})
    assert [(each.severity, each.code) for each in found] == [(Severity.ERROR, code)]
    assert set(tables.subjects) == (set[str]() if code == "DUPLICATE_ROW" else {"T:EN"})


def test_a_file_that_is_no_text_is_a_finding() -> None:
    """PostgreSQL would not store it."""
    tables, found = read_tables({SUBJECTS_FILE: f"{LINES}T:ZZ,maths,{GCSE},,z,stated,\0\n"})
    assert [each.code for each in found] == ["MALFORMED_CSV"]
    assert tables.subjects == {}


def test_a_newer_version_takes_the_place_of_what_it_states() -> None:
    """And of nothing else: types, years and specifications that it doesn't name stay."""
    newer = read_tables({SUBJECTS_FILE: f"{HEAD}T:EN,other,{GCSE},,english,c,s\n"})[0]
    found = in_force([TABLES, newer])
    assert found.subjects["T:EN"].area == "other"
    assert found.subjects["T:HI"] == TABLES.subjects["T:HI"]
    assert (found.ks4.rows, found.estimates) == (TABLES.ks4.rows, TABLES.estimates)
