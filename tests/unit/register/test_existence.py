"""Which rows exist for a caller."""

import pytest

from server.register.elements import ELEMENTS
from server.register.existence import EXISTENCE
from tests.unit.register import golden


def test_existence_is_the_golden_table() -> None:
    """No noun is missing, extra or decided by another element."""
    assert {noun: row.element for noun, row in EXISTENCE.items()} == golden.EXISTENCE


@pytest.mark.parametrize("noun", golden.EXISTENCE)
def test_noun_exists_by_a_declared_element(noun: str) -> None:
    """The element is in the register, the path says something, and an owner is a noun."""
    row = EXISTENCE[noun]
    assert row.noun == noun
    assert row.element is None or row.element in ELEMENTS
    assert row.path
    assert row.owner in (None, *EXISTENCE)


def test_rows_about_a_learner_need_the_learner() -> None:
    """Marks, grades, targets, links and reports exist only where their learner does."""
    owned = {noun for noun, row in EXISTENCE.items() if row.owner == "Learner"}
    assert {"Mark", "Grade", "Target", "Report", "ReportLine", "GuardianLink", "Attendance"} <= owned
    assert not owned & {"Learner", "School", "Class", "Staff", "CodeSet"}


def test_only_reports_exist_per_line() -> None:
    """Everything else names one element."""
    assert [noun for noun, row in EXISTENCE.items() if row.element is None] == ["Report", "ReportLine"]
