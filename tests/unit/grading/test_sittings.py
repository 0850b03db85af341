"""Units sat over several windows: which attempt counts, on which paper, and what an explanation says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from server.grading.contents import boundary_content, specification_content
from server.grading.errors import ErrorCode, GradingError
from server.grading.explained_sittings import explain_sittings
from server.grading.marks import Mark, MarkState
from server.grading.papers import Contents, Paper
from server.grading.sittings import Sitting, counted, grade_many_sittings, grade_sittings
from server.grading.specification import Retake
from tests.unit.grading.samples import computing, computing_boundaries
from tests.unit.grading.unit_samples import UNITS, psychology, psychology_boundaries


def contents(retake: Retake = Retake.BEST) -> Contents:
    return Contents(specification_content(psychology(retake)), boundary_content(psychology_boundaries()))


def sat(window: str, marks: Mapping[str, Any], maximum: int = 90) -> Sitting:
    """With a paper for each unit that is named."""
    papers = frozenset(Paper(code, Decimal(maximum), Decimal(1)) for code in marks)
    return Sitting(papers, {code: [mark] for code, mark in marks.items()}, window)


JANUARY = sat("January", {"PS01": 61, "PS02": 59})
SUMMER = sat("Summer", {"PS01": 67, "PS03": 59, "PS04": 51})


def test_units_sat_before_count_and_a_retake_is_another_attempt() -> None:
    """80 (73 before) + 70 + 70 + 60; in January two units are still open."""
    found = grade_sittings(contents(), [JANUARY, SUMMER])
    assert found is not None
    assert (found.status, found.subject_mark, found.value) == ("COMPLETE", "280", "B")
    before = grade_sittings(contents(), [JANUARY])
    assert before is not None
    assert (before.status, before.floor, before.ceiling) == ("INCOMPLETE", "U", "A*")


@pytest.mark.parametrize(("retake", "mark"), [(Retake.BEST, "280"), (Retake.NEWEST, "270")])
def test_the_best_attempt_counts_or_the_newest(retake: Retake, mark: str) -> None:
    """80 in January, 70 in the summer."""
    january, summer = sat("January", {"PS01": 67, "PS02": 59}), {"PS01": 59, "PS03": 59, "PS04": 51}
    found = grade_sittings(contents(retake), [january, sat("Summer", summer)])
    assert found is not None
    assert found.subject_mark == mark


def test_an_absence_in_a_retake_takes_nothing_away() -> None:
    """Nor does a blank; a mark that is pending leaves the newest open."""
    for state in (MarkState.ABSENT, MarkState.NOT_ENTERED):
        again = sat("Summer", {"PS01": state, "PS03": 59, "PS04": 51})
        found = grade_sittings(contents(Retake.NEWEST), [JANUARY, again])
        assert found is not None
        assert (found.status, found.subject_mark) == ("COMPLETE", "273")
    pending = sat("Summer", {"PS01": MarkState.PENDING, "PS03": 59, "PS04": 51})
    newest, best = (grade_sittings(contents(each), [JANUARY, pending]) for each in (Retake.NEWEST, Retake.BEST))
    assert newest is not None
    assert best is not None
    assert (newest.status, best.subject_mark) == ("INCOMPLETE", "273")


def test_an_attempt_on_another_paper_counts_by_its_share() -> None:
    """A test of 45: 30 of it are 60 of 90 and 71 uniform marks, less than January's 73; 31 are 62 and 74."""
    for raw, mark, flags in ((30, "273", ()), (31, "274", ("scaled:PS01",))):
        papers = SUMMER.papers - {Paper("PS01", Decimal(90), Decimal(1))} | {Paper("PS01", Decimal(45), Decimal(1))}
        summer = Sitting(papers, {**SUMMER.marks, "PS01": [raw]}, "Summer")
        found = grade_sittings(contents(), [JANUARY, summer])
        assert found is not None
        assert (found.subject_mark, found.flags) == (mark, flags)
        [told] = [step for step in explain_sittings(contents(), [JANUARY, summer]).steps if step.component == "PS01"]
        assert [(each.window, each.raw, each.maximum, each.counts) for each in told.attempts] == [
            ("January", "61", "90", raw == 30),
            ("Summer", str(raw), "45", raw == 31),
        ]


