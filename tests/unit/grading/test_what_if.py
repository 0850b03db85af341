"""What-ifs on small qualifications: tiers, options, series, shifts, and what open components must bring."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from server.grading import what_if as module
from server.grading.boundaries import BoundarySet
from server.grading.contents import boundary_content, specification_content
from server.grading.errors import ErrorCode, GradingError
from server.grading.papers import Contents, Paper
from server.grading.rule_family import RuleFamily
from server.grading.specification import Component, ComponentKind, Option, Specification
from server.grading.tiers import carried, counterparts
from server.grading.what_if import Case, Outcome, Overlay, Refused, side_by_side, what_if
from tests.unit.grading.samples import computing, computing_boundaries, geography, geography_boundaries, rows
from tests.unit.grading.unit_samples import UNITS, psychology, psychology_boundaries
from tests.worlds.tiered import EARLIER, SERIES, boundaries, specification

Rules = tuple[Specification, BoundarySet]
HIGHER: Rules = (specification("H"), boundaries("H", SERIES))
FOUNDATION: Rules = (specification("F"), boundaries("F", SERIES))


def contents(rules: Rules) -> Contents:
    return Contents(specification_content(rules[0]), boundary_content(rules[1]))


def case(marks: Mapping[str, Sequence[object]], own: Rules, *others: Rules, papers: Sequence[Paper] = ()) -> Case:
    """With a paper as specified for every component that has marks, unless others are given."""
    sat = papers or [
        Paper(part.code, Decimal(int(part.max_raw)), Decimal(1)) for part in own[0].components if part.code in marks
    ]
    family = RuleFamily(tuple(contents(each) for each in others))
    return Case(contents(own), frozenset(sat), marks, family)


def only(case: Case, **changes: Any) -> Outcome | Refused:
    return what_if(case, [Overlay("x", **changes)])[1][0]


def answered(case: Case, **changes: Any) -> Outcome:
    found = only(case, **changes)
    assert isinstance(found, Outcome), found
    return found


def refused(case: Case, **changes: Any) -> ErrorCode:
    found = only(case, **changes)
    assert isinstance(found, Refused)
    return found.code


HIGH = case({"0002/1H": [60], "0002/2H": [50]}, HIGHER, FOUNDATION, (HIGHER[0], boundaries("H", EARLIER)))


def test_an_overlay_without_changes_is_the_actual_result() -> None:
    """And says that nothing changed."""
    actual, [same] = what_if(HIGH, [Overlay("same")])
    assert isinstance(actual, Outcome)
    assert isinstance(same, Outcome)
    assert (same.columns, same.changed, actual.columns.value) == (actual.columns, (), "7")


def test_nothing_is_asked_of_the_engine_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fifty overlays on three sets of rules are three calls."""
    calls: list[int] = []
    whole = module.grade_matrix

    def counted(table: Any, hundredths: Any, states: Any) -> Any:
        calls.append(len(hundredths))
        return whole(table, hundredths, states)

    monkeypatch.setattr(module, "grade_matrix", counted)
    overlays = [Overlay(str(n), {"0002/1H": n}) for n in range(20)]
    overlays += [Overlay(str(n), {"0002/1H": n}, series=EARLIER) for n in range(20)]
    overlays += [Overlay(str(n), {"0002/1H": n}, shift=5) for n in range(10)]
    what_if(HIGH, overlays)
    assert sorted(calls) == [10, 20, 21]


def test_a_supposed_mark_stands_in_the_place_of_all_attempts() -> None:
    """Also of a better one."""
    rules = (psychology(), psychology_boundaries())
    tried = case({code: [67, 83] for code in UNITS}, rules)
    assert (answered(tried).columns.subject_mark, answered(tried, marks={"PS01": 67}).columns.subject_mark) == (
        "400", "380",
    )  # fmt: skip


