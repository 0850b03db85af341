"""What can be said of a mark before any row is read."""

from dataclasses import replace
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.commands.marks.checks import check_size, entry_faults, score_fault
from server.commands.marks.entries import MarkEntry, MarkPart, RecordMarks
from server.commands.marks.faults import SENTENCES, Fault
from server.errors import BadUserInput
from server.grading.errors import GradingError
from server.grading.exact import exact
from server.grading.marks import MarkState, read_mark
from server.grading.specification import Component
from server.queries.ids import GlobalId

ENTRY = MarkEntry(GlobalId("lrn", UUID(int=1)), GlobalId("asm", UUID(int=2)), score=Decimal(40))


def fault_of(entry: MarkEntry, maximum: str = "80", step: str = "1") -> Fault | None:
    found = entry_faults([entry]).get(0) or score_fault(entry, Decimal(maximum), Decimal(step))
    return found.fault if found else None


@given(
    score=st.decimals(allow_nan=True, allow_infinity=True)
    | st.decimals(min_value=-2, max_value=90, places=2)
    | st.integers(-5, 100).map(Decimal),
    step=st.sampled_from(["1", "0.5", "0.25", "2"]),
)
def test_a_score_is_accepted_exactly_where_the_engine_reads_it(score: Decimal, step: str) -> None:
    """The database never gets a mark that can't be graded."""
    component = Component("1", exact("80", ""), step=exact(step, ""))
    try:
        read_mark(component, score)
        readable = True
    except GradingError:
        readable = False
    assert (fault_of(replace(ENTRY, score=score), step=step) is None) is readable


@pytest.mark.parametrize("state", [state for state in MarkState if state is not MarkState.SCORED])
def test_only_a_scored_mark_has_a_score(state: MarkState) -> None:
    """Each other state stands alone."""
    assert fault_of(replace(ENTRY, state=state)) is Fault.MARK_STATE
    assert fault_of(replace(ENTRY, state=state, score=None)) is None


@pytest.mark.parametrize(
    ("parts", "agree"),
    [
        ((), True),
        ((MarkPart("1", "", Decimal(40), Decimal(40)),), True),
        ((MarkPart("1", "", Decimal(30), Decimal(30)), MarkPart("2", "", Decimal(50), Decimal(10))), True),
        ((MarkPart("1", "", Decimal(40), Decimal(40)), MarkPart("2", "", Decimal(40))), True),
        ((MarkPart("1", "", Decimal(40), Decimal(39)),), False),
        ((MarkPart("1", "", Decimal(30), Decimal(40)),), False),
        ((MarkPart("", "", Decimal(40), Decimal(40)),), False),
        ((MarkPart("1", "\x00", Decimal(40), Decimal(40)),), False),
        ((MarkPart("1", "\ud800", Decimal(40), Decimal(40)),), False),
        ((MarkPart("1", "", Decimal("NaN"), Decimal(40)),), False),
        ((MarkPart("1", "", Decimal(0), Decimal(0)), MarkPart("2", "", Decimal(40), Decimal(40))), False),
        (tuple(MarkPart(str(place), "", Decimal(1), Decimal(0)) for place in range(201)), False),
    ],
)
def test_parts_add_up_to_the_score(parts: tuple[MarkPart, ...], agree: bool) -> None:
    """A question that was left out has no score; none may be above its maximum."""
    assert (fault_of(replace(ENTRY, parts=parts)) is None) is agree


def test_parts_need_a_score() -> None:
    """An absent learner answered no question."""
    entry = replace(ENTRY, state=MarkState.ABSENT, score=None, parts=(MarkPart("1", "", Decimal(5), Decimal(0)),))
    assert fault_of(entry) is Fault.MARK_PARTS


def test_every_fault_has_a_sentence_without_a_figure() -> None:
    """So no sentence can tell a value."""
    assert set(SENTENCES) == set(Fault)
    values = [fault for fault in Fault if fault not in (Fault.BAD_ATTEMPT, Fault.BAD_TEXT)]
    assert not [f for f in values if set(SENTENCES[f]) & set("123456789") - set("41.5")]


@pytest.mark.parametrize("count", [0, 501])
def test_a_batch_has_one_to_five_hundred_marks(count: int) -> None:
    """Others are refused whole."""
    with pytest.raises(BadUserInput):
        check_size(RecordMarks((ENTRY,) * count, "k"))
    check_size(RecordMarks((ENTRY,) * 500, "k"))


def test_the_digest_tells_every_parameter_but_the_key() -> None:
    """Another key with the same content has the same digest; any other difference shows."""
    command = RecordMarks((ENTRY,), "k")
    assert command.digest() == replace(command, idempotency_key="other").digest()
    others = [
        replace(command, dry_run=True),
        replace(command, marks=(ENTRY, ENTRY)),
        *(
            replace(command, marks=(replace(ENTRY, **change),))
            for change in (
                {"learner": GlobalId("lrn", UUID(int=3))},
                {"assessment": GlobalId("asm", UUID(int=3))},
                {"attempt": 2},
                {"score": Decimal(41)},
                {"state": MarkState.ABSENT},
                {"expected_version": 1},
                {"reason": "A remark."},
                {"parts": ()},
                {"parts": (MarkPart("1", "", Decimal(40), Decimal(40)),)},
            )
        ),
    ]
    digests = {each.digest() for each in (command, *others)}
    assert len(digests) == len(others) + 1