def test_an_explanation_names_the_windows() -> None:
    """Of units that were sat before, and of retakes; not of what was sat in this window alone."""
    steps = {step.component: step for step in explain_sittings(contents(), [JANUARY, SUMMER]).steps if step.component}
    assert steps["PS01"].text.endswith("at A 67 (80); attempt 2 of 2 in Summer: the best counts")
    assert steps["PS02"].text.endswith("at B 59 (70); sat in January")
    assert [(each.window, each.value, each.counts) for each in steps["PS02"].attempts] == [("January", "70", True)]
    assert steps["PS03"].attempts == ()


def test_a_linear_course_is_sat_whole() -> None:
    """What was sat in another window is another mark book."""
    linear = Contents(specification_content(computing()), boundary_content(computing_boundaries()))
    autumn, summer = (sat(name, {"1": 90, "2": 80}, 100) for name in ("Autumn", "Summer"))
    papers = summer.papers | {Paper("C", Decimal(75), Decimal(1))}
    whole = Sitting(papers, {**summer.marks, "C": [0]}, "Summer")
    assert counted(linear, [Sitting(papers, {"C": [75]}), whole]) is whole
    assert grade_sittings(linear, [autumn, whole]) == grade_sittings(linear, [whole])
    assert all(step.attempts == () for step in explain_sittings(linear, [autumn, whole]).steps)


def test_what_cannot_be_read_is_refused_as_ever() -> None:
    """With its code; the marks are kept."""
    bad = Contents("{}", contents().boundaries)
    found = grade_sittings(bad, [JANUARY, SUMMER])
    assert found is not None
    assert found.flags == ("refused:BAD_CONTENT",)
    assert grade_many_sittings(bad, [[JANUARY, SUMMER]]) == [found]
    other = Sitting(frozenset({Paper("PS01", Decimal(45), Decimal(1))}), {"PS01": [46]}, "Summer")
    refused = grade_sittings(contents(), [JANUARY, other])
    assert refused is not None
    assert refused.flags == ("refused:MARK_ABOVE_MAXIMUM",)
    with pytest.raises(GradingError) as failed:
        explain_sittings(contents(), [JANUARY, other])
    assert failed.value.code is ErrorCode.MARK_ABOVE_MAXIMUM


def test_a_paper_of_no_component_is_passed_over() -> None:
    """Also where it was of several sizes."""
    quiz = [sat("January", {"quiz": 5}, 10), sat("Summer", {"quiz": 9}, 20)]
    assert grade_sittings(contents(), quiz) is None
    both = [
        sat("January", {"PS01": 61, "quiz": 5}, 90),
        Sitting(quiz[1].papers | SUMMER.papers, {**SUMMER.marks, "quiz": [9]}),
    ]
    assert grade_sittings(contents(), both) == grade_sittings(contents(), [sat("January", {"PS01": 61}), SUMMER])


def test_many_learners_are_graded_as_each_is() -> None:
    """Each with windows of their own."""
    first, second = (read(each) for each in (JANUARY, SUMMER))
    learners = [[first, second], [second], [first], [read(sat("January", dict.fromkeys(UNITS, 67))), second]]
    assert grade_many_sittings(contents(), learners) == [grade_sittings(contents(), each) for each in learners]


def read(sitting: Sitting) -> Sitting:
    """As an import has it."""
    marks = {code: [Mark(MarkState.SCORED, raw * 100) for raw in given] for code, given in sitting.marks.items()}
    return replace(sitting, marks=marks)