def test_a_mark_is_of_the_paper_that_was_sat() -> None:
    """A test of 40 counts double; a component without any paper is of the specification's maximum."""
    sat = case({"0002/1H": [30]}, HIGHER, papers=[Paper("0002/1H", Decimal(40), Decimal(1))])
    assert answered(sat, marks={"0002/1H": 20, "0002/2H": 50}).columns.subject_mark == "90"
    assert refused(sat, marks={"0002/1H": 41}) is ErrorCode.MARK_ABOVE_MAXIMUM
    assert answered(sat).columns.flags == ("scaled:0002/1H",)


@pytest.mark.parametrize(("shift", "mark", "grade"), [(0, 80, "5"), (10, 88, "5"), (10, 87, "4"), (-10, 72, "5")])
def test_a_shifted_boundary_is_an_exact_fraction(shift: int, mark: int, grade: str) -> None:
    """80 x 110 / 100 = 88; what is told of it is not rounded."""
    found = answered(HIGH, marks={"0002/1H": 40, "0002/2H": mark - 40}, shift=shift)
    assert (found.columns.value, found.columns.shift) == (grade, shift)


def test_a_boundary_shifted_past_the_maximum_is_out_of_reach() -> None:
    """150 of 160 becomes 165: not even full marks are a 9, and what is missing is told."""
    steep = (
        HIGHER[0],
        replace(HIGHER[1], rows=rows(("9", "8", "7", "6", "5", "4", "3"), (150, 125, 110, 95, 80, 65, 57))),
    )
    found = answered(case({"0002/1H": [80], "0002/2H": [80]}, steep), shift=10)
    assert (found.columns.value, found.columns.next_grade, found.columns.marks_to_next) == ("8", "9", "5")
    open_one = answered(case({"0002/1H": [80]}, steep), shift=10)
    assert (open_one.columns.ceiling, {each.grade for each in open_one.needed}) == ("8", {"8", "7", "6", "5"})


def test_an_option_brings_its_components_and_boundaries() -> None:
    """What was sat in a component of the other route does not count in this one."""
    rules = [(geography(), geography_boundaries(option)) for option in ("D", "S")]
    sat = case({"1": [70], "2": [70], "3D": [40]}, rules[0], *rules)
    other = answered(sat, option="S", marks={"3S": 10})
    assert (answered(sat).columns.value, answered(sat).option) == ("9", "D")
    assert (other.columns.value, other.option, "option" in other.changed) == ("5", "S", True)
    assert refused(sat, option="S", marks={"3D": 10}) is ErrorCode.COMPONENT_NOT_IN_OPTION
    assert refused(sat, option="Z") is ErrorCode.UNKNOWN_OPTION


def test_of_several_versions_the_own_one_counts_then_the_newest() -> None:
    """A series that only another version has is graded by that version."""
    newer = replace(HIGHER[0], title="Version 2")
    family = ((newer, boundaries("H", EARLIER)), (newer, HIGHER[1]), HIGHER)
    sat = case({"0002/1H": [60], "0002/2H": [50]}, HIGHER, *family)
    assert answered(sat, series=SERIES).specification.title == HIGHER[0].title
    assert answered(sat, series=EARLIER).specification.title == "Version 2"
    assert refused(sat, series="June 1999") is ErrorCode.UNKNOWN_SERIES


def test_marks_of_the_other_tier_count_where_they_were_sat() -> None:
    """Nothing is carried then."""
    papers = [Paper(f"0002/{code}", Decimal(80), Decimal(1)) for code in ("1H", "2H", "1F", "2F")]
    both = case({"0002/1H": [20], "0002/2H": [20], "0002/1F": [60], "0002/2F": [50]}, HIGHER, FOUNDATION, papers=papers)
    found = answered(both, tier="F")
    assert (found.columns.subject_mark, found.columns.value, found.columns.flags) == ("110", "4", ())


def test_both_tiers_in_one_overlay_are_refused() -> None:
    """By whichever tier it is graded."""
    mixed = {"0002/1H": 10, "0002/2F": 10}
    assert refused(HIGH, marks=mixed) is ErrorCode.BOTH_TIERS
    assert refused(HIGH, tier="F", marks=mixed) is ErrorCode.BOTH_TIERS
    assert refused(HIGH, marks={"0002/2F": 10}) is ErrorCode.UNKNOWN_COMPONENT


