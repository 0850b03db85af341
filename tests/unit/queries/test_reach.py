"""The small parts of reach: sets of rows, tables as text, and how plans turn."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from server.policies.plan import CLOSED, OPEN, Gate, Plan
from server.queries.reach.csv_text import csv_text
from server.queries.reach.masks import mask_of, positions, whole
from server.queries.reach.replay import Turn, turn


@given(st.frozensets(st.integers(0, 300)))
def test_sets_of_rows_are_numbers(rows: frozenset[int]) -> None:
    """There and back, in order; all rows hold each of them."""
    mask = mask_of(rows, 301)
    assert list(positions(mask)) == sorted(rows)
    assert mask.bit_count() == len(rows)
    assert mask | whole(301) == whole(301)


def test_tables_run_nothing_in_a_spreadsheet() -> None:
    """What would be a formula begins with an apostrophe; commas, quotes and line ends stay within their cell."""
    cells = ["=1+1", "+1", "-1", "@A", "\t=1", 'a "b", c', "two\nlines", None, 3, "Zoë"]
    [heading, read] = list(csv.reader(io.StringIO(csv_text(["h"] * len(cells), [cells]), newline="")))
    assert heading == ["h"] * len(cells)
    assert read == ["'=1+1", "'+1", "'-1", "'@A", "'\t=1", 'a "b", c', "two\nlines", "", "3", "Zoë"]


def test_plans_turn_to_more_to_fewer_or_to_others() -> None:
    """By the rows that pass, not by how they are written."""
    taught, pastoral = (Plan((OPEN, Gate(frozenset({token})))) for token in ("taught", "pastoral"))
    every, none = Plan((OPEN, OPEN)), Plan((OPEN, CLOSED))
    both = Plan((OPEN, Gate(frozenset({"school", "taught"}))))
    assert turn(none, taught) is Turn.GAINED
    assert turn(every, taught) is Turn.LOST
    assert turn(taught, pastoral) is Turn.OTHER
    assert turn(taught, taught) is turn(every, both) is None
