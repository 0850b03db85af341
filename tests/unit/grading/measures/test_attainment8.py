"""The eight slots: who fills which, what is doubled, and what an empty one counts."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from server.grading.errors import ErrorCode, GradingError
from server.grading.measures.attainment8 import Attainment8, attainment8
from server.grading.measures.entries import Area, Entry, entry
from server.grading.measures.methods import ATTAINMENT_8, Element, SizeRule
from tests.unit.grading.measures.published import published

GCSE = "GCSE (9-1) Full Course"
DOUBLE = "GCSE (9-1) Full Course (Double Award)"


def gcse(name: str, area: Area, grade: str) -> Entry:
    return entry(published().ks4, name, area, GCSE, grade)


LANGUAGE = gcse("English Language", Area.ENGLISH_LANGUAGE, "6")
LITERATURE = gcse("English Literature", Area.ENGLISH_LITERATURE, "7")
MATHS = gcse("Mathematics", Area.MATHS, "5")
TRILOGY = entry(published().ks4, "Combined Science", Area.COMBINED_SCIENCE, DOUBLE, "5-4")


def filled(result: Attainment8, element: Element) -> list[str | None]:
    return [slot.entry for slot in result.slots if slot.element is element]


def test_a_whole_learner() -> None:
    """2 x 7 English, 2 x 5 maths, 4.5 + 4.5 + 6 in EBacc, 6 + 5 + 4 open: 54, and no more."""
    found = attainment8(
        [
            LANGUAGE,
            LITERATURE,
            MATHS,
            TRILOGY,
            gcse("French", Area.LANGUAGE, "4"),
            gcse("History", Area.HUMANITY, "6"),
            gcse("Art", Area.OTHER, "5"),
            gcse("Drama", Area.OTHER, "3"),
        ]
    )
    assert found.total == 54
    assert filled(found, Element.ENGLISH) == ["English Literature"]
    assert filled(found, Element.EBACC) == ["History", "Combined Science", "Combined Science"]
    assert filled(found, Element.OPEN) == ["English Language", "Art", "French"]
    assert (found.unused, found.english_doubled, found.method.name) == (("Drama",), True, "attainment8/1")
    assert [found.element(element) for element in Element] == [14, 10, 15, 15]


def test_one_english_is_not_doubled() -> None:
    """But still stands in the English slot."""
    found = attainment8([LITERATURE, MATHS])
    assert (found.total, found.english_doubled) == (17, False)


def test_an_ungraded_english_was_taken() -> None:
    """The other one is doubled, and the ungraded one counts 0 in an open slot."""
    found = attainment8([replace(LANGUAGE, points=Fraction(0)), LITERATURE])
    assert (found.total, found.english_doubled) == (14, True)


def test_a_double_award_may_count_in_one_slot() -> None:
    """Two better EBacc subjects leave one place there, and the open ones are taken by better."""
    others = [gcse(f"Subject {number}", Area.HUMANITY, "9") for number in range(5)]
    found = attainment8([TRILOGY, *others])
    assert [slot.entry for slot in found.slots].count("Combined Science") == 1
    assert (found.total, found.unused) == (Fraction("49.5"), ())


def test_a_half_of_a_double_award_may_stand_among_the_open() -> None:
    """Each half counts for itself."""
    others = [gcse("History", Area.HUMANITY, "6"), gcse("French", Area.LANGUAGE, "5")]
    found = attainment8([TRILOGY, *others])
    assert filled(found, Element.EBACC) == ["History", "French", "Combined Science"]
    assert filled(found, Element.OPEN)[0] == "Combined Science"


def test_a_second_maths_counts_nowhere() -> None:
    """Maths fills the maths slot only; the better one does."""
    found = attainment8([MATHS, replace(MATHS, name="Mathematics again", points=Fraction(6))])
    assert (found.total, found.unused) == (12, ("Mathematics",))


def test_nothing_taken_is_nought_with_eight_empty_slots() -> None:
    """Each says that it is empty."""
    found = attainment8([])
    assert (found.total, len(found.slots)) == (0, 8)
    assert {(slot.entry, slot.source) for slot in found.slots} == {(None, "empty slot: 0 points")}


def test_a_small_qualification_counts_as_the_version_says() -> None:
    """As printed in version 1; another version may say times its size."""
    free = entry(published().ks4, "FSMQ", Area.OTHER, "Free standing Maths Qual Level 3", "A")
    scaled = replace(ATTAINMENT_8, name="another/1", size_rule=SizeRule.TIMES_SIZE)
    assert attainment8([free]).total == Fraction("5.13")
    assert attainment8([free], scaled).total == Fraction("5.13") * Fraction("0.67")


def test_every_input_has_its_source() -> None:
    """The file and line of its points."""
    found = attainment8([LITERATURE, TRILOGY])
    sources = {slot.entry: slot.source for slot in found.slots if slot.entry}
    assert all(source.startswith("dfe_ks4_points_2019.csv line ") for source in sources.values())
    assert len(set(sources.values())) == 2


@pytest.mark.parametrize(
    "changed", [{"points": Fraction(-1)}, {"slots": 0}, {"slots": 3}, {"size": Fraction(0)}], ids=str
)
def test_an_entry_that_cannot_be_is_refused(changed: dict[str, object]) -> None:
    """Points below 0, no slot or three, no size."""
    with pytest.raises(GradingError) as caught:
        replace(MATHS, **changed)
    assert caught.value.code is ErrorCode.BAD_MEASURE


def test_two_entries_of_one_name_are_refused() -> None:
    """One would count twice unseen."""
    with pytest.raises(GradingError) as caught:
        attainment8([MATHS, MATHS])
    assert caught.value.code is ErrorCode.BAD_MEASURE