def named(specification: Specification, *parts: Component) -> Specification:
    return replace(specification, components=parts)


def test_papers_correspond_by_name_or_by_place() -> None:
    """Where the codes do not say it."""
    higher = named(HIGHER[0], Component("04", Fraction(80), name="Pure"), Component("05", Fraction(80), name="Applied"))
    lower = named(
        FOUNDATION[0], Component("02", Fraction(80), name="Applied"), Component("01", Fraction(80), name="Pure")
    )
    assert counterparts(higher, lower) == {"04": "01", "05": "02"}
    unnamed = [named(each, *(replace(part, name="") for part in each.components)) for each in (higher, lower)]
    assert counterparts(*unnamed) == {"04": "02", "05": "01"}


@pytest.mark.parametrize(
    "parts",
    [
        (Component("01", Fraction(80)),),
        (Component("01", Fraction(80)), Component("02", Fraction(60))),
        (Component("01", Fraction(80)), Component("02", Fraction(80), kind=ComponentKind.NEA)),
        (Component("01", Fraction(80)), Component("02", Fraction(80), Fraction(2))),
    ],
)
def test_papers_that_differ_are_not_guessed(parts: tuple[Component, ...]) -> None:
    """Another number, maximum, kind or factor: no paper stands for another."""
    higher = named(HIGHER[0], Component("04", Fraction(80)), Component("05", Fraction(80)))
    lower = named(FOUNDATION[0], *parts)
    assert counterparts(higher, lower) == {}
    sat = frozenset({Paper("04", Decimal(80), Decimal(1))})
    with pytest.raises(GradingError) as caught:
        carried(higher, lower, sat, {"04": [40]})
    assert caught.value.code is ErrorCode.TIERS_DIFFER


def test_two_papers_of_one_name_are_not_guessed_by_it() -> None:
    """Their places decide, and if those differ, nothing does."""
    twins = [Component(code, Fraction(most), name="Paper") for code, most in (("04", 80), ("05", 60))]
    lower = [Component(code, Fraction(most), name="Paper") for code, most in (("01", 60), ("02", 80))]
    assert counterparts(named(HIGHER[0], *twins), named(FOUNDATION[0], *lower)) == {}


def test_tiers_stand_side_by_side() -> None:
    """By tier; refused where there is only one, or none."""
    found = side_by_side(HIGH)
    assert not isinstance(found, Refused)
    assert [(each.overlay.name, each.columns.value) for each in found if isinstance(each, Outcome)] == [
        ("F", "4"), ("H", "7")
    ]  # fmt: skip
    for alone in (case({"0002/1H": [60]}, HIGHER), case({"1": [60]}, (computing(), computing_boundaries()))):
        none = side_by_side(alone)
        assert isinstance(none, Refused)
        assert none.code is ErrorCode.UNKNOWN_TIER


def test_open_components_need_least_where_the_others_help() -> None:
    """Alone, and with full marks in the other: 150 of 1 and 75 of C are 225, and an A is 245."""
    sat = answered(case({"2": [60]}, (computing(), computing_boundaries())))
    needs = {(each.component, each.grade): (each.marks, each.least) for each in sat.needed}
    assert sat.columns.floor == "E"
    assert needs["1", "A"] == (None, Fraction(54))  # 90 + 81 + 75 = 246; 90 + 79.5 + 75 falls short
    assert needs["C", "A"] == (None, Fraction(5))
    assert needs["1", "C"] == (Fraction(45), Fraction(0))
    assert ("1", "E") not in needs
    assert {grade for _, grade in needs} == {"D", "C", "B", "A", "A*"}


def test_an_option_that_only_the_rules_know_has_no_boundaries() -> None:
    """The specification allows it, and no series was published for it."""
    wider = replace(geography(), options=(*geography().options, Option("X", ("1", "2"))))
    sat = case({"1": [70]}, (wider, geography_boundaries("D")))
    assert refused(sat, option="X") is ErrorCode.UNKNOWN_SERIES
