"""Attainment 8: no other filling of the slots gives more."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from server.grading.measures.attainment8 import attainment8
from server.grading.measures.basics import basics
from server.grading.measures.ebacc import ebacc
from server.grading.measures.entries import Entry
from tests.properties.grading.measures.entries import MAY_STAND, POINTS, best_total, learners
from tests.properties.grading.worlds import checked


@settings(checked, max_examples=100)
@given(learners(most=7))
def test_no_other_filling_gives_more(entries: tuple[Entry, ...]) -> None:
    """The total equals the best of all fillings."""
    assert attainment8(entries).total == best_total(entries)


@checked
@given(learners())
def test_the_slots_are_a_filling(entries: tuple[Entry, ...]) -> None:
    """One English, one maths, three and three; each entry where it may stand, no oftener than it has halves."""
    found = attainment8(entries)
    assert [slot.element for slot in found.slots] == ["english", "maths", *["ebacc"] * 3, *["open"] * 3]
    assert found.total == sum(slot.points * slot.weight for slot in found.slots)
    by_name = {each.name: each for each in entries}
    filled = [slot for slot in found.slots if slot.entry is not None]
    for slot in filled:
        each = by_name[slot.entry or ""]
        assert slot.element in MAY_STAND[each.area]
        assert (slot.points, slot.source) == (each.points, each.source)
    for name, each in by_name.items():
        stands = sum(slot.entry == name for slot in filled)
        assert stands <= each.slots
        assert (name in found.unused) == (stands == 0)
    assert all(slot.points == 0 for slot in found.slots if slot.entry is None)


@checked
@given(st.data(), learners())
def test_the_order_of_entries_is_of_no_account(data: st.DataObject, entries: tuple[Entry, ...]) -> None:
    """In none of the measures."""
    turned = tuple(data.draw(st.permutations(entries)))
    assert attainment8(turned).total == attainment8(entries).total
    assert basics(turned) == basics(entries)
    assert ebacc(turned) == ebacc(entries)


@checked
@given(st.data(), learners().filter(bool), POINTS)
def test_better_or_more_never_costs(data: st.DataObject, entries: tuple[Entry, ...], more: Fraction) -> None:
    """A higher grade, or one entry more, lowers no measure."""
    position = data.draw(st.integers(0, len(entries) - 1))
    raised = replace(entries[position], points=entries[position].points + more)
    higher = (*entries[:position], raised, *entries[position + 1 :])
    fewer = (*entries[:position], *entries[position + 1 :])
    for low, high in ((entries, higher), (fewer, entries)):
        assert attainment8(low).total <= attainment8(high).total
        assert (basics(low).standard, basics(low).strong) <= (basics(high).standard, basics(high).strong)
        assert ebacc(low).average <= ebacc(high).average
        for name in ("entered", "standard", "strong"):
            assert getattr(ebacc(low), name) <= getattr(ebacc(high), name)


@checked
@given(learners())
def test_strong_is_standard_and_achieved_is_entered(entries: tuple[Entry, ...]) -> None:
    """The EBacc reaches no further than its entry, and holds the basics."""
    result = ebacc(entries)
    assert result.strong <= result.standard <= result.entered
    assert result.standard <= basics(entries).standard
    assert result.strong <= basics(entries).strong
    assert 0 <= result.average <= max((each.points for each in entries), default=Fraction(0))
    assert sum(len(pillar.points) for pillar in result.pillars) <= 6
