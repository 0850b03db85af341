"""How long data is kept."""

from datetime import date

import pytest

from server.register.elements import ELEMENTS
from server.register.retention import RETENTION, Clock, Period, due, rules_for, tax_year_end
from tests.unit.register import golden


@pytest.mark.parametrize("rule", golden.RETENTION)
def test_period_is_the_sources(rule: str) -> None:
    """The figures of the agreement and the notices, or none where the school sets the period."""
    row = RETENTION[rule]
    assert (str(row.period) if row.period else "") == golden.RETENTION[rule]
    assert row.category
    assert row.source


def test_retention_is_the_golden_list() -> None:
    """No row is missing or extra."""
    assert list(RETENTION) == list(golden.RETENTION)


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [
        (Period(months=3), date(2025, 11, 30), date(2026, 2, 28)),
        (Period(months=3), date(2023, 11, 30), date(2024, 2, 29)),
        (Period(years=25), date(2008, 2, 29), date(2033, 2, 28)),
        (Period(days=365), date(2024, 1, 1), date(2024, 12, 31)),
        (Period(months=24), date(2025, 1, 31), date(2027, 1, 31)),
        (Period(years=1, months=1, days=1), date(2024, 12, 31), date(2026, 2, 1)),
    ],
)
def test_periods_follow_the_calendar(period: Period, start: date, end: date) -> None:
    """Months that are too short end on their last day."""
    assert period.after(start) == end


def test_the_shortest_wins() -> None:
    """A learner's record goes three months after the licence though its own clock runs for 25 years."""
    rules = rules_for(ELEMENTS["mark"].retention)
    born = {Clock.LEARNER_BORN: date(2010, 5, 1)}
    assert due(rules, born) == date(2035, 5, 1)
    assert due(rules, {**born, Clock.LICENCE_ENDED: date(2026, 7, 31)}) == date(2026, 10, 31)


def test_the_agreements_three_months_win_over_the_second_notices_six() -> None:
    """Where the sources conflict about a former client, the default is the shorter."""
    ended = date(2026, 1, 1)
    starts = {Clock.LICENCE_ENDED: ended, Clock.CONTRACT_ENDED: ended}
    assert due(rules_for("staff_record"), starts) == date(2026, 4, 1)


def test_nothing_is_due_before_its_clock_runs_or_its_period_is_set() -> None:
    """A leaver's period is the school's to set; until then leaving deletes nothing."""
    assert due(rules_for("learner_record"), {}) is None
    assert due(rules_for("learner_record"), {Clock.LEARNER_LEFT: date(2025, 7, 31)}) is None


def test_the_vendors_own_records_outlive_the_licence() -> None:
    """Contract and tax records are kept for their own period only."""
    starts = {Clock.LICENCE_ENDED: date(2026, 1, 1), Clock.CONTRACT_ENDED: date(2026, 1, 1)}
    assert due(rules_for("contract"), starts) == date(2033, 1, 1)
    assert due(rules_for("tax"), {**starts, Clock.TAX_YEAR_ENDED: date(2026, 4, 5)}) == date(2034, 4, 5)


def test_reference_data_is_never_due() -> None:
    """It holds no personal data."""
    assert due(rules_for("reference_data"), {clock: date(2000, 1, 1) for clock in Clock}) is None


@pytest.mark.parametrize("name", [name for name, row in ELEMENTS.items() if row.sensitivity and name != "account"])
def test_every_school_element_ends_with_the_licence(name: str) -> None:
    """No personal data of a school survives its licence by more than three months."""
    starts = {clock: date(2026, 1, 1) for clock in Clock}
    due_on = due(rules_for(ELEMENTS[name].retention), starts)
    assert due_on is not None
    assert due_on <= date(2026, 4, 1)


@pytest.mark.parametrize(
    ("day", "end"),
    [(date(2026, 4, 5), date(2026, 4, 5)), (date(2026, 4, 6), date(2027, 4, 5)), (date(2026, 1, 1), date(2026, 4, 5))],
)
def test_the_tax_year_ends_on_5_april(day: date, end: date) -> None:
    """The clock of tax records starts at the end of the tax year they belong to."""
    assert tax_year_end(day) == end
