"""Random learners' entries, and the best filling of the eight slots found by trying all."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from hypothesis import strategies as st

from server.grading.measures.entries import Area, Entry

POINTS = st.one_of(
    st.integers(0, 9).map(Fraction),
    st.sampled_from([Fraction("4.5"), Fraction("8.88"), Fraction("10.75"), Fraction("1.25"), Fraction("5.13")]),
)
ENGLISHES = (Area.ENGLISH_LANGUAGE, Area.ENGLISH_LITERATURE)
# Written from the rule, not from the code: which elements a subject may stand in.
MAY_STAND = {
    **dict.fromkeys(ENGLISHES, ("english", "open")),
    Area.MATHS: ("maths",),
    Area.OTHER: ("open",),
    **dict.fromkeys(set(Area) - {*ENGLISHES, Area.MATHS, Area.OTHER}, ("ebacc", "open")),
}


@st.composite
def learners(draw: st.DrawFn, most: int = 14) -> tuple[Entry, ...]:
    """Entries of any subjects, some of them double awards, none with the name of another."""
    areas = draw(st.lists(st.sampled_from(Area), max_size=most))
    return tuple(
        Entry(f"{area} {number}", area, draw(POINTS), "drawn", slots=2 if area is Area.COMBINED_SCIENCE else 1)
        for number, area in enumerate(areas)
    )


def best_total(entries: Sequence[Entry]) -> Fraction:
    """The most that any filling gives, by trying every element for every half."""
    both = {each.area for each in entries} >= set(ENGLISHES)
    weights = {"english": 2 if both else 1, "maths": 2, "ebacc": 1, "open": 1}
    halves = [each for each in entries for _ in range(each.slots)]

    def most(position: int, room: dict[str, int]) -> Fraction:
        if position == len(halves):
            return Fraction(0)
        each = halves[position]
        found = [most(position + 1, room)]
        found += [
            weights[element] * each.points + most(position + 1, room | {element: room[element] - 1})
            for element in MAY_STAND[each.area]
            if room[element]
        ]
        return max(found)

    return most(0, {"english": 1, "maths": 1, "ebacc": 3, "open": 3})
