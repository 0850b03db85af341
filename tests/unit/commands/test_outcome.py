"""What came of a command, stored and read again."""

import json
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from server.commands.keys import new_keys
from server.commands.marks.faults import Fault, RowError, RowFault
from server.commands.marks.outcome import RecordMarksOutcome
from server.commands.yearly_key import YearlyKey

keys = st.builds(YearlyKey, st.integers(2020, 2030), st.uuids())
faults = st.builds(
    RowFault, st.sampled_from(Fault), st.sampled_from([None, "score", "expectedVersion"]), st.none() | keys
)
errors = st.builds(RowError.of, st.integers(0, 499), faults)


@given(st.lists(keys), st.lists(keys), st.lists(errors))
def test_a_stored_outcome_reads_as_it_was(
    marks: list[YearlyKey], grades: list[YearlyKey], row_errors: list[RowError]
) -> None:
    """Through JSON, with the sentences made anew from the codes."""
    outcome = RecordMarksOutcome(tuple(marks), tuple(grades), tuple(row_errors))
    stored = json.loads(json.dumps(outcome.stored()))
    again = RecordMarksOutcome.repeated(stored)
    assert again.replayed
    assert (again.marks, again.grades, again.errors) == (outcome.marks, outcome.grades, outcome.errors)
    assert not any(error.message in json.dumps(stored) for error in row_errors)


def test_keys_grow_and_are_version_seven() -> None:
    """Also beyond what one millisecond can number."""
    made = new_keys(10_000)
    assert made == sorted(set(made))
    assert {(key.version, key.variant) for key in made} == {(7, UUID(int=0x8 << 60).variant)}
