"""Forecasts worked by hand: thirds, estimates, units, and what nothing can be said of."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

import pytest

from server.grading.contents import boundary_content, specification_content
from server.grading.exact import decimal_points
from server.grading.forecasts import VERSIONS, Estimate, Method, forecast, third
from server.grading.outlook import outlook
from server.grading.papers import Contents, Paper
from server.grading.sittings import Sitting
from server.grading.table import prepare
from server.grading.tally import tally
from tests.unit.grading.samples import computing, computing_boundaries, geography, geography_boundaries

CONTENTS = Contents(specification_content(computing()), boundary_content(computing_boundaries()))
PAPERS = frozenset(
    {
        Paper("1", Decimal(100), Decimal("0.5")),
        Paper("2", Decimal(100), Decimal("0.5")),
        Paper("C", Decimal(75), Decimal(1)),
    }
)


def sat(papers: frozenset[Paper], marks: Mapping[str, object]) -> Sitting:
    return Sitting(papers, {code: [mark] for code, mark in marks.items()})


def made(marks: dict[str, object], estimates: dict[str, Decimal] | None = None) -> dict[Method, Estimate]:
    found = outlook(CONTENTS, [sat(PAPERS, marks)], estimates or {})
    assert found is not None
    return {one.method: one for one in found.estimates}


def test_weights_decide_what_working_at_is_and_not_what_the_average_unit_is() -> None:
    """Paper 1 (of 150) half, coursework (of 75) full: 150 of 225 is 2/3, the mean of 1/2 and 1 is 3/4; of 150 open."""
    found = made({"1": 50, "C": 75})
    assert (found[Method.WORKING_AT].mark, found[Method.AVERAGE_UNIT].mark) == (250, Fraction(525, 2))
    assert (found[Method.WORKING_AT].grade, found[Method.AVERAGE_UNIT].grade) == ("A", "A")
    assert (found[Method.FLOOR].mark, found[Method.CEILING].mark) == (150, 300)
    assert (found[Method.FLOOR].low, found[Method.FLOOR].high) == ("D", "A*")


def test_fine_says_how_far_it_is_to_the_next_grade() -> None:
    """250 is 5 of 55 from A (245) to A* (300): a low A, 5 and 1/11 points."""
    fine = made({"1": 50, "C": 75})[Method.FINE]
    assert (fine.value, fine.grade, fine.points) == ("A-", "A", 5 + Fraction(1, 11))
    assert decimal_points(fine.points or Fraction(0)) == Decimal("5.09")


@pytest.mark.parametrize(
    ("way", "sign"),
    [(Fraction(0), "-"), (Fraction(1, 3), ""), (Fraction(65, 100), ""), (Fraction(2, 3), "+"), (None, "")],
)
def test_thirds_begin_at_thirds(way: Fraction | None, sign: str) -> None:
    """The top grade, and what is below all, have no way to go."""
    assert third(("1", "2"), way) == sign
    assert third(("1-1", "2-1"), way) == ""


def test_the_top_and_the_bottom_have_no_thirds() -> None:
    assert made({"1": 100, "2": 100, "C": 75})[Method.FINE].value == "A*"
    assert (made({"1": 0})[Method.FINE].value, made({"1": 0})[Method.FINE].points) == ("U", 0)


def test_estimates_of_what_was_sat_have_no_say() -> None:
    """Only those of what is open count; the rest goes by the share reached with them."""
    found = made({"1": 50}, {"1": Decimal(100), "2": Decimal(80)})
    assert found[Method.PROJECTED].mark == 75 + 120 + Fraction(195 * 75, 300)


def test_an_estimate_that_no_longer_fits_is_flagged() -> None:
    """The specification has changed since: a component that is gone, a maximum that is lower."""
    found = outlook(CONTENTS, [sat(PAPERS, {"1": 50})], {"9": Decimal(1), "C": Decimal(76)})
    assert found is not None
    assert found.flags == ("estimate_unfit:9", "estimate_unfit:C")
    by = {one.method: one.mark for one in found.estimates}
    assert by[Method.PROJECTED] == by[Method.WORKING_AT]


def test_nothing_sat_leaves_what_needs_no_marks() -> None:
    """Of a share of nothing, nothing is said."""
    assert made({}).keys() == {Method.CURRENT, Method.FLOOR, Method.CEILING}
    assert made({}, {"1": Decimal(100)})[Method.PROJECTED].grade == "A*"


def test_absent_everywhere_is_x_and_exempt_is_nothing() -> None:
    assert {one.value for one in made({"1": "X", "2": "X", "C": "X"}).values()} == {"X"}
    assert made({"1": 50, "2": "exempt"}) == {}


def test_without_papers_there_is_nothing_to_say() -> None:
    assert outlook(CONTENTS, [Sitting(frozenset())], {}) is None


def test_contents_that_belong_apart_are_flagged() -> None:
    """With the engine's code; nothing is estimated."""
    apart = Contents(CONTENTS.specification, boundary_content(geography_boundaries(None)))
    found = outlook(apart, [sat(PAPERS, {"1": 50})], {})
    assert found is not None
    assert (found.estimates, found.flags) == ((), ("refused:WRONG_SPECIFICATION",))


def test_the_route_of_an_option_is_its_components() -> None:
    """The component of the other option is neither open nor counted."""
    table = prepare(geography(), geography_boundaries("D"))
    [high] = forecast(table, tally(table, {"1": 75}), {}, [Method.CEILING])
    assert high.mark == 200


def test_every_method_has_a_version() -> None:
    assert VERSIONS.keys() == set(Method)
