"""From papers and marks to the columns of a grade row."""

from decimal import Decimal
from fractions import Fraction

import pytest

from server.grading.boundaries import BoundaryRow, BoundarySet
from server.grading.contents import boundary_content, specification_content
from server.grading.marks import Mark, MarkState
from server.grading.papers import Contents, Paper, grade_learner, grade_learners
from server.grading.scales import grade_steps
from server.grading.specification import Component, Specification

GRADES = ("9", "8", "7")
SPECIFICATION = Specification(
    identity="T:1",
    board="T",
    code="1",
    title="",
    qualification="GCSE",
    tier=None,
    max_mark=Fraction(100),
    components=(Component("a", Fraction(50)), Component("b", Fraction(25), Fraction(2))),
    grades=grade_steps(GRADES),
)
BOUNDARIES = BoundarySet(
    "T:1", "2025-06", tuple(BoundaryRow(g, Fraction(90 - 20 * n)) for n, g in enumerate(GRADES)), (), "high"
)
CONTENTS = Contents(specification_content(SPECIFICATION), boundary_content(BOUNDARIES))
PAPER_A, PAPER_B = Paper("a", Decimal(50), Decimal(1)), Paper("b", Decimal(25), Decimal(1))


def test_a_complete_result_fills_the_columns() -> None:
    """35 + 2 x 20 = 75: 25/20 of a grade above the 7 at 50 is 8.25."""
    found = grade_learner(CONTENTS, frozenset((PAPER_A, PAPER_B)), {"a": Decimal(35), "b": Decimal(20)})
    assert found is not None
    assert (found.status, found.value, found.points, found.fine) == ("COMPLETE", "8", Decimal(8), Decimal("8.25"))
    assert (found.subject_mark, found.next_grade, found.marks_to_next) == ("75", "9", "15")
    assert (found.floor, found.ceiling, found.flags, found.rounding) == ("8", "8", (), "sum_exact")


def test_a_test_of_another_size_counts_by_its_share() -> None:
    """30 of 40 in place of 50 is 37.5, exactly, and the flags say so."""
    papers = frozenset((Paper("a", Decimal(40), Decimal(1)), PAPER_B))
    found = grade_learner(CONTENTS, papers, {"a": Decimal(30), "b": Decimal(10)})
    assert found is not None
    assert (found.subject_mark, found.value, found.flags) == ("115/2", "7", ("scaled:a",))


def test_a_component_without_a_paper_is_open() -> None:
    """Not zero: floor and ceiling say what can still be reached."""
    found = grade_learner(CONTENTS, frozenset((PAPER_A,)), {"a": Decimal(45)})
    assert found is not None
    assert (found.status, found.value, found.floor, found.ceiling) == ("INCOMPLETE", None, "U", "9")


def test_papers_outside_the_specification_give_no_grade() -> None:
    """Nothing to grade by."""
    assert grade_learner(CONTENTS, frozenset((Paper("quiz", Decimal(10), Decimal(1)),)), {"quiz": Decimal(5)}) is None


def test_the_fine_grade_is_cut_and_not_rounded() -> None:
    """69.99 of the way from 50 to 70 is not yet an 8."""
    paper = Paper("a", Decimal(50), Decimal("0.01"))
    found = grade_learner(CONTENTS, frozenset((paper, PAPER_B)), {"a": Decimal("49.99"), "b": Decimal(10)})
    assert found is not None
    assert (found.value, found.fine) == ("7", Decimal("7.99"))


@pytest.mark.parametrize(
    ("contents", "flag"),
    [
        (Contents("{}", CONTENTS.boundaries), "refused:BAD_CONTENT"),
        (
            Contents(CONTENTS.specification, CONTENTS.boundaries.replace('"specification":"T:1"', '"specification":"T:2"')),
            "refused:WRONG_SPECIFICATION",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_graded_says_why(contents: Contents, flag: str) -> None:
    """The marks are kept; the grade is NOT_GRADABLE, never guessed."""
    found = grade_learner(contents, frozenset((PAPER_A, PAPER_B)), {"a": Decimal(1), "b": Decimal(1)})
    assert found is not None
    assert (found.status, found.value, found.flags) == ("NOT_GRADABLE", None, (flag,))


def test_an_exemption_is_not_gradable_and_no_attempt_is_x() -> None:
    """No rule covers the one; the other has a result of its own."""
    papers = frozenset((PAPER_A, PAPER_B))
    exempt = grade_learner(CONTENTS, papers, {"a": MarkState.EXEMPT, "b": Decimal(1)})
    absent = grade_learner(CONTENTS, papers, {"a": MarkState.ABSENT, "b": MarkState.ABSENT})
    assert exempt is not None
    assert absent is not None
    assert (exempt.status, exempt.value) == ("NOT_GRADABLE", None)
    assert (absent.status, absent.value, absent.flags) == ("COMPLETE", "X", ("absent:a", "absent:b"))


@pytest.mark.parametrize("papers", [(PAPER_A, PAPER_B), (Paper("a", Decimal(40), Decimal(1)), PAPER_B), ()])
def test_many_learners_have_the_grades_of_each(papers: tuple[Paper, ...]) -> None:
    """By matrices, or one by one where a paper is of another size or there is none."""
    scored = {"a": Mark(MarkState.SCORED, 3500), "b": Mark(MarkState.SCORED, 2000)}
    absent = {"a": Mark(MarkState.SCORED, 4000), "b": Mark(MarkState.ABSENT)}
    learners = [scored, absent, {"a": Mark(MarkState.PENDING)}, {}]
    alone = [grade_learner(CONTENTS, frozenset(papers), marks) for marks in learners]
    assert grade_learners(CONTENTS, frozenset(papers), learners) == alone
    assert any(alone) == bool(papers)
