"""Code sets as dated data."""

from datetime import date
from itertools import combinations

import pytest

from server.register.code_sets import BEFORE_RECORDS, CODE_SETS, CODES, Code, Provenance, codes_on, find_code
from server.register.elements import ELEMENTS
from tests.unit.register import golden

TODAY = date(2025, 9, 1)


def overlaps(one: Code, other: Code) -> bool:
    last = date.max
    return one.valid_from <= (other.valid_to or last) and other.valid_from <= (one.valid_to or last)


@pytest.mark.parametrize("code_set", golden.CODES)
def test_set_holds_the_published_codes(code_set: str) -> None:
    """Deleting, adding or moving a code in force turns this red."""
    assert [code.code for code in codes_on(code_set, TODAY)] == golden.CODES[code_set].split()


def test_ended_codes_are_kept_with_their_last_day() -> None:
    """History stays readable: an ended code is never deleted."""
    ended = {(code.set, code.code): str(code.valid_to) for code in CODES if code.valid_to}
    assert ended == golden.ENDED_CODES


def test_sets_are_declared() -> None:
    """Every code belongs to a set, every set has codes and is governed by an element."""
    assert list(CODE_SETS) == list(golden.CODES)
    assert {code.set for code in CODES} == set(CODE_SETS)
    assert all(row.element in ELEMENTS and row.title for row in CODE_SETS.values())


@pytest.mark.parametrize("code_set", golden.CODES)
def test_codes_are_dated_without_overlaps(code_set: str) -> None:
    """At no time does a code of a set have two meanings, and no period ends before it begins."""
    codes = [code for code in CODES if code.set == code_set]
    for code in codes:
        assert code.label
        assert BEFORE_RECORDS <= code.valid_from <= (code.valid_to or date.max)
    for one, other in combinations(codes, 2):
        assert one.code != other.code or not overlaps(one, other)


def test_the_overlap_check_sees_an_overlap() -> None:
    """The check above can fail: a shared last day counts."""
    one = Code("sex", "X", "One", valid_to=date(2024, 8, 31))
    assert overlaps(one, Code("sex", "X", "Two", date(2024, 8, 31)))
    assert not overlaps(one, Code("sex", "X", "Two", date(2024, 9, 1)))


def test_a_value_keeps_the_meaning_of_its_day() -> None:
    """School Action is known for 2013 and unknown today; SEN support the other way round."""
    old, new = date(2013, 1, 17), TODAY
    assert find_code("sen_provision", "A", old) is not None
    assert find_code("sen_provision", "A", new) is None
    assert find_code("sen_provision", "K", old) is None
    assert find_code("sen_provision", "K", new) is not None
    assert find_code("sen_type", "DS", date(2024, 12, 31)) is None
    assert find_code("sen_type", "DS", date(2025, 1, 1)) is not None


def test_an_unknown_set_raises() -> None:
    """A misspelt set is a defect, not an empty list."""
    with pytest.raises(KeyError):
        codes_on("ethnicities", TODAY)


def test_extended_codes_name_a_main_code() -> None:
    """Both columns can be kept: the extended code and the main one it belongs to."""
    main = {code.code for code in codes_on("ethnicity", TODAY)}
    for code in CODES:
        assert (code.main is not None) == (code.set == "ethnicity_extended")
        assert code.main is None or code.main in main


def test_refused_and_not_obtained_are_values() -> None:
    """Ethnicity and first language can be refused or missing without being empty."""
    assert find_code("ethnicity", "REFU", TODAY)
    assert find_code("ethnicity", "NOBT", TODAY)
    assert find_code("first_language", "REF", TODAY)


@pytest.mark.parametrize("code_set", ["service_child", "english_proficiency", "year_group", "enrolment_status"])
def test_what_is_only_general_knowledge_says_so(code_set: str) -> None:
    """Codes that were not seen in a published list don't pass for published."""
    assert {code.provenance for code in CODES if code.set == code_set} == {Provenance.GENERAL_KNOWLEDGE}
